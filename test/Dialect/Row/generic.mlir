// RUN: tritter-opt %s | tritter-opt | FileCheck %s

// Every kind of view, a reduction, two stores into one result.

// CHECK-LABEL: tritter.block @views
// CHECK: row.generic rows 8 columns 4 blocks 2(
// CHECK-SAME: views [#row.view<element, row_stride = 4>, #row.view<column>, #row.view<row, row_stride = 1>, #row.view<gather, row_stride = 4, index = 2>,
// CHECK-SAME: #row.view<element, row_stride = 8>, #row.view<element, row_stride = 8, offset = 4>, #row.view<column_sum, row_stride = 4>]
// CHECK-SAME: outputs [0, 0, 1]
// CHECK: row.reduce maximum
tritter.block @views(%x: tensor<8x4xf32>, %g: tensor<4xbf16>, %i: tensor<8xi32>, %t: tensor<9x4xf32>) -> (tensor<8x8xf32>, tensor<2x4xf32>) {
  %r:2 = row.generic rows 8 columns 4 blocks 2 (%x, %g, %i, %t)
      views [#row.view<element, row_stride = 4>, #row.view<column>, #row.view<row, row_stride = 1>,
             #row.view<gather, row_stride = 4, index = 2>, #row.view<element, row_stride = 8>,
             #row.view<element, row_stride = 8, offset = 4>, #row.view<column_sum, row_stride = 4>]
      outputs [0, 0, 1] : (tensor<8x4xf32>, tensor<4xbf16>, tensor<8xi32>, tensor<9x4xf32>) -> (tensor<8x8xf32>, tensor<2x4xf32>) {
  ^bb0(%a: f32, %b: f32, %n: f32, %d: f32):
    %c = arith.mulf %a, %b : f32
    %m = row.reduce maximum %c : f32
    %e = arith.subf %d, %m : f32
    row.yield %c, %e, %a : f32, f32, f32
  }
  tritter.yield %r#0, %r#1 : tensor<8x8xf32>, tensor<2x4xf32>
}

// CHECK-LABEL: row.kernel @double columns 4 views
row.kernel @double columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, bf16] outputs [0] {
^bb0(%a: f32):
  %b = arith.addf %a, %a : f32
  row.yield %b : f32
}

// CHECK-LABEL: tritter.block @launch
// CHECK: row.launch @double rows 8(%{{.*}}) : (tensor<8x4xf32>) -> tensor<8x4xbf16>
tritter.block @launch(%x: tensor<8x4xf32>) -> tensor<8x4xbf16> {
  %y = row.launch @double rows 8 (%x) : (tensor<8x4xf32>) -> tensor<8x4xbf16>
  tritter.yield %y : tensor<8x4xbf16>
}
