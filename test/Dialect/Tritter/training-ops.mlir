// Every operation of backward blocks and updates, written, read, and its type inferred.
// RUN: tritter-opt %s | FileCheck %s
// RUN: tritter-opt %s > %t.mlir && tritter-opt %t.mlir | diff %t.mlir -
// RUN: tritter-opt %s --mlir-print-op-generic | tritter-opt | diff %t.mlir -

// Gradients of weights are sums, in f32 whatever the activations are in.
// CHECK-LABEL: tritter.block @rows
tritter.block @rows(%dy: tensor<2x3x6xbf16>, %x: tensor<2x3x8xbf16>, %w: tensor<6x8xbf16>, %g: tensor<8xf32>, %s: tensor<2x3x8xf32>)
    -> (tensor<2x3x8xbf16>, tensor<6x8xf32>, tensor<6xf32>, tensor<2x3x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<2x3x8xf32>) {
  // CHECK: tritter.linear_grad_input %{{.*}}, %{{.*}} : tensor<2x3x6xbf16>, tensor<6x8xbf16>
  %0 = tritter.linear_grad_input %dy, %w : tensor<2x3x6xbf16>, tensor<6x8xbf16>
  // CHECK: tritter.linear_grad_weight %{{.*}}, %{{.*}} : tensor<2x3x6xbf16>, tensor<2x3x8xbf16>
  %1 = tritter.linear_grad_weight %dy, %x : tensor<2x3x6xbf16>, tensor<2x3x8xbf16>
  // CHECK: tritter.sum_rows %{{.*}} : tensor<2x3x6xbf16>
  %2 = tritter.sum_rows %dy : tensor<2x3x6xbf16>
  // CHECK: tritter.rms_norm_grad %{{.*}}, %{{.*}}, %{{.*}} {eps
  %3, %4 = tritter.rms_norm_grad %s, %s, %g {eps = 1.0e-5} : tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<8xf32>
  // CHECK: tritter.layer_norm_grad %{{.*}}, %{{.*}}, %{{.*}} {eps
  %5, %6, %7 = tritter.layer_norm_grad %3, %s, %g {eps = 1.0e-5} : tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<8xf32>
  // CHECK: tritter.activation_grad gelu %{{.*}}, %{{.*}} : tensor<2x3x8xf32>
  %8 = tritter.activation_grad gelu %5, %s : tensor<2x3x8xf32>
  tritter.yield %0, %1, %2, %5, %6, %7, %8 : tensor<2x3x8xbf16>, tensor<6x8xf32>, tensor<6xf32>, tensor<2x3x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<2x3x8xf32>
}

// CHECK-LABEL: tritter.block @attention
tritter.block @attention(%d: tensor<2x3x4x4xf32>, %k: tensor<2x3x2x4xf32>, %l: tensor<2x4x3xf32>)
    -> (tensor<2x3x4x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>) {
  // CHECK: tritter.attention_grad %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {scale = 2.500000e-01 : f64} :
  %0, %1, %2 = tritter.attention_grad %d, %d, %k, %k, %d, %l {scale = 0.25}
    : tensor<2x3x4x4xf32>, tensor<2x3x4x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x4x4xf32>, tensor<2x4x3xf32>
  tritter.yield %0, %1, %2 : tensor<2x3x4x4xf32>, tensor<2x3x2x4xf32>, tensor<2x3x2x4xf32>
}

