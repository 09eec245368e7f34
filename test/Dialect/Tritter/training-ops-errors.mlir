// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// chunk C1
tritter.block @b(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  // expected-error @below {{needs a positive number of rows, found 0}}
  %0 = tritter.chunk rows 0 (%x) : (tensor<2x4x8xf32>) -> (tensor<2x4x8xf32>) {
  ^bb0(%r: tensor<4x8xf32>):
    tritter.yield %r : tensor<4x8xf32>
  }
  tritter.yield %0 : tensor<2x4x8xf32>
}

// -----

// chunk C2
tritter.block @b(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  // expected-error @below {{has 1 operands and 2 arguments}}
  %0 = tritter.chunk rows 4 (%x) : (tensor<2x4x8xf32>) -> (tensor<2x4x8xf32>) {
  ^bb0(%r: tensor<4x8xf32>, %s: tensor<4x8xf32>):
    tritter.yield %r : tensor<4x8xf32>
  }
  tritter.yield %0 : tensor<2x4x8xf32>
}

// -----

// chunk C7
// 3 rows at a time do not make 8.
tritter.block @b(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  // expected-error @below {{takes chunks of 3 rows of 'tensor<2x4x8xf32>', whose 8 rows they do not divide}}
  %0 = tritter.chunk rows 3 (%x) : (tensor<2x4x8xf32>) -> (tensor<2x4x8xf32>) {
  ^bb0(%r: tensor<3x8xf32>):
    tritter.yield %r : tensor<3x8xf32>
  }
  tritter.yield %0 : tensor<2x4x8xf32>
}

// -----

// chunk C3
tritter.block @b(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  // expected-error @below {{yields 0 values for 1 results}}
  %0 = tritter.chunk rows 4 (%x) : (tensor<2x4x8xf32>) -> (tensor<2x4x8xf32>) {
  ^bb0(%r: tensor<4x8xf32>):
    tritter.yield
  }
  tritter.yield %0 : tensor<2x4x8xf32>
}

// -----

// chunk C6
tritter.block @b(%x: tensor<2x4x8xf32>) -> tensor<2x4x6xf32> {
  // expected-error @below {{yields chunks 'tensor<4x8xf32>' of 'tensor<2x4x6xf32>', expected its element type and its last axis}}
  %0 = tritter.chunk rows 4 (%x) : (tensor<2x4x8xf32>) -> (tensor<2x4x6xf32>) {
  ^bb0(%r: tensor<4x8xf32>):
    tritter.yield %r : tensor<4x8xf32>
  }
  tritter.yield %0 : tensor<2x4x6xf32>
}

// -----

// chunk C5
// Leading axes of a tensor without axes.
tritter.block @b(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{takes chunks 'tensor<1x1xf32>' of 'tensor<f32>', which needs a static shape with as many axes or more}}
  %0 = tritter.chunk rows 1 (%x) : (tensor<f32>) -> (tensor<f32>) {
  ^bb0(%r: tensor<1x1xf32>):
    tritter.yield %x : tensor<f32>
  }
  tritter.yield %0 : tensor<f32>
}

// -----

// chunk C4
tritter.block @b(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // expected-error @below {{takes 'f32', expected a vector or a matrix of 4 rows}}
  %0 = tritter.chunk rows 4 (%x) : (tensor<8x4xf32>) -> (tensor<8x4xf32>) {
  ^bb0(%r: f32):
    tritter.yield %x : tensor<8x4xf32>
  }
  tritter.yield %0 : tensor<8x4xf32>
}

// -----

// chunk C8
// Twice as many tokens as rows.
tritter.block @b(%x: tensor<8x4xf32>, %tokens: tensor<16xi32>) -> tensor<8x4xf32> {
  // expected-error @below {{takes chunks of the 16 rows of 'tensor<16xi32>', expected 8 rows as the first operand has}}
  %0 = tritter.chunk rows 4 (%x, %tokens) : (tensor<8x4xf32>, tensor<16xi32>) -> (tensor<8x4xf32>) {
  ^bb0(%r: tensor<4x4xf32>, %t: tensor<4xi32>):
    tritter.yield %r : tensor<4x4xf32>
  }
  tritter.yield %0 : tensor<8x4xf32>
}

// -----

// chunk C4
tritter.block @b(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // expected-error @below {{takes 'tensor<2x2x4xf32>', expected a vector or a matrix of 4 rows}}
  %0 = tritter.chunk rows 4 (%x) : (tensor<8x4xf32>) -> (tensor<8x4xf32>) {
  ^bb0(%r: tensor<2x2x4xf32>):
    tritter.yield %x : tensor<8x4xf32>
  }
  tritter.yield %0 : tensor<8x4xf32>
}

