// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// embedding C1
tritter.block @b(%tokens: tensor<2x3xi32>, %table: tensor<8xf32>) {
  // expected-error @below {{table must have rank 2, found 'tensor<8xf32>'}}
  %0 = tritter.embedding %tokens, %table : tensor<2x3xi32>, tensor<8xf32>
  tritter.yield
}

// -----

// position_embedding C1
tritter.block @b(%x: tensor<3x8xf32>, %table: tensor<4x8xf32>) {
  // expected-error @below {{input must have rank 3, found 'tensor<3x8xf32>'}}
  %0 = tritter.position_embedding %x, %table : tensor<3x8xf32>, tensor<4x8xf32>
  tritter.yield
}

// -----

// position_embedding C2
tritter.block @b(%x: tensor<2x3x8xf32>, %table: tensor<8xf32>) {
  // expected-error @below {{table must have rank 2, found 'tensor<8xf32>'}}
  %0 = tritter.position_embedding %x, %table : tensor<2x3x8xf32>, tensor<8xf32>
  tritter.yield
}

// -----

// position_embedding C3
tritter.block @b(%x: tensor<2x3x8xf32>, %table: tensor<4x6xf32>) {
  // expected-error @below {{input and table must have the same last dimension, found 'tensor<2x3x8xf32>' and 'tensor<4x6xf32>'}}
  %0 = tritter.position_embedding %x, %table : tensor<2x3x8xf32>, tensor<4x6xf32>
  tritter.yield
}

// -----

// position_embedding C4
tritter.block @b(%x: tensor<2x3x8xf32>, %table: tensor<2x8xf32>) {
  // expected-error @below {{the table has 2 positions, the sequence 3}}
  %0 = tritter.position_embedding %x, %table : tensor<2x3x8xf32>, tensor<2x8xf32>
  tritter.yield
}

// -----

// linear C1
tritter.block @b(%x: tensor<2x3x8xf32>, %w: tensor<8xf32>) {
  // expected-error @below {{weight must have rank 2, found 'tensor<8xf32>'}}
  %0 = tritter.linear %x, %w : tensor<2x3x8xf32>, tensor<8xf32>
  tritter.yield
}

// -----

// linear C2
tritter.block @b(%x: tensor<f32>, %w: tensor<4x8xf32>) {
  // expected-error @below {{input must have rank 1 or more, found 'tensor<f32>'}}
  %0 = tritter.linear %x, %w : tensor<f32>, tensor<4x8xf32>
  tritter.yield
}

// -----

// linear C3
tritter.block @b(%x: tensor<2x3x8xf32>, %w: tensor<4x6xf32>) {
  // expected-error @below {{the weight's columns must be the input's last dimension, found 'tensor<4x6xf32>' for 'tensor<2x3x8xf32>'}}
  %0 = tritter.linear %x, %w : tensor<2x3x8xf32>, tensor<4x6xf32>
  tritter.yield
}

// -----

// linear C4
tritter.block @b(%x: tensor<2x3x8xf32>, %w: tensor<4x8xf32>, %c: tensor<8xf32>) {
  // expected-error @below {{bias must be a vector with one element for each column of 'tensor<2x3x4xf32>', found 'tensor<8xf32>'}}
  %0 = tritter.linear %x, %w bias %c : tensor<2x3x8xf32>, tensor<4x8xf32>, tensor<8xf32>
  tritter.yield
}

// -----

// linear C4
tritter.block @b(%x: tensor<2x3x8xf32>, %w: tensor<4x8xf32>, %c: tensor<1x4xf32>) {
  // expected-error @below {{bias must be a vector with one element for each column of 'tensor<2x3x4xf32>', found 'tensor<1x4xf32>'}}
  %0 = tritter.linear %x, %w bias %c : tensor<2x3x8xf32>, tensor<4x8xf32>, tensor<1x4xf32>
  tritter.yield
}

// -----

// rms_norm C1
tritter.block @b(%x: tensor<f32>, %g: tensor<8xf32>) {
  // expected-error @below {{input must have rank 1 or more, found 'tensor<f32>'}}
  %0 = tritter.rms_norm %x, %g {eps = 1.0e-5} : tensor<f32>, tensor<8xf32>
  tritter.yield
}

// -----

// rms_norm C2
tritter.block @b(%x: tensor<2x3x8xf32>, %g: tensor<1x8xf32>) {
  // expected-error @below {{weight must be a vector with one element for each column of 'tensor<2x3x8xf32>', found 'tensor<1x8xf32>'}}
  %0 = tritter.rms_norm %x, %g {eps = 1.0e-5} : tensor<2x3x8xf32>, tensor<1x8xf32>
  tritter.yield
}

// -----

