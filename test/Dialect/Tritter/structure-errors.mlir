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
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x524289xf32> {
  // expected-error @below {{has more elements than the 274877906944 that a parameter may have}}
  %w = tritter.param "embed.weight" : tensor<524288x524289xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<524288x524289xf32>
  tritter.yield %x : tensor<?x?x524289xf32>
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

// -----

// model C6
tritter.block @b(%x: tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32> {
  %w0 = tritter.param "w0" : tensor<524288x524288xf32>
  %w1 = tritter.param "w1" : tensor<524288x524288xf32>
  %w2 = tritter.param "w2" : tensor<524288x524288xf32>
  %w3 = tritter.param "w3" : tensor<524288x524288xf32>
  %w4 = tritter.param "w4" : tensor<524288x524288xf32>
  %w5 = tritter.param "w5" : tensor<524288x524288xf32>
  %w6 = tritter.param "w6" : tensor<524288x524288xf32>
  %w7 = tritter.param "w7" : tensor<524288x524288xf32>
  %w8 = tritter.param "w8" : tensor<524288x524288xf32>
  %w9 = tritter.param "w9" : tensor<524288x524288xf32>
  %w10 = tritter.param "w10" : tensor<524288x524288xf32>
  %w11 = tritter.param "w11" : tensor<524288x524288xf32>
  %w12 = tritter.param "w12" : tensor<524288x524288xf32>
  %w13 = tritter.param "w13" : tensor<524288x524288xf32>
  %w14 = tritter.param "w14" : tensor<524288x524288xf32>
  %w15 = tritter.param "w15" : tensor<524288x524288xf32>
  %w16 = tritter.param "w16" : tensor<524288x524288xf32>
  %w17 = tritter.param "w17" : tensor<524288x524288xf32>
  %w18 = tritter.param "w18" : tensor<524288x524288xf32>
  %w19 = tritter.param "w19" : tensor<524288x524288xf32>
  %w20 = tritter.param "w20" : tensor<524288x524288xf32>
  %w21 = tritter.param "w21" : tensor<524288x524288xf32>
  %w22 = tritter.param "w22" : tensor<524288x524288xf32>
  %w23 = tritter.param "w23" : tensor<524288x524288xf32>
  %w24 = tritter.param "w24" : tensor<524288x524288xf32>
  %w25 = tritter.param "w25" : tensor<524288x524288xf32>
  %w26 = tritter.param "w26" : tensor<524288x524288xf32>
  %w27 = tritter.param "w27" : tensor<524288x524288xf32>
  %w28 = tritter.param "w28" : tensor<524288x524288xf32>
  %w29 = tritter.param "w29" : tensor<524288x524288xf32>
  %w30 = tritter.param "w30" : tensor<524288x524288xf32>
  %w31 = tritter.param "w31" : tensor<524288x524288xf32>
  %w32 = tritter.param "w32" : tensor<524288x524288xf32>
  %w33 = tritter.param "w33" : tensor<524288x524288xf32>
  %w34 = tritter.param "w34" : tensor<524288x524288xf32>
  %w35 = tritter.param "w35" : tensor<524288x524288xf32>
  %w36 = tritter.param "w36" : tensor<524288x524288xf32>
  %w37 = tritter.param "w37" : tensor<524288x524288xf32>
  %w38 = tritter.param "w38" : tensor<524288x524288xf32>
  %w39 = tritter.param "w39" : tensor<524288x524288xf32>
  %w40 = tritter.param "w40" : tensor<524288x524288xf32>
  %w41 = tritter.param "w41" : tensor<524288x524288xf32>
  %w42 = tritter.param "w42" : tensor<524288x524288xf32>
  %w43 = tritter.param "w43" : tensor<524288x524288xf32>
  %w44 = tritter.param "w44" : tensor<524288x524288xf32>
  %w45 = tritter.param "w45" : tensor<524288x524288xf32>
  %w46 = tritter.param "w46" : tensor<524288x524288xf32>
  %w47 = tritter.param "w47" : tensor<524288x524288xf32>
  %w48 = tritter.param "w48" : tensor<524288x524288xf32>
  %w49 = tritter.param "w49" : tensor<524288x524288xf32>
  %w50 = tritter.param "w50" : tensor<524288x524288xf32>
  %w51 = tritter.param "w51" : tensor<524288x524288xf32>
  %w52 = tritter.param "w52" : tensor<524288x524288xf32>
  %w53 = tritter.param "w53" : tensor<524288x524288xf32>
  %w54 = tritter.param "w54" : tensor<524288x524288xf32>
  %w55 = tritter.param "w55" : tensor<524288x524288xf32>
  %w56 = tritter.param "w56" : tensor<524288x524288xf32>
  %w57 = tritter.param "w57" : tensor<524288x524288xf32>
  %w58 = tritter.param "w58" : tensor<524288x524288xf32>
  %w59 = tritter.param "w59" : tensor<524288x524288xf32>
  %w60 = tritter.param "w60" : tensor<524288x524288xf32>
  %w61 = tritter.param "w61" : tensor<524288x524288xf32>
  %w62 = tritter.param "w62" : tensor<524288x524288xf32>
  %w63 = tritter.param "w63" : tensor<524288x524288xf32>
  tritter.yield %x : tensor<?x?x524288xf32>
}
// expected-error @below {{has more elements in its parameters than the 281474976710656 that a model may have}}
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "t" : tensor<8x524288xf32>
  %h0 = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<8x524288xf32>
  %h1 = tritter.layer "layers.0" @b(%h0) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h2 = tritter.layer "layers.1" @b(%h1) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h3 = tritter.layer "layers.2" @b(%h2) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h4 = tritter.layer "layers.3" @b(%h3) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h5 = tritter.layer "layers.4" @b(%h4) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h6 = tritter.layer "layers.5" @b(%h5) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h7 = tritter.layer "layers.6" @b(%h6) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h8 = tritter.layer "layers.7" @b(%h7) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h9 = tritter.layer "layers.8" @b(%h8) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h10 = tritter.layer "layers.9" @b(%h9) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h11 = tritter.layer "layers.10" @b(%h10) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h12 = tritter.layer "layers.11" @b(%h11) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h13 = tritter.layer "layers.12" @b(%h12) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h14 = tritter.layer "layers.13" @b(%h13) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h15 = tritter.layer "layers.14" @b(%h14) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %h16 = tritter.layer "layers.15" @b(%h15) : (tensor<?x?x524288xf32>) -> tensor<?x?x524288xf32>
  %l = tritter.linear %h16, %t : tensor<?x?x524288xf32>, tensor<8x524288xf32>
  tritter.yield %l : tensor<?x?x8xf32>
}

// -----

// model C7
// expected-error @below {{needs positive max_positions, found 0}}
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> attributes {max_positions = 0 : i64} {
  %w = tritter.param "embed.weight" : tensor<8x8xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<8x8xf32>
  tritter.yield %x : tensor<?x?x8xf32>
}

// -----

// constant C1
// expected-error @below {{a constant is a number, found 0x7FF8000000000000 : f64}}
%w = tritter.param "w" : tensor<8xf32> = #tritter.constant<0x7FF8000000000000 : f64>

// -----

// normal C1
// expected-error @below {{a standard deviation is finite and not negative, found 0x7FF0000000000000 : f64}}
%w = tritter.param "w" : tensor<8xf32> = #tritter.normal<0x7FF0000000000000 : f64>

// -----

// normal C1
// expected-error @below {{a standard deviation is finite and not negative, found -1.000000e+00 : f64}}
%w = tritter.param "w" : tensor<8xf32> = #tritter.normal<-1.0>

// -----

// model C8
// expected-error @below {{returns logits for each of its tokens, found 'tensor<2x4x8xf32>' for 'tensor<2x255xi32>'}}
tritter.model @m(%tokens: tensor<2x255xi32>) -> tensor<2x4x8xf32> {
  %w = tritter.param "w" : tensor<2x4x8xf32>
  tritter.yield %w : tensor<2x4x8xf32>
}