// -----

// chunk C4
tritter.block @b(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // expected-error @below {{takes 'tensor<2x4xf32>', expected a vector or a matrix of 4 rows}}
  %0 = tritter.chunk rows 4 (%x) : (tensor<8x4xf32>) -> (tensor<8x4xf32>) {
  ^bb0(%r: tensor<2x4xf32>):
    tritter.yield %x : tensor<8x4xf32>
  }
  tritter.yield %0 : tensor<8x4xf32>
}

// -----

// chunk C5
tritter.block @b(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // expected-error @below {{takes chunks 'tensor<4x4xf32>' of 'tensor<?x4xf32>', which needs a static shape with as many axes or more}}
  %0 = tritter.chunk rows 4 (%x) : (tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  ^bb0(%r: tensor<4x4xf32>):
    tritter.yield %x : tensor<?x4xf32>
  }
  tritter.yield %0 : tensor<?x4xf32>
}

// -----

// chunk C6
tritter.block @b(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // expected-error @below {{takes chunks 'tensor<4x4xbf16>' of 'tensor<8x4xf32>', expected its element type and its last axis}}
  %0 = tritter.chunk rows 4 (%x) : (tensor<8x4xf32>) -> (tensor<8x4xf32>) {
  ^bb0(%r: tensor<4x4xbf16>):
    tritter.yield %x : tensor<8x4xf32>
  }
  tritter.yield %0 : tensor<8x4xf32>
}

// -----

// adamw C1
tritter.block @b(%w: tensor<f32>) {
  // expected-error @below {{master, gradient and moments must have one shape of rank 1 or more, found 'tensor<f32>' and 'tensor<f32>'}}
  %0, %1, %2 = tritter.adamw %w, %w, %w, %w, %w, %w, %w, %w, %w, %w, %w, %w : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
  tritter.yield
}

// -----

// adamw C2
tritter.block @b(%w: tensor<4x8xf32>, %n: tensor<8x4xf32>, %s: tensor<f32>) {
  // expected-error @below {{master, gradient and moments must have one shape of rank 1 or more, found 'tensor<4x8xf32>' and 'tensor<8x4xf32>'}}
  %0, %1, %2 = tritter.adamw %w, %n, %w, %w, %s, %s, %s, %s, %s, %s, %s, %s : tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
  tritter.yield
}

// -----

// adamw C2
tritter.block @b(%w: tensor<4x8xf32>, %n: tensor<8x4xf32>, %s: tensor<f32>) {
  // expected-error @below {{master, gradient and moments must have one shape of rank 1 or more, found 'tensor<4x8xf32>' and 'tensor<8x4xf32>'}}
  %0, %1, %2 = tritter.adamw %w, %w, %n, %w, %s, %s, %s, %s, %s, %s, %s, %s : tensor<4x8xf32>, tensor<4x8xf32>, tensor<8x4xf32>, tensor<4x8xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
  tritter.yield
}

// -----

// adamw C2
tritter.block @b(%w: tensor<4x8xf32>, %n: tensor<8x4xf32>, %s: tensor<f32>) {
  // expected-error @below {{master, gradient and moments must have one shape of rank 1 or more, found 'tensor<4x8xf32>' and 'tensor<8x4xf32>'}}
  %0, %1, %2 = tritter.adamw %w, %w, %w, %n, %s, %s, %s, %s, %s, %s, %s, %s : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<8x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
  tritter.yield
}

// -----

// state C1
tritter.program @p() attributes {names = []} {
  // expected-error @below {{says how it grows with its parameter (`grows linear`, `adjoint`, `adjoint_squared` or `zero`), found nothing about "fisher"}}
  %m = tritter.state "fisher" of "decay" : tensor<1x1024xf32>
  tritter.yield
}

// -----

// state C2
tritter.program @p() attributes {names = []} {
  // expected-error @below {{reads every parameter's gradient, which is not kept state, found one that grows adjoint}}
  %m = tritter.state "gradient" of "decay" grows adjoint : tensor<1x1024xf32>
  tritter.yield
}

// -----

// group C1
// expected-error @below {{a group is named by letters, digits, `_` and `-`, and not decay or no_decay, found "no_decay"}}
module attributes {tritter.groups = [#tritter.group<"no_decay" = "layers.*">]} {}

// -----

// group C2
// expected-error @below {{the paths of a group are patterns, found "layers.["}}
module attributes {tritter.groups = [#tritter.group<"young" = "layers.[">]} {}

// -----

// group C3
// expected-error @below {{a group learns at a finite multiple of the learning rate above 0, found -1.000000e+00 : f64}}
module attributes {tritter.groups = [#tritter.group<"young" = "layers.*" at -1.0 : f64>]} {}
