// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// generic C1
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{ends its body with row.yield}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    %b = arith.addf %a, %a : f32
  }
  tritter.yield
}

// -----

// generic C2
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{yields a value for each of `outputs`, at least one, found 1 for 2}}
  %r:2 = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0, 1] : (tensor<8x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C2
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{yields a value for each of `outputs`, at least one, found 0 for 0}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>] outputs [] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    "row.yield"() : () -> ()
  }
  tritter.yield
}

// -----

// generic C3
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs a view for each of 1 operands and 1 yielded values, found 1}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C4
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{computes in one type, found 'f64' and 'f32'}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    %b = row.column_index : f64
    row.yield %b : f64
  }
  tritter.yield
}

// -----

// generic C4
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{computes in one type, found 'f32' and 'f64'}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0, 0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    %b = row.column_index : f64
    row.yield %a, %b : f32, f64
  }
  tritter.yield
}

// -----

// generic C5
tritter.block @b(%x: tensor<8x4xf32>) {
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    // expected-error @below {{cannot stand in a row kernel}}
    %b = math.atan %a : f32
    row.yield %b : f32
  }
  tritter.yield
}

// -----

// generic C5
tritter.block @b(%x: tensor<8x4xf32>) {
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    // expected-error @below {{cannot stand in a row kernel}}
    %c = arith.cmpf uno, %a, %a : f32
    %b = arith.select %c, %a, %a : f32
    row.yield %b : f32
  }
  tritter.yield
}

// -----

// generic C6
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs views with a positive divisor and nothing negative, found #row.view<element, divisor = 0>}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, divisor = 0>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C6
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs views with a positive divisor and nothing negative, found #row.view<element, modulus = -1>}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, modulus = -1>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C6
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs views with a positive divisor and nothing negative, found #row.view<element, offset = -1>}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, offset = -1>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C6
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs views with a positive divisor and nothing negative, found #row.view<element, row_stride = -4>}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = -4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C6
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs views with a positive divisor and nothing negative, found #row.view<element, column_stride = -1>}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, column_stride = -1>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C7
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{reads operand 0 through column_sum, which is for results}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<column_sum, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C8
tritter.block @b(%x: tensor<8x4xf32>, %y: tensor<8xi32>) {
  // expected-error @below {{gathers by operand -1, which is no i32 with a row view}}
  %r = row.generic rows 8 columns 4 (%x, %y) views [#row.view<gather, row_stride = 4, index = -1>, #row.view<row, row_stride = 1>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>, tensor<8xi32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32, %n: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C8
tritter.block @b(%x: tensor<8x4xf32>, %y: tensor<8xi32>) {
  // expected-error @below {{gathers by operand 2, which is no i32 with a row view}}
  %r = row.generic rows 8 columns 4 (%x, %y) views [#row.view<gather, row_stride = 4, index = 2>, #row.view<row, row_stride = 1>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>, tensor<8xi32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32, %n: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C8
tritter.block @b(%x: tensor<8x4xf32>, %y: tensor<8xi32>) {
  // expected-error @below {{gathers by operand 1, which is no i32 with a row view}}
  %r = row.generic rows 8 columns 4 (%x, %y) views [#row.view<gather, row_stride = 4, index = 1>, #row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>, tensor<8xi32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32, %n: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C8
tritter.block @b(%x: tensor<8x4xf32>, %y: tensor<8xf32>) {
  // expected-error @below {{gathers by operand 1, which is no i32 with a row view}}
  %r = row.generic rows 8 columns 4 (%x, %y) views [#row.view<gather, row_stride = 4, index = 1>, #row.view<row, row_stride = 1>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>, tensor<8xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32, %n: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C9
tritter.block @b(%x: tensor<8xi32>) {
  // expected-error @below {{cannot store through #row.view<column>}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<row, row_stride = 1>, #row.view<column>] outputs [0] : (tensor<8xi32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C9
tritter.block @b(%x: tensor<8xi32>) {
  // expected-error @below {{cannot store through #row.view<gather, row_stride = 4, index = 0>}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<row, row_stride = 1>, #row.view<gather, row_stride = 4, index = 0>] outputs [0] : (tensor<8xi32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C10
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{stores yielded value 0 once a row, but it differs between columns}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<row, row_stride = 1>] outputs [0] : (tensor<8x4xf32>) -> tensor<8xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C10
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{stores yielded value 0 once a row, but it differs between columns}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<scalar>] outputs [0] : (tensor<8x4xf32>) -> tensor<1xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C11
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{has 1 operands and 2 arguments}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32, %b: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C12
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs positive rows and columns and no negative blocks, found 0, 4 and 0}}
  %r = row.generic rows 0 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C12
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs positive rows and columns and no negative blocks, found -8, 4 and 0}}
  %r = row.generic rows -8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C12
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs positive rows and columns and no negative blocks, found 8, 0 and 0}}
  %r = row.generic rows 8 columns 0 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C12
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs positive rows and columns and no negative blocks, found 8, -4 and 0}}
  %r = row.generic rows 8 columns -4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C12
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs positive rows and columns and no negative blocks, found 8, 4 and -1}}
  %r = row.generic rows 8 columns 4 blocks -1 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C13
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{stores to result -1, but has 1}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [-1] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C13
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{stores to result 1, but has 1}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [1] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C14
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{has a result that nothing is stored to}}
  %r:2 = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C15
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{sums columns into 8 elements of 'f32', found 'tensor<4xf32>'}}
  %r = row.generic rows 8 columns 4 blocks 2 (%x) views [#row.view<element, row_stride = 4>, #row.view<column_sum, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C15
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{sums columns into 8 elements of 'f32', found 'tensor<2x4xbf16>'}}
  %r = row.generic rows 8 columns 4 blocks 2 (%x) views [#row.view<element, row_stride = 4>, #row.view<column_sum, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<2x4xbf16> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C15
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{sums columns into 8 elements of 'f32', found 'tensor<?x4xf32>'}}
  %r = row.generic rows 8 columns 4 blocks 2 (%x) views [#row.view<element, row_stride = 4>, #row.view<column_sum, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<?x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C16
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{has blocks if, and only if, a result holds column sums}}
  %r = row.generic rows 8 columns 4 blocks 2 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C16
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{has blocks if, and only if, a result holds column sums}}
  %r = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<column_sum, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<2x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}

// -----

// generic C12
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{has 4611686018427387904 rows or blocks of 4 columns, more elements than 1125899906842624}}
  %r = row.generic rows 4611686018427387904 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] outputs [0] : (tensor<8x4xf32>) -> tensor<8x4xf32> {
  ^bb0(%a: f32):
    row.yield %a : f32
  }
  tritter.yield
}
