// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// objective C1
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %w = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<?x?x16xf32>
}
// expected-error @below {{trains @n, which is no tritter.model}}
tritter.objective @o trains @n {
^bb0(%tokens: tensor<?x?xi32>, %targets: tensor<?x?xi32>):
  %s = tritter.apply @m(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %l = tritter.cross_entropy %s, %targets : tensor<?x?x16xf32>, tensor<?x?xi32>
  tritter.term "cross_entropy" weight 1.0, %l : tensor<?x?xf32>
}

// -----

// objective C2
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %w = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<?x?x16xf32>
}
// expected-error @below {{takes tokens and targets, two tensors of i32 of one shape, found 'tensor<?x?xi32>', 'tensor<?xi32>'}}
tritter.objective @o trains @m {
^bb0(%tokens: tensor<?x?xi32>, %targets: tensor<?xi32>):
  %s = tritter.apply @m(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x16xf32>
  tritter.term "logits" weight 1.0, %s : tensor<?x?x16xf32>
}

// -----

// objective C3
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %w = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<?x?x16xf32>
}
tritter.objective @o trains @m {
^bb0(%tokens: tensor<?x?xi32>, %targets: tensor<?x?xi32>):
  %s = tritter.apply @m(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %l = tritter.cross_entropy %s, %targets : tensor<?x?x16xf32>, tensor<?x?xi32>
  tritter.term "cross_entropy" weight 1.0, %l : tensor<?x?xf32>
  // expected-error @below {{is the second of the name "cross_entropy"}}
  tritter.term "cross_entropy" weight 1.0, %l : tensor<?x?xf32>
}

// -----

// objective C4
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %w = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<?x?x16xf32>
}
// expected-error @below {{has no tritter.term, so its loss would be 0}}
tritter.objective @o trains @m {
^bb0(%tokens: tensor<?x?xi32>, %targets: tensor<?x?xi32>):
  %s = tritter.apply @m(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x16xf32>
}

// -----

// objective C5
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %w = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<?x?x16xf32>
}
tritter.model @n(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %w = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<?x?x16xf32>
}
// expected-error @below {{trains @m and does not apply it}}
tritter.objective @o trains @m {
^bb0(%tokens: tensor<?x?xi32>, %targets: tensor<?x?xi32>):
  %s = tritter.apply @n(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %l = tritter.cross_entropy %s, %targets : tensor<?x?x16xf32>, tensor<?x?xi32>
  tritter.term "cross_entropy" weight 1.0, %l : tensor<?x?xf32>
}

// -----

// apply C1
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %w = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<?x?x16xf32>
}
tritter.objective @o trains @m {
^bb0(%tokens: tensor<?x?xi32>, %targets: tensor<?x?xi32>):
  // expected-error @below {{applies @n, which is no tritter.model}}
  %s = tritter.apply @n(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %t = tritter.apply @m(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %l = tritter.cross_entropy %s, %targets : tensor<?x?x16xf32>, tensor<?x?xi32>
  tritter.term "cross_entropy" weight 1.0, %l : tensor<?x?xf32>
}

// -----

// apply C2
// expected-note @below {{the model is}}
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %w = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<?x?x16xf32>
}
tritter.objective @o trains @m {
^bb0(%tokens: tensor<?x?xi32>, %targets: tensor<?x?xi32>):
  // expected-error @below {{has other types than its model}}
  %s = tritter.apply @m(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x8xf32>
  %l = tritter.cross_entropy %s, %targets : tensor<?x?x8xf32>, tensor<?x?xi32>
  tritter.term "cross_entropy" weight 1.0, %l : tensor<?x?xf32>
}
