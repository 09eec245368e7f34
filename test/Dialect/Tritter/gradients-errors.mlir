// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// linear_grad_input C1
tritter.block @b(%dy: tensor<f32>, %w: tensor<8x6xf32>) {
  // expected-error @below {{the gradient's last dimension must be the weight's rows, found 'tensor<f32>' and 'tensor<8x6xf32>'}}
  %0 = tritter.linear_grad_input %dy, %w : tensor<f32>, tensor<8x6xf32>
  tritter.yield
}

// -----

// linear_grad_input C2
tritter.block @b(%dy: tensor<2x3x8xf32>, %w: tensor<8xf32>) {
  // expected-error @below {{the gradient's last dimension must be the weight's rows, found 'tensor<2x3x8xf32>' and 'tensor<8xf32>'}}
  %0 = tritter.linear_grad_input %dy, %w : tensor<2x3x8xf32>, tensor<8xf32>
  tritter.yield
}

// -----

// linear_grad_input C3
tritter.block @b(%dy: tensor<2x3x6xf32>, %w: tensor<8x6xf32>) {
  // expected-error @below {{the gradient's last dimension must be the weight's rows, found 'tensor<2x3x6xf32>' and 'tensor<8x6xf32>'}}
  %0 = tritter.linear_grad_input %dy, %w : tensor<2x3x6xf32>, tensor<8x6xf32>
  tritter.yield
}

// -----

// linear_grad_weight C1
tritter.block @b(%dy: tensor<f32>, %x: tensor<8xf32>) {
  // expected-error @below {{gradient and input must have the same rows, found 'tensor<f32>' and 'tensor<8xf32>'}}
  %0 = tritter.linear_grad_weight %dy, %x : tensor<f32>, tensor<8xf32>
  tritter.yield
}

// -----

// linear_grad_weight C1
tritter.block @b(%dy: tensor<8xf32>, %x: tensor<f32>) {
  // expected-error @below {{gradient and input must have the same rows, found 'tensor<8xf32>' and 'tensor<f32>'}}
  %0 = tritter.linear_grad_weight %dy, %x : tensor<8xf32>, tensor<f32>
  tritter.yield
}

// -----

// linear_grad_weight C2
tritter.block @b(%dy: tensor<2x3x6xf32>, %x: tensor<2x4x8xf32>) {
  // expected-error @below {{gradient and input must have the same rows, found 'tensor<2x3x6xf32>' and 'tensor<2x4x8xf32>'}}
  %0 = tritter.linear_grad_weight %dy, %x : tensor<2x3x6xf32>, tensor<2x4x8xf32>
  tritter.yield
}

// -----

// sum_rows C1
tritter.block @b(%dy: tensor<f32>) {
  // expected-error @below {{input must have rank 1 or more, found 'tensor<f32>'}}
  %0 = tritter.sum_rows %dy : tensor<f32>
  tritter.yield
}

// -----

// rms_norm_grad C1
tritter.block @b(%dy: tensor<f32>, %x: tensor<f32>, %w: tensor<4xf32>) {
  // expected-error @below {{gradient and input must have one shape, and the weight their last dimension, found 'tensor<f32>', 'tensor<f32>' and 'tensor<4xf32>'}}
  %0, %1 = tritter.rms_norm_grad %dy, %x, %w {eps = 1.0e-2 : f64} : tensor<f32>, tensor<f32>, tensor<4xf32>
  tritter.yield
}

// -----

// rms_norm_grad C2
tritter.block @b(%dy: tensor<3x8xf32>, %x: tensor<2x8xf32>, %w: tensor<8xf32>) {
  // expected-error @below {{gradient and input must have one shape, and the weight their last dimension, found 'tensor<3x8xf32>', 'tensor<2x8xf32>' and 'tensor<8xf32>'}}
  %0, %1 = tritter.rms_norm_grad %dy, %x, %w {eps = 1.0e-2 : f64} : tensor<3x8xf32>, tensor<2x8xf32>, tensor<8xf32>
  tritter.yield
}

// -----

// rms_norm_grad C3
tritter.block @b(%dy: tensor<2x8xf32>, %x: tensor<2x8xf32>, %w: tensor<4xf32>) {
  // expected-error @below {{gradient and input must have one shape, and the weight their last dimension, found 'tensor<2x8xf32>', 'tensor<2x8xf32>' and 'tensor<4xf32>'}}
  %0, %1 = tritter.rms_norm_grad %dy, %x, %w {eps = 1.0e-2 : f64} : tensor<2x8xf32>, tensor<2x8xf32>, tensor<4xf32>
  tritter.yield
}

// -----

