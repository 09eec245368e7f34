// RUN: tritter-opt %s --split-input-file --verify-diagnostics --tritter-differentiate
// RUN: not tritter-opt %s --split-input-file --tritter-differentiate=head-rows=0 2>&1 | FileCheck %s

// CHECK: head-rows must be positive, found 0

// expected-error @below {{has nothing to train: every parameter that its loss depends on is frozen}}
tritter.model @m(%tokens: tensor<2x6xi32>) -> tensor<2x6x8xf32> {
  %e = tritter.param "embed.weight" {frozen} : tensor<8x8xf32>
  %x0 = tritter.embedding %tokens, %e : tensor<2x6xi32>, tensor<8x8xf32>
  tritter.yield %x0 : tensor<2x6x8xf32>
}

// -----

// expected-error @below {{needs a static batch and sequence (--tritter-specialize), found 'tensor<?x6xi32>'}}
tritter.model @m(%tokens: tensor<?x6xi32>) -> tensor<?x6x8xf32> {
  %e = tritter.param "embed.weight" : tensor<8x8xf32>
  %x0 = tritter.embedding %tokens, %e : tensor<?x6xi32>, tensor<8x8xf32>
  tritter.yield %x0 : tensor<?x6x8xf32>
}

// -----

// An operation without a gradient, where one is needed.
tritter.model @m(%tokens: tensor<2x6xi32>) -> tensor<2x6x8xf32> {
  %e = tritter.param "embed.weight" : tensor<8x8xf32>
  %x0 = tritter.embedding %tokens, %e : tensor<2x6xi32>, tensor<8x8xf32>
  // expected-error @below {{has no gradient; --tritter-differentiate needs its DifferentiableOpInterface}}
  %x1 = tritter.activation_grad silu %x0, %x0 : tensor<2x6x8xf32>
  tritter.yield %x1 : tensor<2x6x8xf32>
}

// -----

// expected-error @below {{expected one tritter.model, or a tritter.objective that says which is trained; found 2 models}}
module {
  tritter.model @a(%tokens: tensor<2x6xi32>) -> tensor<2x6x8xf32> {
    %e = tritter.param "embed.weight" : tensor<8x8xf32>
    %x0 = tritter.embedding %tokens, %e : tensor<2x6xi32>, tensor<8x8xf32>
    tritter.yield %x0 : tensor<2x6x8xf32>
  }
  tritter.model @b(%tokens: tensor<2x6xi32>) -> tensor<2x6x8xf32> {
    %e = tritter.param "embed.weight" : tensor<8x8xf32>
    %x0 = tritter.embedding %tokens, %e : tensor<2x6xi32>, tensor<8x8xf32>
    tritter.yield %x0 : tensor<2x6x8xf32>
  }
}
