// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// launch C1
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, bf16] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{runs @nothing, which is no row.kernel}}
  %r = row.launch @nothing rows 8 (%x) : (tensor<8x4xf32>) -> tensor<8x4xbf16>
  tritter.yield
}

// -----

// launch C1
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, bf16] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{runs @b, which is no row.kernel}}
  %r = row.launch @b rows 8 (%x) : (tensor<8x4xf32>) -> tensor<8x4xbf16>
  tritter.yield
}

// -----

// launch C2
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, bf16] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}
tritter.block @b(%x: tensor<8x4xf32>, %y: tensor<8x4xf32>) {
  // expected-error @below {{gives 2 operands to a kernel with 1}}
  %r = row.launch @k rows 8 (%x, %y) : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x4xbf16>
  tritter.yield
}

// -----

// launch C3
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, bf16] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}
tritter.block @b(%x: tensor<8x4xf64>) {
  // expected-error @below {{gives 'tensor<8x4xf64>' where the kernel takes elements of 'f32'}}
  %r = row.launch @k rows 8 (%x) : (tensor<8x4xf64>) -> tensor<8x4xbf16>
  tritter.yield
}

// -----

// launch C4
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, bf16] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{has no result 0 with elements of 'bf16'}}
  %r = row.launch @k rows 8 (%x) : (tensor<8x4xf32>) -> tensor<8x4xf32>
  tritter.yield
}

// -----

// launch C4
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, bf16] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{has no result 0 with elements of 'bf16'}}
  row.launch @k rows 8 (%x) : (tensor<8x4xf32>) -> ()
  tritter.yield
}

// -----

// launch C5
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, bf16] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs positive rows and no negative blocks, found 0 and 0}}
  %r = row.launch @k rows 0 (%x) : (tensor<8x4xf32>) -> tensor<8x4xbf16>
  tritter.yield
}

// -----

// launch C5
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, bf16] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs positive rows and no negative blocks, found -8 and 0}}
  %r = row.launch @k rows -8 (%x) : (tensor<8x4xf32>) -> tensor<8x4xbf16>
  tritter.yield
}

// -----

// launch C5
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, bf16] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{needs positive rows and no negative blocks, found 8 and -1}}
  %r = row.launch @k rows 8 blocks -1 (%x) : (tensor<8x4xf32>) -> tensor<8x4xbf16>
  tritter.yield
}

// -----

// launch C5
row.kernel @k columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>] types [f32, bf16] outputs [0] {
^bb0(%a: f32):
  row.yield %a : f32
}
tritter.block @b(%x: tensor<8x4xf32>) {
  // expected-error @below {{has 9223372036854775807 rows or blocks of 4 columns, more elements than 1125899906842624}}
  %r = row.launch @k rows 9223372036854775807 (%x) : (tensor<8x4xf32>) -> tensor<8x4xbf16>
  tritter.yield
}
