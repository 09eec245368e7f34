// Graphs that no decoder makes: for the rules of differentiation that no family needs.
// Two inputs and two results; a square; one result is passed on as it came.
tritter.block @pair(%x: tensor<?x?x8xf32>, %y: tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %w = tritter.param "weight" : tensor<8x8xf32>
  %b = tritter.param "bias" : tensor<8xf32>
  %p = tritter.linear %x, %w bias %b : tensor<?x?x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  %q = tritter.mul %p, %p : tensor<?x?x8xf32>
  %s = tritter.add %q, %y : tensor<?x?x8xf32>
  tritter.yield %s, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}
// An embedding inside a block.
tritter.block @embed(%t: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %e = tritter.param "weight" : tensor<11x8xf32>
  %x = tritter.embedding %t, %e : tensor<?x?xi32>, tensor<11x8xf32>
  tritter.yield %x : tensor<?x?x8xf32>
}
tritter.model @odd(%tokens: tensor<?x?xi32>) -> tensor<?x?x11xf32> {
  %x = tritter.layer "embed" @embed(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x8xf32>
  %g = tritter.param "norm.weight" : tensor<8xf32>
  %n = tritter.rms_norm %x, %g {eps = 0.1} : tensor<?x?x8xf32>, tensor<8xf32>
  // One block twice, each time with all that it takes and gives.
  %a, %b = tritter.layer "first" @pair(%n, %x) : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>)
  %c, %d = tritter.layer "second" @pair(%a, %b) : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>)
  // A result that nothing uses, a layer that nothing uses.
  %e, %f = tritter.layer "third" @pair(%d, %n) : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>)
  %i, %j = tritter.layer "unused" @pair(%d, %n) : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>)
  %k = tritter.add %c, %e : tensor<?x?x8xf32>
  // A head of two products and a skip.
  %w1 = tritter.param "head.up.weight" : tensor<11x8xf32>
  %b1 = tritter.param "head.up.bias" : tensor<11xf32>
  %w2 = tritter.param "head.down.weight" : tensor<11x11xf32>
  %u = tritter.linear %k, %w1 bias %b1 : tensor<?x?x8xf32>, tensor<11x8xf32>, tensor<11xf32>
  %v = tritter.activation gelu %u : tensor<?x?x11xf32>
  %z = tritter.linear %v, %w2 : tensor<?x?x11xf32>, tensor<11x11xf32>
  %logits = tritter.add %z, %u : tensor<?x?x11xf32>
  tritter.yield %logits : tensor<?x?x11xf32>
}
