// Only a chain of layers can be grown.
// RUN: tritter-opt %s --split-input-file --verify-diagnostics --tritter-depth-upscale="strategy=stack layers=4"

tritter.block @b(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  tritter.yield %x : tensor<?x?x8xf32>
}
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "embed.weight" : tensor<8x8xf32>
  %h = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<8x8xf32>
  %h1 = tritter.layer "layers.0" @b(%h) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  // expected-error @below {{the layers of @m are no chain: "layers.1" must take what the layer before it gives}}
  %h2 = tritter.layer "layers.1" @b(%h) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %s = tritter.add %h1, %h2 : tensor<?x?x8xf32>
  tritter.yield %s : tensor<?x?x8xf32>
}

// -----

// expected-error @below {{the model has no layers to grow}}
tritter.model @empty(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "embed.weight" : tensor<8x8xf32>
  %h = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<8x8xf32>
  tritter.yield %h : tensor<?x?x8xf32>
}