// rms_norm_grad C3
tritter.block @b(%dy: tensor<2x8xf32>, %x: tensor<2x8xf32>, %w: tensor<1x8xf32>) {
  // expected-error @below {{gradient and input must have one shape, and the weight their last dimension, found 'tensor<2x8xf32>', 'tensor<2x8xf32>' and 'tensor<1x8xf32>'}}
  %0, %1 = tritter.rms_norm_grad %dy, %x, %w {eps = 1.0e-2 : f64} : tensor<2x8xf32>, tensor<2x8xf32>, tensor<1x8xf32>
  tritter.yield
}

// -----

// layer_norm_grad C1
tritter.block @b(%dy: tensor<f32>, %x: tensor<f32>, %w: tensor<4xf32>) {
  // expected-error @below {{gradient and input must have one shape, and the weight their last dimension, found 'tensor<f32>', 'tensor<f32>' and 'tensor<4xf32>'}}
  %0, %1, %2 = tritter.layer_norm_grad %dy, %x, %w {eps = 1.0e-2 : f64} : tensor<f32>, tensor<f32>, tensor<4xf32>
  tritter.yield
}

// -----

// layer_norm_grad C2
tritter.block @b(%dy: tensor<3x8xf32>, %x: tensor<2x8xf32>, %w: tensor<8xf32>) {
  // expected-error @below {{gradient and input must have one shape, and the weight their last dimension, found 'tensor<3x8xf32>', 'tensor<2x8xf32>' and 'tensor<8xf32>'}}
  %0, %1, %2 = tritter.layer_norm_grad %dy, %x, %w {eps = 1.0e-2 : f64} : tensor<3x8xf32>, tensor<2x8xf32>, tensor<8xf32>
  tritter.yield
}

// -----

// layer_norm_grad C3
tritter.block @b(%dy: tensor<2x8xf32>, %x: tensor<2x8xf32>, %w: tensor<4xf32>) {
  // expected-error @below {{gradient and input must have one shape, and the weight their last dimension, found 'tensor<2x8xf32>', 'tensor<2x8xf32>' and 'tensor<4xf32>'}}
  %0, %1, %2 = tritter.layer_norm_grad %dy, %x, %w {eps = 1.0e-2 : f64} : tensor<2x8xf32>, tensor<2x8xf32>, tensor<4xf32>
  tritter.yield
}

// -----

// layer_norm_grad C3
tritter.block @b(%dy: tensor<2x8xf32>, %x: tensor<2x8xf32>, %w: tensor<1x8xf32>) {
  // expected-error @below {{gradient and input must have one shape, and the weight their last dimension, found 'tensor<2x8xf32>', 'tensor<2x8xf32>' and 'tensor<1x8xf32>'}}
  %0, %1, %2 = tritter.layer_norm_grad %dy, %x, %w {eps = 1.0e-2 : f64} : tensor<2x8xf32>, tensor<2x8xf32>, tensor<1x8xf32>
  tritter.yield
}

// -----