// rms_norm C2
tritter.block @b(%x: tensor<2x3x8xf32>, %g: tensor<6xf32>) {
  // expected-error @below {{weight must be a vector with one element for each column of 'tensor<2x3x8xf32>', found 'tensor<6xf32>'}}
  %0 = tritter.rms_norm %x, %g {eps = 1.0e-5} : tensor<2x3x8xf32>, tensor<6xf32>
  tritter.yield
}

// -----

// layer_norm C1
tritter.block @b(%x: tensor<f32>, %g: tensor<8xf32>) {
  // expected-error @below {{input must have rank 1 or more, found 'tensor<f32>'}}
  %0 = tritter.layer_norm %x, %g {eps = 1.0e-5} : tensor<f32>, tensor<8xf32>
  tritter.yield
}

// -----

// layer_norm C2
tritter.block @b(%x: tensor<2x3x8xf32>, %g: tensor<1x8xf32>) {
  // expected-error @below {{weight must be a vector with one element for each column of 'tensor<2x3x8xf32>', found 'tensor<1x8xf32>'}}
  %0 = tritter.layer_norm %x, %g {eps = 1.0e-5} : tensor<2x3x8xf32>, tensor<1x8xf32>
  tritter.yield
}

// -----

// layer_norm C2
tritter.block @b(%x: tensor<2x3x8xf32>, %g: tensor<6xf32>) {
  // expected-error @below {{weight must be a vector with one element for each column of 'tensor<2x3x8xf32>', found 'tensor<6xf32>'}}
  %0 = tritter.layer_norm %x, %g {eps = 1.0e-5} : tensor<2x3x8xf32>, tensor<6xf32>
  tritter.yield
}

// -----

// layer_norm C3
tritter.block @b(%x: tensor<2x3x8xf32>, %g: tensor<8xf32>, %c: tensor<1x8xf32>) {
  // expected-error @below {{bias must be a vector with one element for each column of 'tensor<2x3x8xf32>', found 'tensor<1x8xf32>'}}
  %0 = tritter.layer_norm %x, %g bias %c {eps = 1.0e-5} : tensor<2x3x8xf32>, tensor<8xf32>, tensor<1x8xf32>
  tritter.yield
}

// -----

// layer_norm C3
tritter.block @b(%x: tensor<2x3x8xf32>, %g: tensor<8xf32>, %c: tensor<6xf32>) {
  // expected-error @below {{bias must be a vector with one element for each column of 'tensor<2x3x8xf32>', found 'tensor<6xf32>'}}
  %0 = tritter.layer_norm %x, %g bias %c {eps = 1.0e-5} : tensor<2x3x8xf32>, tensor<8xf32>, tensor<6xf32>
  tritter.yield
}

// -----

// split_heads C1
tritter.block @b(%x: tensor<2x8xf32>) {
  // expected-error @below {{splits [B, T, H * D] into [B, T, H, D], found 'tensor<2x8xf32>' and 'tensor<2x3x2x4xf32>'}}
  %0 = tritter.split_heads %x : tensor<2x8xf32> -> tensor<2x3x2x4xf32>
  tritter.yield
}

// -----

// split_heads C1
tritter.block @b(%x: tensor<2x3x8xf32>) {
  // expected-error @below {{splits [B, T, H * D] into [B, T, H, D], found 'tensor<2x3x8xf32>' and 'tensor<6x2x4xf32>'}}
  %0 = tritter.split_heads %x : tensor<2x3x8xf32> -> tensor<6x2x4xf32>
  tritter.yield
}

// -----

// split_heads C2
tritter.block @b(%x: tensor<2x3x8xf32>) {
  // expected-error @below {{splits [B, T, H * D] into [B, T, H, D], found 'tensor<2x3x8xf32>' and 'tensor<2x3x?x4xf32>'}}
  %0 = tritter.split_heads %x : tensor<2x3x8xf32> -> tensor<2x3x?x4xf32>
  tritter.yield
}

// -----

// split_heads C2
tritter.block @b(%x: tensor<2x3x8xf32>) {
  // expected-error @below {{splits [B, T, H * D] into [B, T, H, D], found 'tensor<2x3x8xf32>' and 'tensor<2x3x2x?xf32>'}}
  %0 = tritter.split_heads %x : tensor<2x3x8xf32> -> tensor<2x3x2x?xf32>
  tritter.yield
}

// -----

// split_heads C3
tritter.block @b(%x: tensor<2x3x8xf32>) {
  // expected-error @below {{splits [B, T, H * D] into [B, T, H, D], found 'tensor<2x3x8xf32>' and 'tensor<3x2x2x4xf32>'}}
  %0 = tritter.split_heads %x : tensor<2x3x8xf32> -> tensor<3x2x2x4xf32>
  tritter.yield
}

