// RUN: tritter-opt %s --split-input-file --verify-diagnostics
// What every operation is held to: sizes that can be counted, finite numbers, names of attributes that it has.

tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  // expected-error @below {{has a dimension of 0 in 'tensor<0x8xf32>'; each must be at least 1}}
  %w = tritter.param "embed.weight" : tensor<0x8xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<0x8xf32>
  tritter.yield %x : tensor<?x?x8xf32>
}

// -----

// Of the arguments too, whatever reads them.
// expected-error @below {{has a dimension of 0 in 'tensor<?x?x0xf32>'; each must be at least 1}}
tritter.block @b(%x: tensor<?x?x0xf32>) {
  tritter.yield
}

// -----

// A batch of nothing.
// expected-error @below {{has a dimension of 0 in 'tensor<0x6xi32>'; each must be at least 1}}
tritter.model @m(%tokens: tensor<0x6xi32>) -> tensor<0x6x8xf32> {
  %e = tritter.param "embed.weight" : tensor<8x8xf32>
  %x0 = tritter.embedding %tokens, %e : tensor<0x6xi32>, tensor<8x8xf32>
  tritter.yield %x0 : tensor<0x6x8xf32>
}

// -----

// Products that 64 bits do not hold.
// expected-error @below {{has more elements in 'tensor<?x4294967296x4294967296xf32>' than the 1125899906842624 that a tensor may have}}
tritter.block @b(%x: tensor<?x4294967296x4294967296xf32>) {
  tritter.yield
}

// -----

%p = "tritter.param"() <{path = "w"}> ({
  // expected-error @below {{has more elements in 'tensor<2251799813685248xf32>' than the 1125899906842624}}
  %z = growth.zero : tensor<2251799813685248xf32>
  growth.yield %z : tensor<2251799813685248xf32>
}) : () -> tensor<8xf32>

// -----

tritter.block @b(%x: tensor<2x8xf32>, %w: tensor<8xf32>) {
  // expected-error @below {{needs a finite eps, within the range of f32, found 0x7FF0000000000000 : f64}}
  %y = tritter.rms_norm %x, %w {eps = 0x7FF0000000000000 : f64} : tensor<2x8xf32>, tensor<8xf32>
  tritter.yield
}

// -----

// Finite in f64, and not where it is computed with.
// expected-error @below {{needs a finite norm_eps, within the range of f32, found 1.000000e+300 : f64}}
tritter.decoder @d {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, norm_eps = 1.0e300}

// -----

// expected-error @below {{needs a finite rope_theta, within the range of f32, found 0x7FF8000000000000 : f64}}
tritter.decoder @d {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, rope_theta = 0x7FF8000000000000 : f64}

// -----

// expected-error @below {{has no attribute kvheads: did you mean kv_heads?}}
tritter.decoder @d {layers = 2, hidden = 8, heads = 2, kvheads = 1, intermediate = 16, vocab = 32}

// -----

// expected-error @below {{has no attribute window, it has }}
tritter.decoder @d {layers = 2, hidden = 8, heads = 2, window = 1, intermediate = 16, vocab = 32}

// -----

tritter.block @b(%x: tensor<2x3x2x4xf32>) {
  // expected-error @below {{has no attribute scal: did you mean scale?}}
  %y = tritter.attention %x, %x, %x {scal = 1.0} : tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>
  tritter.yield
}

// -----

// A dialect's own attributes stand on any operation.
tritter.decoder @d {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, other.note = "mine"}
