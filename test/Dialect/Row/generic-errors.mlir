// RUN: tritter-opt %s --split-input-file --verify-diagnostics

tritter.block @row_of_columns(%x: tensor<8x4xf32>) -> tensor<8xf32> {
  // expected-error @below {{stores yielded value 0 once a row, but it differs between columns}}
  %y = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<row, row_stride = 1>] outputs [0] : (tensor<8x4xf32>) -> tensor<8xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield %y : tensor<8xf32>
}

// -----

tritter.block @sum_without_blocks(%x: tensor<8x4xf32>) -> tensor<4xf32> {
  // expected-error @below {{sums columns into 0 elements of 'f32', found 'tensor<4xf32>'}}
  %y = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<column_sum, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield %y : tensor<4xf32>
}

// -----

tritter.block @gather_by_columns(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // expected-error @below {{gathers by operand 0, which has no row view}}
  %y = row.generic rows 8 columns 4 (%x) views [#row.view<gather, row_stride = 4, index = 0>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield %y : tensor<8x4xf32>
}

// -----

tritter.block @missing_view(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // expected-error @below {{needs a view for each of 1 operands and 1 yielded values, found 1}}
  %y = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield %y : tensor<8x4xf32>
}

// -----

tritter.block @launch(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // expected-error @below {{runs @nothing, which is no row.kernel}}
  %y = row.launch @nothing rows 8 (%x) : (tensor<8x4xf32>) -> tensor<8x4xf32>
  tritter.yield %y : tensor<8x4xf32>
}