// CHECK-LABEL: tritter.program @step(%tokens: tensor<2x4xi32>, %targets: tensor<2x4xi32>)
tritter.program @step(%tokens: tensor<2x4xi32>, %targets: tensor<2x4xi32>) -> tensor<2x4xf32> attributes {names = ["tokens", "targets", "losses"]} {
  %table = tritter.param "embed.weight" : tensor<16x8xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<16x8xf32>
  // CHECK: tritter.scalar "loss_scale" : tensor<f32>
  %scale = tritter.scalar "loss_scale" : tensor<f32>
  // CHECK: tritter.chunk rows 4(%{{.*}}, %{{.*}}) : (tensor<2x4x8xf32>, tensor<2x4xi32>) -> (tensor<2x4xf32>, tensor<2x4x8xf32>) {
  %losses, %dx = tritter.chunk rows 4 (%x, %targets) : (tensor<2x4x8xf32>, tensor<2x4xi32>) -> (tensor<2x4xf32>, tensor<2x4x8xf32>) {
  ^bb0(%xs: tensor<4x8xf32>, %ts: tensor<4xi32>):
    %logits = tritter.linear %xs, %table : tensor<4x8xf32>, tensor<16x8xf32>
    %ls = tritter.cross_entropy %logits, %ts : tensor<4x16xf32>, tensor<4xi32>
    // CHECK: tritter.cross_entropy_grad %{{.*}}, %{{.*}}, %{{.*}} {weight = 1.250000e-01 : f64} : tensor<4x16xf32>, tensor<4xi32>, tensor<f32>
    %dl = tritter.cross_entropy_grad %logits, %ts, %scale {weight = 0.125} : tensor<4x16xf32>, tensor<4xi32>, tensor<f32>
    %dxs = tritter.linear_grad_input %dl, %table : tensor<4x16xf32>, tensor<16x8xf32>
    tritter.yield %ls, %dxs : tensor<4xf32>, tensor<4x8xf32>
  }
  // CHECK: tritter.embedding_grad %{{.*}}, %{{.*}} : tensor<2x4x8xf32>, tensor<2x4xi32> -> tensor<16x8xf32>
  %dt = tritter.embedding_grad %dx, %tokens : tensor<2x4x8xf32>, tensor<2x4xi32> -> tensor<16x8xf32>
  // CHECK: tritter.gradient "embed.weight", %{{.*}} : tensor<16x8xf32>
  tritter.gradient "embed.weight", %dt : tensor<16x8xf32>
  // CHECK: tritter.position_embedding_grad %{{.*}} : tensor<2x4x8xf32> -> tensor<6x8xf32>
  %dp = tritter.position_embedding_grad %dx : tensor<2x4x8xf32> -> tensor<6x8xf32>
  tritter.gradient "positions.weight", %dp : tensor<6x8xf32>
  tritter.yield %losses : tensor<2x4xf32>
}

// CHECK-LABEL: tritter.program @update
tritter.program @update() -> (tensor<f32>, tensor<f32>) attributes {names = ["grad_norm", "finite"]} {
  // CHECK: tritter.state "master" of "decay" : tensor<4x1024xf32>
  %w = tritter.state "master" of "decay" : tensor<4x1024xf32>
  %g = tritter.state "gradient" of "decay" : tensor<4x1024xf32>
  // CHECK: tritter.state "adam.m" of "no_decay" grows adjoint : tensor<4x1024xf32>
  %m = tritter.state "adam.m" of "no_decay" grows adjoint : tensor<4x1024xf32>
  // CHECK: tritter.sum_of_squares %{{.*}} : tensor<4x1024xf32>
  %q = tritter.sum_of_squares %g : tensor<4x1024xf32>
  %lr = tritter.scalar "learning_rate" : tensor<f32>
  // CHECK: tritter.clip %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
  %norm, %factor, %finite = tritter.clip %q, %lr, %lr, %lr : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
  // CHECK: tritter.adamw %{{.*}} : tensor<4x1024xf32>, {{.*}}, tensor<f32>
  %w2, %m2, %v2 = tritter.adamw %w, %g, %m, %m, %factor, %finite, %lr, %lr, %lr, %lr, %lr, %lr, %lr
    : tensor<4x1024xf32>, tensor<4x1024xf32>, tensor<4x1024xf32>, tensor<4x1024xf32>, tensor<f32>, tensor<f32>, tensor<f32>,
      tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
  // CHECK: tritter.set_state "master" of "decay", %{{.*}} : tensor<4x1024xf32>
  tritter.set_state "master" of "decay", %w2 : tensor<4x1024xf32>
  tritter.yield %norm, %finite : tensor<f32>, tensor<f32>
}
