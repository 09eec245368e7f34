// Reshapes that undo each other, and casts that change nothing, fold away.
// RUN: tritter-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: tritter.block @there_and_back
// CHECK-NEXT: tritter.yield %{{.*}}, %{{.*}} :
tritter.block @there_and_back(%x: tensor<2x3x8xf32>, %h: tensor<2x3x2x4xf32>) -> (tensor<2x3x8xf32>, tensor<2x3x2x4xf32>) {
  %0 = tritter.split_heads %x : tensor<2x3x8xf32> -> tensor<2x3x2x4xf32>
  %1 = tritter.merge_heads %0 : tensor<2x3x2x4xf32>
  %2 = tritter.merge_heads %h : tensor<2x3x2x4xf32>
  %3 = tritter.split_heads %2 : tensor<2x3x8xf32> -> tensor<2x3x2x4xf32>
  tritter.yield %1, %3 : tensor<2x3x8xf32>, tensor<2x3x2x4xf32>
}

// Split into other heads than they were merged from, they are something else.
// CHECK-LABEL: tritter.block @other_heads
// CHECK: tritter.merge_heads
// CHECK: tritter.split_heads
tritter.block @other_heads(%h: tensor<2x3x2x4xf32>) -> tensor<2x3x4x2xf32> {
  %0 = tritter.merge_heads %h : tensor<2x3x2x4xf32>
  %1 = tritter.split_heads %0 : tensor<2x3x8xf32> -> tensor<2x3x4x2xf32>
  tritter.yield %1 : tensor<2x3x4x2xf32>
}

// A cast to bf16 and back is no identity.
// CHECK-LABEL: tritter.block @casts
// CHECK-COUNT-2: tritter.cast
// CHECK-NOT: tritter.cast
tritter.block @casts(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = tritter.cast %x : tensor<2xf32> -> tensor<2xf32>
  %1 = tritter.cast %0 : tensor<2xf32> -> tensor<2xbf16>
  %2 = tritter.cast %1 : tensor<2xbf16> -> tensor<2xf32>
  tritter.yield %2 : tensor<2xf32>
}
