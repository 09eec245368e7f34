// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// model C1
// expected-error @below {{takes tokens and returns logits, found 2 arguments and 1 results}}
tritter.model @m(%a: tensor<?x?xi32>, %b: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "t" : tensor<8x8xf32>
  %h = tritter.embedding %a, %t : tensor<?x?xi32>, tensor<8x8xf32>
  tritter.yield %h : tensor<?x?x8xf32>
}

// -----

// model C1
// expected-error @below {{takes tokens and returns logits, found 1 arguments and 2 results}}
tritter.model @m(%a: tensor<?x?xi32>) -> (tensor<?x?xi32>, tensor<?x?xi32>) {
  tritter.yield %a, %a : tensor<?x?xi32>, tensor<?x?xi32>
}

// -----

// model C2
// expected-error @below {{takes tokens of type tensor<?x?xi32>, found 'tensor<?x?x8xf32>'}}
tritter.model @m(%a: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  tritter.yield %a : tensor<?x?x8xf32>
}

// -----

// model C2
// expected-error @below {{takes tokens of type tensor<?x?xi32>, found 'tensor<?xi32>'}}
tritter.model @m(%a: tensor<?xi32>) -> tensor<?x8xf32> {
  %t = tritter.param "t" : tensor<8x8xf32>
  %h = tritter.embedding %a, %t : tensor<?xi32>, tensor<8x8xf32>
  tritter.yield %h : tensor<?x8xf32>
}

// -----

// model C3
// expected-error @below {{returns logits [batch, sequence, vocabulary] of reals, with a known vocabulary, found 'tensor<?x?xi32>'}}
tritter.model @m(%a: tensor<?x?xi32>) -> tensor<?x?xi32> {
  tritter.yield %a : tensor<?x?xi32>
}

// -----

// model C3
// expected-error @below {{returns logits [batch, sequence, vocabulary] of reals, with a known vocabulary, found 'tensor<?x?x?xf32>'}}
tritter.model @m(%a: tensor<?x?xi32>) -> tensor<?x?x?xf32> {
  %b = tritter.layer "layers.0" @b(%a) : (tensor<?x?xi32>) -> tensor<?x?x?xf32>
  tritter.yield %b : tensor<?x?x?xf32>
}

// -----

// model C3
// expected-error @below {{returns logits [batch, sequence, vocabulary] of reals, with a known vocabulary, found 'tensor<?x?x8xi32>'}}
tritter.model @m(%a: tensor<?x?xi32>) -> tensor<?x?x8xi32> {
  %b = tritter.layer "layers.0" @b(%a) : (tensor<?x?xi32>) -> tensor<?x?x8xi32>
  tritter.yield %b : tensor<?x?x8xi32>
}

// -----

// model C4
tritter.model @m(%a: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  // expected-note @below {{the first}}
  %t = tritter.param "t" : tensor<8x8xf32>
  // expected-error @below {{has a path that the model has already, "t"}}
  %u = tritter.param "t" : tensor<8x8xf32>
  %h = tritter.embedding %a, %t : tensor<?x?xi32>, tensor<8x8xf32>
  tritter.yield %h : tensor<?x?x8xf32>
}

// -----

// model C4
tritter.block @b(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  tritter.yield %x : tensor<?x?x8xf32>
}
tritter.model @m(%a: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "t" : tensor<8x8xf32>
  %h = tritter.embedding %a, %t : tensor<?x?xi32>, tensor<8x8xf32>
  // expected-note @below {{the first}}
  %i = tritter.layer "layers.0" @b(%h) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  // expected-error @below {{has a path that the model has already, "layers.0"}}
  %j = tritter.layer "layers.0" @b(%i) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  tritter.yield %j : tensor<?x?x8xf32>
}

// -----

// program C1
// expected-error @below {{names every argument and result, found 1 names for 1 and 1}}
tritter.program @p(%a: tensor<2xf32>) -> tensor<2xf32> attributes {names = ["a"]} {
  tritter.yield %a : tensor<2xf32>
}

// -----

// yield C2
tritter.block @b(%x: tensor<2xf32>) -> tensor<3xf32> {
  // expected-error @below {{must yield 'tensor<3xf32>', found 'tensor<2xf32>'}}
  tritter.yield %x : tensor<2xf32>
}

// -----

// layer C2
tritter.program @p(%x: tensor<2xf32>) -> tensor<2xf32> attributes {names = ["x", "y"]} {
  // expected-error @below {{is an instance of @b, which is no tritter.block}}
  %y = tritter.layer "layers.0" @b(%x) : (tensor<2xf32>) -> tensor<2xf32>
  tritter.yield %y : tensor<2xf32>
}

// -----

// layer C3
// expected-note @below {{the block is '(tensor<3xf32>) -> tensor<3xf32>'}}
tritter.block @b(%x: tensor<3xf32>) -> tensor<3xf32> {
  tritter.yield %x : tensor<3xf32>
}
tritter.program @p(%x: tensor<2xf32>) -> tensor<2xf32> attributes {names = ["x", "y"]} {
  // expected-error @below {{has other types than its block}}
  %y = tritter.layer "layers.0" @b(%x) : (tensor<2xf32>) -> tensor<2xf32>
  tritter.yield %y : tensor<2xf32>
}

// -----

