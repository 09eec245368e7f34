// A model of operations that nothing in the compiler or the runtime knows: in its blocks, and in its head.
tritter.block @odd(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %gain = tritter.param "affine.gain" : tensor<8xf32> = #tritter.constant<1.0>
  %both = tritter.param "both.weight" : tensor<8x8xf32> = #tritter.normal<0.3>
  %out = tritter.param "out.weight" : tensor<8x8xf32> = #tritter.normal<0.3>
  %a = test.affine %x, %gain {shift = 0.25} : tensor<?x?x8xf32>, tensor<8xf32>
  %forth, %back = test.both_ways %a, %both : tensor<?x?x8xf32>, tensor<8x8xf32>
  %s = tritter.activation silu %forth : tensor<?x?x8xf32>
  %m = tritter.mul %s, %back : tensor<?x?x8xf32>
  %y = tritter.linear %m, %out : tensor<?x?x8xf32>, tensor<8x8xf32>
  %z = tritter.add %x, %y : tensor<?x?x8xf32>
  tritter.yield %z : tensor<?x?x8xf32>
}
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x11xf32> {
  %table = tritter.param "embed.weight" : tensor<11x8xf32> = #tritter.normal<0.3>
  %h0 = tritter.embedding %tokens, %table : tensor<?x?xi32>, tensor<11x8xf32>
  %h1 = tritter.layer "layers.0" @odd(%h0) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h2 = tritter.layer "layers.1" @odd(%h1) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %norm = tritter.param "norm.weight" : tensor<8xf32> = #tritter.constant<1.0>
  %n = tritter.rms_norm %h2, %norm {eps = 0.1} : tensor<?x?x8xf32>, tensor<8xf32>
  %wide = tritter.param "head.weight" : tensor<11x8xf32> = #tritter.normal<0.3>
  %gain = tritter.param "head.gain" : tensor<11xf32> = #tritter.constant<1.0>
  %w = tritter.linear %n, %wide : tensor<?x?x8xf32>, tensor<11x8xf32>
  %logits = test.affine %w, %gain {shift = -0.5} : tensor<?x?x11xf32>, tensor<11xf32>
  tritter.yield %logits : tensor<?x?x11xf32>
}
