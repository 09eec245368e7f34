// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// kernel C1
// expected-error @below {{ends its body with row.yield}}
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  %b = arith.addf %a, %a : f32
}

// -----

// kernel C2
// expected-error @below {{yields a value for each of `outputs`, at least one, found 1 for 2}}
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, f32, f32] outputs [0, 1] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C2
// expected-error @below {{yields a value for each of `outputs`, at least one, found 0 for 0}}
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>] types [f32] outputs [] {
^bb0(%a: f32):
  "row.yield"() : () -> ()
}

// -----

// kernel C3
// expected-error @below {{needs a view for each of 1 operands and 1 yielded values, found 1}}
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>] types [f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C4
// expected-error @below {{computes in one type, found 'f64' and 'f32'}}
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  %b = row.column_index : f64
  row.yield %b : f64
}

// -----

// kernel C4
// expected-error @below {{computes in one type, found 'f32' and 'f64'}}
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, f32, f32] outputs [0, 0] {
^bb0(%a: f32):
  %b = row.column_index : f64
  row.yield %a, %b : f32, f64
}

// -----

// kernel C5
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  // expected-error @below {{cannot stand in a row kernel}}
  %b = math.atan %a : f32
  row.yield %b : f32
}

// -----

// kernel C5
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  // expected-error @below {{cannot stand in a row kernel}}
  %c = arith.cmpf uno, %a, %a : f32
  %b = arith.select %c, %a, %a : f32
  row.yield %b : f32
}

// -----

// kernel C6
// expected-error @below {{needs views with a positive divisor and nothing negative, found #row.view<element, divisor = 0>}}
row.kernel @k columns 4 views [#row.view<element, divisor = 0>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C6
// expected-error @below {{needs views with a positive divisor and nothing negative, found #row.view<element, modulus = -1>}}
row.kernel @k columns 4 views [#row.view<element, modulus = -1>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C6
// expected-error @below {{needs views with a positive divisor and nothing negative, found #row.view<element, offset = -1>}}
row.kernel @k columns 4 views [#row.view<element, offset = -1>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C6
// expected-error @below {{needs views with a positive divisor and nothing negative, found #row.view<element, row_stride = -4>}}
row.kernel @k columns 4 views [#row.view<element, row_stride = -4>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C6
// expected-error @below {{needs views with a positive divisor and nothing negative, found #row.view<element, column_stride = -1>}}
row.kernel @k columns 4 views [#row.view<element, column_stride = -1>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C7
// expected-error @below {{reads operand 0 through column_sum, which is for results}}
row.kernel @k columns 4 views [#row.view<column_sum, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C8
// expected-error @below {{gathers by operand -1, which is no i32 with a row view}}
row.kernel @k columns 4 views [#row.view<gather, row_stride = 4, index = -1>, #row.view<row, row_stride = 1>, #row.view<element, row_stride = 4>] types [f32, i32, f32] outputs [0] {
^bb0(%a: f32, %n: f32):
  row.yield %a : f32
}

// -----

// kernel C8
// expected-error @below {{gathers by operand 2, which is no i32 with a row view}}
row.kernel @k columns 4 views [#row.view<gather, row_stride = 4, index = 2>, #row.view<row, row_stride = 1>, #row.view<element, row_stride = 4>] types [f32, i32, f32] outputs [0] {
^bb0(%a: f32, %n: f32):
  row.yield %a : f32
}

// -----

// kernel C8
// expected-error @below {{gathers by operand 1, which is no i32 with a row view}}
row.kernel @k columns 4 views [#row.view<gather, row_stride = 4, index = 1>, #row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, i32, f32] outputs [0] {
^bb0(%a: f32, %n: f32):
  row.yield %a : f32
}

// -----

// kernel C8
// expected-error @below {{gathers by operand 1, which is no i32 with a row view}}
row.kernel @k columns 4 views [#row.view<gather, row_stride = 4, index = 1>, #row.view<row, row_stride = 1>, #row.view<element, row_stride = 4>] types [f32, f32, f32] outputs [0] {
^bb0(%a: f32, %n: f32):
  row.yield %a : f32
}

// -----

// kernel C9
// expected-error @below {{cannot store through #row.view<column>}}
row.kernel @k columns 4 views [#row.view<row, row_stride = 1>, #row.view<column>] types [i32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C9
// expected-error @below {{cannot store through #row.view<gather, row_stride = 4, index = 0>}}
row.kernel @k columns 4 views [#row.view<row, row_stride = 1>, #row.view<gather, row_stride = 4, index = 0>] types [i32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C10
// expected-error @below {{stores yielded value 0 once a row, but it differs between columns}}
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<row, row_stride = 1>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C10
// expected-error @below {{stores yielded value 0 once a row, but it differs between columns}}
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<scalar>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C11
// expected-error @below {{needs a type for each view, found 1 for 2}}
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C12
// expected-error @below {{needs positive columns, found 0}}
row.kernel @k columns 0 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C12
// expected-error @below {{needs positive columns, found -4}}
row.kernel @k columns -4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C13
// expected-error @below {{stores to result -1; results are numbered from 0}}
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [-1] {
^bb0(%a: f32):
  row.yield %a : f32
}

// -----

// kernel C12
// expected-error @below {{has 1 rows or blocks of 9223372036854775807 columns, more elements than 1125899906842624}}
row.kernel @k columns 9223372036854775807 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}