// layer C3
// expected-note @below {{the block is '(tensor<2xf32>) -> tensor<2xf32>'}}
tritter.block @b(%x: tensor<2xf32>) -> tensor<2xf32> {
  tritter.yield %x : tensor<2xf32>
}
tritter.program @p(%x: tensor<2xf32>) -> tensor<3xf32> attributes {names = ["x", "y"]} {
  // expected-error @below {{has other types than its block}}
  %y = tritter.layer "layers.0" @b(%x) : (tensor<2xf32>) -> tensor<3xf32>
  tritter.yield %y : tensor<3xf32>
}

// -----

// layer C1
tritter.block @inner(%x: tensor<2xf32>) -> tensor<2xf32> {
  tritter.yield %x : tensor<2xf32>
}
tritter.block @outer(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @below {{stands in a model or a program, found one in tritter.block}}
  %y = tritter.layer "inner.0" @inner(%x) : (tensor<2xf32>) -> tensor<2xf32>
  tritter.yield %y : tensor<2xf32>
}

// -----

// param C1
tritter.block @b() -> tensor<?xf32> {
  // expected-error @below {{needs a static shape, found 'tensor<?xf32>'}}
  %w = tritter.param "w" : tensor<?xf32>
  tritter.yield %w : tensor<?xf32>
}

// -----

// param C2
tritter.block @b() -> tensor<2xf32> {
  // expected-error @below {{is initialised by #tritter.constant or #tritter.normal, found 3}}
  %w = tritter.param "w" : tensor<2xf32> = 3 : i64
  tritter.yield %w : tensor<2xf32>
}

// -----

// param C3
tritter.block @b() -> tensor<2xf32> {
  // expected-error @below {{has an initialiser or a derivation, not both}}
  %w = tritter.param "w" : tensor<2xf32> = #tritter.constant<1.0> derives {
    %z = growth.zero : tensor<2xf32>
    growth.yield %z : tensor<2xf32>
  }
  tritter.yield %w : tensor<2xf32>
}

// -----

// param C4
tritter.block @b() -> tensor<2xf32> {
  // expected-error @below {{ends its derivation with growth.yield, found tritter.yield}}
  %w = tritter.param "w" : tensor<2xf32> derives {
    tritter.yield
  }
  tritter.yield %w : tensor<2xf32>
}

// -----

// program C2
// expected-error @below {{takes and returns tensors of numbers, found 'i32'}}
tritter.program @evaluate(%x: i32) attributes {names = ["x"]} {
  tritter.yield
}

// -----

// yield C1
// expected-error @below {{ends a block, a model, a program or a chunk, found one in builtin.module}}
tritter.yield

// -----

// program C2
// expected-error @below {{takes and returns tensors of numbers, found 'tensor<?xindex>'}}
tritter.program @evaluate(%x: tensor<?xindex>) attributes {names = ["x"]} {
  tritter.yield
}

// -----

// param C5
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  // expected-error @below {{has a dimension of 0; each must be at least 1}}
  %w = tritter.param "embed.weight" : tensor<0x8xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<0x8xf32>
  tritter.yield %x : tensor<?x?x8xf32>
}

// -----

// param C5
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x4294967296xf32> {
  // expected-error @below {{has more elements than the 274877906944 that a parameter may have}}
  %w = tritter.param "embed.weight" : tensor<4294967296x4294967296xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<4294967296x4294967296xf32>
  tritter.yield %x : tensor<?x?x4294967296xf32>
}

// -----

// block C1: y = x + outer gelu(inner x): a checkpoint would keep one tensor for the two.
tritter.block @b(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-note @below {{the first}}
  %inner = tritter.param "w" : tensor<8x8xf32>
  %i = tritter.linear %x, %inner : tensor<?x?x8xf32>, tensor<8x8xf32>
  %g = tritter.activation gelu %i : tensor<?x?x8xf32>
  // expected-error @below {{has a path that the block has already, "w"}}
  %outer = tritter.param "w" : tensor<8x8xf32>
  %o = tritter.linear %g, %outer : tensor<?x?x8xf32>, tensor<8x8xf32>
  %y = tritter.add %x, %o : tensor<?x?x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}

// -----

// model C5
tritter.block @b(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-note @below {{the first}}
  %w = tritter.param "w" : tensor<8x8xf32>
  %y = tritter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "t" : tensor<8x8xf32>
  %h0 = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<8x8xf32>
  %h1 = tritter.layer "layers.0" @b(%h0) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  // expected-error @below {{has a path that a layer of @m has already, "layers.0.w"}}
  %w = tritter.param "layers.0.w" : tensor<8x8xf32>
  %l = tritter.linear %h1, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  tritter.yield %l : tensor<?x?x8xf32>
}

// -----

// model C5: two layers that give one whole path.
tritter.block @outer(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-note @below {{the first}}
  %w = tritter.param "b.w" : tensor<8x8xf32>
  %y = tritter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.block @inner(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error @below {{has a path that a layer of @m has already, "a.b.w"}}
  %w = tritter.param "w" : tensor<8x8xf32>
  %y = tritter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  // One table in two places is one parameter.
  %t = tritter.param "t" : tensor<8x8xf32>
  %h0 = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<8x8xf32>
  %h1 = tritter.layer "a" @outer(%h0) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h2 = tritter.layer "a.b" @inner(%h1) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %l = tritter.linear %h2, %t : tensor<?x?x8xf32>, tensor<8x8xf32>
  tritter.yield %l : tensor<?x?x8xf32>
}
