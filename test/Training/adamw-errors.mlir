// RUN: tritter-opt %s --split-input-file --verify-diagnostics --tritter-adamw

// expected-error @below {{has nothing to train: every parameter is frozen}}
tritter.model @m(%tokens: tensor<2x16xi32>) -> tensor<2x16x8xf32> {
  %e = tritter.param "embed.weight" {frozen} : tensor<512x8xf32>
  %x = tritter.embedding %tokens, %e : tensor<2x16xi32>, tensor<512x8xf32>
  tritter.yield %x : tensor<2x16x8xf32>
}

// -----

// expected-error @below {{expected one tritter.model, or a tritter.objective that says which is trained; found 0 models}}
module {}
