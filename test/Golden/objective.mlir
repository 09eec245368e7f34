// A student that is trained beside a frozen teacher of other sizes whose parameters have the same paths, for a loss of
// two terms.
tritter.block @wide(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %g = tritter.param "norm.weight" : tensor<8xf32>
  %n = tritter.rms_norm %x, %g {eps = 0.1} : tensor<?x?x8xf32>, tensor<8xf32>
  %wu = tritter.param "up.weight" : tensor<12x8xf32>
  %u = tritter.linear %n, %wu : tensor<?x?x8xf32>, tensor<12x8xf32>
  %a = tritter.activation silu %u : tensor<?x?x12xf32>
  %wd = tritter.param "down.weight" : tensor<8x12xf32>
  %d = tritter.linear %a, %wd : tensor<?x?x12xf32>, tensor<8x12xf32>
  %y = tritter.add %x, %d : tensor<?x?x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.block @narrow(%x: tensor<?x?x6xf32>) -> tensor<?x?x6xf32> {
  %wu = tritter.param "up.weight" : tensor<6x6xf32>
  %u = tritter.linear %x, %wu : tensor<?x?x6xf32>, tensor<6x6xf32>
  %a = tritter.activation gelu %u : tensor<?x?x6xf32>
  %y = tritter.add %x, %a : tensor<?x?x6xf32>
  tritter.yield %y : tensor<?x?x6xf32>
}
tritter.model @student(%tokens: tensor<?x?xi32>) -> tensor<?x?x11xf32> {
  %table = tritter.param "embed.weight" : tensor<11x8xf32>
  %h0 = tritter.embedding %tokens, %table : tensor<?x?xi32>, tensor<11x8xf32>
  %h1 = tritter.layer "layers.0" @wide(%h0) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h2 = tritter.layer "layers.1" @wide(%h1) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %g = tritter.param "final_norm.weight" : tensor<8xf32>
  %n = tritter.rms_norm %h2, %g {eps = 0.1} : tensor<?x?x8xf32>, tensor<8xf32>
  %head = tritter.param "head.weight" : tensor<11x8xf32>
  %logits = tritter.linear %n, %head : tensor<?x?x8xf32>, tensor<11x8xf32>
  tritter.yield %logits : tensor<?x?x11xf32>
}
tritter.model @teacher(%tokens: tensor<?x?xi32>) -> tensor<?x?x11xf32> {
  %table = tritter.param "embed.weight" : tensor<11x6xf32>
  %h0 = tritter.embedding %tokens, %table : tensor<?x?xi32>, tensor<11x6xf32>
  %h1 = tritter.layer "layers.0" @narrow(%h0) : (tensor<?x?x6xf32>) -> tensor<?x?x6xf32>
  %head = tritter.param "head.weight" : tensor<11x6xf32>
  %logits = tritter.linear %h1, %head : tensor<?x?x6xf32>, tensor<11x6xf32>
  tritter.yield %logits : tensor<?x?x11xf32>
}
tritter.objective @align trains @student {
^bb0(%tokens: tensor<?x?xi32>, %targets: tensor<?x?xi32>):
  %s = tritter.apply @student(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x11xf32>
  %t = tritter.apply @teacher(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x11xf32>
  %losses = tritter.cross_entropy %s, %targets : tensor<?x?x11xf32>, tensor<?x?xi32>
  tritter.term "cross_entropy" weight 0.75, %losses : tensor<?x?xf32>
  %products = tritter.mul %s, %t : tensor<?x?x11xf32>
  tritter.term "alignment" weight -2.0, %products : tensor<?x?x11xf32>
}
