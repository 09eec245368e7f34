// Models that cannot be grown in depth, or not by llama-pro.
// RUN: tritter-opt %s --split-input-file --verify-diagnostics --tritter-depth-upscale="strategy=llama-pro layers=2"

// The block normalises the stream itself, so no copy of it changes nothing.
// expected-error @below {{llama-pro needs a block that is its argument plus linear branches, @post is not}}
tritter.block @post(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %w = tritter.param "mlp.weight" : tensor<8x8xf32>
  %g = tritter.param "norm.weight" : tensor<8xf32>
  %y = tritter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  %s = tritter.add %x, %y : tensor<?x?x8xf32>
  // expected-note @below {{this stands on the stream}}
  %n = tritter.rms_norm %s, %g {eps = 1.0e-5} : tensor<?x?x8xf32>, tensor<8xf32>
  tritter.yield %n : tensor<?x?x8xf32>
}
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "embed.weight" : tensor<8x8xf32>
  %h = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<8x8xf32>
  %h1 = tritter.layer "layers.0" @post(%h) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  tritter.yield %h1 : tensor<?x?x8xf32>
}

// -----

// expected-error @below {{llama-pro needs a block that is its argument plus linear branches, @gate is not}}
tritter.block @gate(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %a = tritter.activation silu %x : tensor<?x?x8xf32>
  // expected-note @below {{neither side ends in tritter.linear}}
  %s = tritter.add %x, %a : tensor<?x?x8xf32>
  tritter.yield %s : tensor<?x?x8xf32>
}
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "embed.weight" : tensor<8x8xf32>
  %h = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<8x8xf32>
  %h1 = tritter.layer "layers.0" @gate(%h) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  tritter.yield %h1 : tensor<?x?x8xf32>
}

// -----

// Zeroing a weight that is used elsewhere too would change more than the branch.
// expected-error @below {{llama-pro needs a block that is its argument plus linear branches, @shared is not}}
tritter.block @shared(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %w = tritter.param "mlp.weight" : tensor<8x8xf32>
  %a = tritter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  // expected-note @below {{its weight is no parameter of its own}}
  %b = tritter.linear %a, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  %s = tritter.add %x, %b : tensor<?x?x8xf32>
  tritter.yield %s : tensor<?x?x8xf32>
}
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "embed.weight" : tensor<8x8xf32>
  %h = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<8x8xf32>
  %h1 = tritter.layer "layers.0" @shared(%h) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  tritter.yield %h1 : tensor<?x?x8xf32>
}
