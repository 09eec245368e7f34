// RUN: tritter-opt %s --tritter-to-row --row-outline | FileCheck %s

// Equal bodies share a kernel, whatever the number of rows; another type makes another kernel.

// CHECK-LABEL: tritter.block @adds
// CHECK: row.launch @add.0 rows 2(
// CHECK: row.launch @add.0 rows 6(
// CHECK: row.launch @add.1 rows 2(
tritter.block @adds(%x: tensor<2x4xf32>, %y: tensor<2x3x4xf32>, %z: tensor<2x4xbf16>) -> (tensor<2x4xf32>, tensor<2x3x4xf32>, tensor<2x4xbf16>) {
  %a = tritter.add %x, %x : tensor<2x4xf32>
  %b = tritter.add %y, %y : tensor<2x3x4xf32>
  %c = tritter.add %z, %z : tensor<2x4xbf16>
  tritter.yield %a, %b, %c : tensor<2x4xf32>, tensor<2x3x4xf32>, tensor<2x4xbf16>
}

// CHECK: row.kernel @add.0 columns 4 views {{.*}} types [f32, f32, f32]
// CHECK: row.kernel @add.1 columns 4 views {{.*}} types [bf16, bf16, bf16]
// CHECK-NOT: row.kernel