// attention_grad C1
tritter.block @b(%dy: tensor<2x3x16xf32>, %q: tensor<2x3x16xf32>, %k: tensor<2x3x2x4xf32>, %v: tensor<2x3x2x4xf32>, %o: tensor<2x3x16xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{query must have rank 4, found 'tensor<2x3x16xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x16xf32>, tensor<2x3x16xf32>, tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x16xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C2
tritter.block @b(%dy: tensor<2x3x4x4xf32>, %q: tensor<2x3x4x4xf32>, %k: tensor<2x3x8xf32>, %v: tensor<2x3x8xf32>, %o: tensor<2x3x4x4xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{key must have rank 4, found 'tensor<2x3x8xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x4x4xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C3
tritter.block @b(%dy: tensor<2x3x4x4xf32>, %q: tensor<2x3x4x4xf32>, %k: tensor<2x3x2x4xf32>, %v: tensor<2x3x1x4xf32>, %o: tensor<2x3x4x4xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{key and value must have one type, found 'tensor<2x3x2x4xf32>' and 'tensor<2x3x1x4xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x1x4xf32>, tensor<2x3x4x4xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C4
tritter.block @b(%dy: tensor<2x3x4x4xf32>, %q: tensor<2x3x4x4xf32>, %k: tensor<2x3x0x4xf32>, %v: tensor<2x3x0x4xf32>, %o: tensor<2x3x4x4xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{heads and their dimension must be known and positive, found 'tensor<2x3x4x4xf32>' and 'tensor<2x3x0x4xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>, tensor<2x3x0x4xf32>, tensor<2x3x0x4xf32>, tensor<2x3x4x4xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C4
tritter.block @b(%dy: tensor<2x3x?x4xf32>, %q: tensor<2x3x?x4xf32>, %k: tensor<2x3x2x4xf32>, %v: tensor<2x3x2x4xf32>, %o: tensor<2x3x?x4xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{heads and their dimension must be known and positive, found 'tensor<2x3x?x4xf32>' and 'tensor<2x3x2x4xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x?x4xf32>, tensor<2x3x?x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x?x4xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C4
tritter.block @b(%dy: tensor<2x3x4x?xf32>, %q: tensor<2x3x4x?xf32>, %k: tensor<2x3x2x?xf32>, %v: tensor<2x3x2x?xf32>, %o: tensor<2x3x4x?xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{heads and their dimension must be known and positive, found 'tensor<2x3x4x?xf32>' and 'tensor<2x3x2x?xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x4x?xf32>, tensor<2x3x4x?xf32>, tensor<2x3x2x?xf32>, tensor<2x3x2x?xf32>, tensor<2x3x4x?xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C5
tritter.block @b(%dy: tensor<2x3x4x4xf32>, %q: tensor<2x3x4x4xf32>, %k: tensor<2x3x3x4xf32>, %v: tensor<2x3x3x4xf32>, %o: tensor<2x3x4x4xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{query [B, T, H, D] needs keys [B, T, G, D] with H a multiple of G, found 'tensor<2x3x4x4xf32>' and 'tensor<2x3x3x4xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>, tensor<2x3x3x4xf32>, tensor<2x3x3x4xf32>, tensor<2x3x4x4xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C6
tritter.block @b(%dy: tensor<2x3x4x4xf32>, %q: tensor<2x3x4x4xf32>, %k: tensor<2x3x2x8xf32>, %v: tensor<2x3x2x8xf32>, %o: tensor<2x3x4x4xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{query [B, T, H, D] needs keys [B, T, G, D] with H a multiple of G, found 'tensor<2x3x4x4xf32>' and 'tensor<2x3x2x8xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>, tensor<2x3x2x8xf32>, tensor<2x3x2x8xf32>, tensor<2x3x4x4xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C6
tritter.block @b(%dy: tensor<2x3x4x4xf32>, %q: tensor<2x3x4x4xf32>, %k: tensor<1x3x2x4xf32>, %v: tensor<1x3x2x4xf32>, %o: tensor<2x3x4x4xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{query [B, T, H, D] needs keys [B, T, G, D] with H a multiple of G, found 'tensor<2x3x4x4xf32>' and 'tensor<1x3x2x4xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>, tensor<1x3x2x4xf32>, tensor<1x3x2x4xf32>, tensor<2x3x4x4xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C6
tritter.block @b(%dy: tensor<2x3x4x4xf32>, %q: tensor<2x3x4x4xf32>, %k: tensor<2x5x2x4xf32>, %v: tensor<2x5x2x4xf32>, %o: tensor<2x3x4x4xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{query [B, T, H, D] needs keys [B, T, G, D] with H a multiple of G, found 'tensor<2x3x4x4xf32>' and 'tensor<2x5x2x4xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>, tensor<2x5x2x4xf32>, tensor<2x5x2x4xf32>, tensor<2x3x4x4xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C7
tritter.block @b(%dy: tensor<2x3x8x2xf32>, %q: tensor<2x3x4x4xf32>, %k: tensor<2x3x2x4xf32>, %v: tensor<2x3x2x4xf32>, %o: tensor<2x3x4x4xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{gradient and output must have the shape of the query, found 'tensor<2x3x8x2xf32>' for 'tensor<2x3x4x4xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x8x2xf32>, tensor<2x3x4x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x4x4xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C7
tritter.block @b(%dy: tensor<2x3x4x4xf32>, %q: tensor<2x3x4x4xf32>, %k: tensor<2x3x2x4xf32>, %v: tensor<2x3x2x4xf32>, %o: tensor<2x3x8x2xf32>, %s: tensor<2x4x3xf32>) {
  // expected-error @below {{gradient and output must have the shape of the query, found 'tensor<2x3x8x2xf32>' for 'tensor<2x3x4x4xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x8x2xf32>, tensor<2x4x3xf32>
  tritter.yield
}

// -----

// attention_grad C8
tritter.block @b(%dy: tensor<2x3x4x4xf32>, %q: tensor<2x3x4x4xf32>, %k: tensor<2x3x2x4xf32>, %v: tensor<2x3x2x4xf32>, %o: tensor<2x3x4x4xf32>, %s: tensor<2x3x4xf32>) {
  // expected-error @below {{the log-sum-exp must be [B, H, T] for the query's [B, T, H, D], found 'tensor<2x3x4xf32>' for 'tensor<2x3x4x4xf32>'}}
  %0, %1, %2 = tritter.attention_grad %dy, %q, %k, %v, %o, %s : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x4x4xf32>, tensor<2x3x4xf32>
  tritter.yield
}

// -----

// embedding_grad C1
tritter.block @b(%dy: tensor<6x8xf32>, %tokens: tensor<2x3xi32>) {
  // expected-error @below {{takes a row of the gradient for each token, found 'tensor<6x8xf32>' and 'tensor<2x3xi32>'}}
  %0 = tritter.embedding_grad %dy, %tokens : tensor<6x8xf32>, tensor<2x3xi32> -> tensor<16x8xf32>
  tritter.yield
}

// -----

// embedding_grad C1
tritter.block @b(%dy: tensor<f32>, %tokens: tensor<2x3xi32>) {
  // expected-error @below {{takes a row of the gradient for each token, found 'tensor<f32>' and 'tensor<2x3xi32>'}}
  %0 = tritter.embedding_grad %dy, %tokens : tensor<f32>, tensor<2x3xi32> -> tensor<16x8xf32>
  tritter.yield
}

// -----

// embedding_grad C2
tritter.block @b(%dy: tensor<2x3x8xf32>, %tokens: tensor<2x3xi32>) {
  // expected-error @below {{gives a matrix with the gradient's columns, found 'tensor<16x6xf32>' for 'tensor<2x3x8xf32>'}}
  %0 = tritter.embedding_grad %dy, %tokens : tensor<2x3x8xf32>, tensor<2x3xi32> -> tensor<16x6xf32>
  tritter.yield
}

// -----

// embedding_grad C2
tritter.block @b(%dy: tensor<2x3x8xf32>, %tokens: tensor<2x3xi32>) {
  // expected-error @below {{gives a matrix with the gradient's columns, found 'tensor<8xf32>' for 'tensor<2x3x8xf32>'}}
  %0 = tritter.embedding_grad %dy, %tokens : tensor<2x3x8xf32>, tensor<2x3xi32> -> tensor<8xf32>
  tritter.yield
}

// -----

// position_embedding_grad C1
tritter.block @b(%dy: tensor<3x8xf32>) {
  // expected-error @below {{takes a gradient of rank 3, found 'tensor<3x8xf32>'}}
  %0 = tritter.position_embedding_grad %dy : tensor<3x8xf32> -> tensor<4x8xf32>
  tritter.yield
}

// -----

// position_embedding_grad C2
tritter.block @b(%dy: tensor<2x3x8xf32>) {
  // expected-error @below {{gives a matrix with the gradient's columns, found 'tensor<4x6xf32>' for 'tensor<2x3x8xf32>'}}
  %0 = tritter.position_embedding_grad %dy : tensor<2x3x8xf32> -> tensor<4x6xf32>
  tritter.yield
}

// -----

// position_embedding_grad C2
tritter.block @b(%dy: tensor<2x3x8xf32>) {
  // expected-error @below {{gives a matrix with the gradient's columns, found 'tensor<8xf32>' for 'tensor<2x3x8xf32>'}}
  %0 = tritter.position_embedding_grad %dy : tensor<2x3x8xf32> -> tensor<8xf32>
  tritter.yield
}

// -----

// position_embedding_grad C3
tritter.block @b(%dy: tensor<2x3x8xf32>) {
  // expected-error @below {{gives a row for each of 3 positions, found 'tensor<2x8xf32>'}}
  %0 = tritter.position_embedding_grad %dy : tensor<2x3x8xf32> -> tensor<2x8xf32>
  tritter.yield
}

// -----

// cross_entropy_grad C1
tritter.block @b(%l: tensor<f32>, %t: tensor<i32>, %s: tensor<f32>) {
  // expected-error @below {{logits must have rank 1 or more, found 'tensor<f32>'}}
  %0 = tritter.cross_entropy_grad %l, %t, %s {weight = 1.0 : f64} : tensor<f32>, tensor<i32>, tensor<f32>
  tritter.yield
}

// -----

// cross_entropy_grad C2
tritter.block @b(%l: tensor<2x3x16xf32>, %t: tensor<2xi32>, %s: tensor<f32>) {
  // expected-error @below {{targets must have the shape of the logits without the last dimension, found 'tensor<2xi32>' for 'tensor<2x3x16xf32>'}}
  %0 = tritter.cross_entropy_grad %l, %t, %s {weight = 1.0 : f64} : tensor<2x3x16xf32>, tensor<2xi32>, tensor<f32>
  tritter.yield
}
