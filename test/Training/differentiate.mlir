// RUN: tritter-opt %s --tritter-differentiate=head-rows=5 | FileCheck %s
// RUN: tritter-opt %s --tritter-differentiate=head-rows=5 | tritter-opt
// RUN: tritter-opt %s --tritter-differentiate="evaluate=0 logits=0" | FileCheck %s --check-prefix=STEP

// The block as it is for evaluation, then its forward and backward. The input is not saved: the caller has it.
// CHECK-LABEL: tritter.block @mlp(
// CHECK-LABEL: tritter.block @mlp.forward(%x: tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
// CHECK: tritter.linear
// CHECK-LABEL: tritter.block @mlp.backward(
// CHECK-SAME: %[[DY:.*]]: tensor<2x6x8xf32>, %[[X:.*]]: tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
// CHECK: %[[W:.*]] = tritter.param "up.weight"
// CHECK: %[[DX:.*]] = tritter.linear_grad_input %[[DY]], %[[W]]
// CHECK: %[[DW:.*]] = tritter.linear_grad_weight %[[DY]], %[[X]]
// CHECK: tritter.gradient "up.weight", %[[DW]]
// CHECK: tritter.yield %[[DX]]
tritter.block @mlp(%x: tensor<2x6x8xf32>) -> tensor<2x6x8xf32> {
  %w = tritter.param "up.weight" : tensor<8x8xf32> = #tritter.normal<0.02>
  %y = tritter.linear %x, %w : tensor<2x6x8xf32>, tensor<8x8xf32>
  tritter.yield %y : tensor<2x6x8xf32>
}

// Instances are differentiated from the last to the first; each gets the gradient of its result and its input.
// CHECK-LABEL: tritter.program @step(
// CHECK-SAME: %[[TOKENS:.*]]: tensor<2x6xi32>, %[[TARGETS:.*]]: tensor<2x6xi32>) -> tensor<f32>
// CHECK-SAME: names = ["tokens", "targets", "loss"]
// CHECK: %[[X0:.*]] = tritter.embedding %[[TOKENS]]
// CHECK: %[[X1:.*]] = tritter.layer "layers.0" @mlp.forward(%[[X0]])
// CHECK: %[[X2:.*]] = tritter.layer "layers.1" @mlp.forward(%[[X1]])
// CHECK: %[[N:.*]] = tritter.rms_norm %[[X2]]
// The largest divisor of 12 rows that is not above 5; the last norm is outside.
// CHECK: %[[HEAD:.*]]:2 = tritter.chunk rows 4(%[[N]], %[[TARGETS]])
// CHECK: ^bb0(%[[NC:.*]]: tensor<4x8xf32>, %[[TC:.*]]: tensor<4xi32>):
// CHECK: %[[E:.*]] = tritter.param "embed.weight"
// CHECK: %[[LOGITS:.*]] = tritter.linear %[[NC]], %[[E]]
// CHECK: %[[LOSSES:.*]] = tritter.cross_entropy %[[LOGITS]], %[[TC]]
// CHECK: %[[SCALE:.*]] = tritter.scalar "loss_scale"
// CHECK: %[[DL:.*]] = tritter.cross_entropy_grad %[[LOGITS]], %[[TC]], %[[SCALE]] {weight = 0.0833333
// CHECK: %[[DN:.*]] = tritter.linear_grad_input %[[DL]], %[[E]]
// CHECK: %[[DE:.*]] = tritter.linear_grad_weight %[[DL]], %[[NC]]
// CHECK: tritter.gradient "embed.weight", %[[DE]]
// CHECK: tritter.yield %[[LOSSES]], %[[DN]]
// CHECK: %[[MEAN:.*]] = tritter.mean %[[HEAD]]#0
// CHECK: %[[D2:.*]], %[[DG:.*]] = tritter.rms_norm_grad %[[HEAD]]#1, %[[X2]]
// CHECK: tritter.gradient "final_norm.weight", %[[DG]]
// CHECK: %[[D1:.*]] = tritter.layer "layers.1" @mlp.backward(%[[D2]], %[[X1]])
// CHECK: %[[D0:.*]] = tritter.layer "layers.0" @mlp.backward(%[[D1]], %[[X0]])
// The tied table has its second gradient.
// CHECK: %[[DT:.*]] = tritter.embedding_grad %[[D0]], %[[TOKENS]]
// CHECK: tritter.gradient "embed.weight", %[[DT]]
// Scaled as the gradients are, so that the losses of several batches add up.
// CHECK: %[[LOSS:.*]] = tritter.mul %[[MEAN]], %{{.*}} : tensor<f32>
// CHECK: tritter.yield %[[LOSS]]

// CHECK-LABEL: tritter.program @evaluate(
// CHECK: tritter.layer "layers.1" @mlp(
// CHECK: %[[L:.*]] = tritter.chunk rows 4(
// CHECK-NOT: gradient
// CHECK: %[[LOSS:.*]] = tritter.mean %[[L]]
// CHECK: tritter.yield %[[LOSS]]

// CHECK-LABEL: tritter.program @logits(
// CHECK-SAME: names = ["tokens", "logits", "residual.0", "residual.1", "residual.2"]
// CHECK: %[[X0:.*]] = tritter.embedding
// CHECK: %[[X1:.*]] = tritter.layer "layers.0" @mlp(%[[X0]])
// CHECK: %[[X2:.*]] = tritter.layer "layers.1" @mlp(%[[X1]])
// CHECK: %[[Y:.*]] = tritter.linear
// CHECK: tritter.yield %[[Y]], %[[X0]], %[[X1]], %[[X2]]

// STEP: tritter.program @step
// STEP-NOT: tritter.program
tritter.model @m(%tokens: tensor<2x6xi32>) -> tensor<2x6x32xf32> {
  %e = tritter.param "embed.weight" : tensor<32x8xf32> = #tritter.normal<0.02>
  %x0 = tritter.embedding %tokens, %e : tensor<2x6xi32>, tensor<32x8xf32>
  %x1 = tritter.layer "layers.0" @mlp(%x0) : (tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
  %x2 = tritter.layer "layers.1" @mlp(%x1) : (tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
  %g = tritter.param "final_norm.weight" : tensor<8xf32> = #tritter.constant<1.0>
  %n = tritter.rms_norm %x2, %g {eps = 1.0e-5} : tensor<2x6x8xf32>, tensor<8xf32>
  %y = tritter.linear %n, %e : tensor<2x6x8xf32>, tensor<32x8xf32>
  tritter.yield %y : tensor<2x6x32xf32>
}