// -----

// split_heads C4
tritter.block @b(%x: tensor<2x3x8xf32>) {
  // expected-error @below {{splits [B, T, H * D] into [B, T, H, D], found 'tensor<2x3x8xf32>' and 'tensor<2x3x3x3xf32>'}}
  %0 = tritter.split_heads %x : tensor<2x3x8xf32> -> tensor<2x3x3x3xf32>
  tritter.yield
}

// -----

// merge_heads C1
tritter.block @b(%x: tensor<2x3x8xf32>) {
  // expected-error @below {{input must have rank 4, found 'tensor<2x3x8xf32>'}}
  %0 = tritter.merge_heads %x : tensor<2x3x8xf32>
  tritter.yield
}

// -----

// merge_heads C2
tritter.block @b(%x: tensor<2x3x?x4xf32>) {
  // expected-error @below {{heads and their dimension must be known, found 'tensor<2x3x?x4xf32>'}}
  %0 = tritter.merge_heads %x : tensor<2x3x?x4xf32>
  tritter.yield
}

// -----

// merge_heads C2
tritter.block @b(%x: tensor<2x3x2x?xf32>) {
  // expected-error @below {{heads and their dimension must be known, found 'tensor<2x3x2x?xf32>'}}
  %0 = tritter.merge_heads %x : tensor<2x3x2x?xf32>
  tritter.yield
}

// -----

// rope C1
tritter.block @b(%x: tensor<2x3x4xf32>) {
  // expected-error @below {{works on [B, T, H, D] with a known, even D, found 'tensor<2x3x4xf32>'}}
  %0 = tritter.rope %x {theta = 1.0e4} : tensor<2x3x4xf32>
  tritter.yield
}

// -----

// rope C2
tritter.block @b(%x: tensor<2x3x2x3xf32>) {
  // expected-error @below {{works on [B, T, H, D] with a known, even D, found 'tensor<2x3x2x3xf32>'}}
  %0 = tritter.rope %x {theta = 1.0e4} : tensor<2x3x2x3xf32>
  tritter.yield
}

// -----

// rope C2
tritter.block @b(%x: tensor<2x3x2x?xf32>) {
  // expected-error @below {{works on [B, T, H, D] with a known, even D, found 'tensor<2x3x2x?xf32>'}}
  %0 = tritter.rope %x {theta = 1.0e4} : tensor<2x3x2x?xf32>
  tritter.yield
}

// -----

// attention C1
tritter.block @b(%q: tensor<2x3x16xf32>, %k: tensor<2x3x2x4xf32>, %v: tensor<2x3x2x4xf32>) {
  // expected-error @below {{query must have rank 4, found 'tensor<2x3x16xf32>'}}
  %0 = tritter.attention %q, %k, %v : tensor<2x3x16xf32>, tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>
  tritter.yield
}

// -----

// attention C2
tritter.block @b(%q: tensor<2x3x4x4xf32>, %k: tensor<2x3x8xf32>, %v: tensor<2x3x8xf32>) {
  // expected-error @below {{key must have rank 4, found 'tensor<2x3x8xf32>'}}
  %0 = tritter.attention %q, %k, %v : tensor<2x3x4x4xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>
  tritter.yield
}

// -----

// attention C3
tritter.block @b(%q: tensor<2x3x4x4xf32>, %k: tensor<2x3x2x4xf32>, %v: tensor<2x3x1x4xf32>) {
  // expected-error @below {{key and value must have one type, found 'tensor<2x3x2x4xf32>' and 'tensor<2x3x1x4xf32>'}}
  %0 = tritter.attention %q, %k, %v : tensor<2x3x4x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x1x4xf32>
  tritter.yield
}

// -----

// attention C4
tritter.block @b(%q: tensor<2x3x4x4xf32>, %k: tensor<2x3x0x4xf32>, %v: tensor<2x3x0x4xf32>) {
  // expected-error @below {{heads and their dimension must be known and positive, found 'tensor<2x3x4x4xf32>' and 'tensor<2x3x0x4xf32>'}}
  %0 = tritter.attention %q, %k, %v : tensor<2x3x4x4xf32>, tensor<2x3x0x4xf32>, tensor<2x3x0x4xf32>
  tritter.yield
}

// -----

// attention C4
tritter.block @b(%q: tensor<2x3x?x4xf32>, %k: tensor<2x3x2x4xf32>, %v: tensor<2x3x2x4xf32>) {
  // expected-error @below {{heads and their dimension must be known and positive, found 'tensor<2x3x?x4xf32>' and 'tensor<2x3x2x4xf32>'}}
  %0 = tritter.attention %q, %k, %v : tensor<2x3x?x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>
  tritter.yield
}

// -----

// attention C4
tritter.block @b(%q: tensor<2x3x4x?xf32>, %k: tensor<2x3x2x?xf32>, %v: tensor<2x3x2x?xf32>) {
  // expected-error @below {{heads and their dimension must be known and positive, found 'tensor<2x3x4x?xf32>' and 'tensor<2x3x2x?xf32>'}}
  %0 = tritter.attention %q, %k, %v : tensor<2x3x4x?xf32>, tensor<2x3x2x?xf32>, tensor<2x3x2x?xf32>
  tritter.yield
}

// -----

// attention C5
tritter.block @b(%q: tensor<2x3x4x4xf32>, %k: tensor<2x3x3x4xf32>, %v: tensor<2x3x3x4xf32>) {
  // expected-error @below {{query [B, T, H, D] needs keys [B, T, G, D] with H a multiple of G, found 'tensor<2x3x4x4xf32>' and 'tensor<2x3x3x4xf32>'}}
  %0 = tritter.attention %q, %k, %v : tensor<2x3x4x4xf32>, tensor<2x3x3x4xf32>, tensor<2x3x3x4xf32>
  tritter.yield
}

// -----

// attention C6
tritter.block @b(%q: tensor<2x3x4x4xf32>, %k: tensor<2x3x2x8xf32>, %v: tensor<2x3x2x8xf32>) {
  // expected-error @below {{query [B, T, H, D] needs keys [B, T, G, D] with H a multiple of G, found 'tensor<2x3x4x4xf32>' and 'tensor<2x3x2x8xf32>'}}
  %0 = tritter.attention %q, %k, %v : tensor<2x3x4x4xf32>, tensor<2x3x2x8xf32>, tensor<2x3x2x8xf32>
  tritter.yield
}

// -----

// attention C6
tritter.block @b(%q: tensor<2x3x4x4xf32>, %k: tensor<1x3x2x4xf32>, %v: tensor<1x3x2x4xf32>) {
  // expected-error @below {{query [B, T, H, D] needs keys [B, T, G, D] with H a multiple of G, found 'tensor<2x3x4x4xf32>' and 'tensor<1x3x2x4xf32>'}}
  %0 = tritter.attention %q, %k, %v : tensor<2x3x4x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>
  tritter.yield
}

// -----

// attention C6
tritter.block @b(%q: tensor<2x3x4x4xf32>, %k: tensor<2x5x2x4xf32>, %v: tensor<2x5x2x4xf32>) {
  // expected-error @below {{query [B, T, H, D] needs keys [B, T, G, D] with H a multiple of G, found 'tensor<2x3x4x4xf32>' and 'tensor<2x5x2x4xf32>'}}
  %0 = tritter.attention %q, %k, %v : tensor<2x3x4x4xf32>, tensor<2x5x2x4xf32>, tensor<2x5x2x4xf32>
  tritter.yield
}

// -----

tritter.block @b(%x: tensor<2x8xf32>) {
  // expected-error @below {{expected one of [silu, gelu, relu, squared_relu]}}
  %0 = tritter.activation tanh %x : tensor<2x8xf32>
  tritter.yield
}

// -----

// cross_entropy C1
tritter.block @b(%l: tensor<f32>, %t: tensor<i32>) {
  // expected-error @below {{logits must have rank 1 or more, found 'tensor<f32>'}}
  %0 = tritter.cross_entropy %l, %t : tensor<f32>, tensor<i32>
  tritter.yield
}

// -----

// cross_entropy C2
tritter.block @b(%l: tensor<2x3x16xf32>, %t: tensor<2xi32>) {
  // expected-error @below {{targets must have the shape of the logits without the last dimension, found 'tensor<2xi32>' for 'tensor<2x3x16xf32>'}}
  %0 = tritter.cross_entropy %l, %t : tensor<2x3x16xf32>, tensor<2xi32>
  tritter.yield
}

// -----

// split_heads C5
tritter.block @b(%x: tensor<2x3x65537xf32>) {
  // expected-error @below {{splits into 65536 heads at most, found 'tensor<2x3x65537x1xf32>'}}
  %0 = tritter.split_heads %x : tensor<2x3x65537xf32> -> tensor<2x3x65537x1xf32>
  tritter.yield
}

// -----

// merge_heads C3
tritter.block @b(%x: tensor<2x3x4294967296x4294967296xf32>) {
  // expected-error @below {{merges 65536 heads at most, of a dimension that makes less than 2^63 channels, found 'tensor<2x3x4294967296x4294967296xf32>'}}
  %0 = tritter.merge_heads %x : tensor<2x3x4294967296x4294967296xf32>
  tritter.yield
}
