// RUN: tritter-opt %s --split-input-file --tritter-differentiate | FileCheck %s
// RUN: tritter-opt %s --split-input-file --tritter-differentiate=recompute=pointwise | FileCheck %s --check-prefix=AGAIN
// RUN: tritter-opt %s --split-input-file --tritter-precision=precision=bf16 --tritter-differentiate | FileCheck %s --check-prefix=BF16

// A gated MLP saves what its products read (the normed input, the gated activations) and the two halves; silu is done
// again. With recompute=pointwise only the halves are saved. In bf16, what is saved is bf16.
// CHECK-LABEL: tritter.block @mlp.forward
// CHECK: tritter.yield %[[Y:[^,]*]], %mlp_norm, %gate, %up, %scaled :
// CHECK-LABEL: tritter.block @mlp.backward
// CHECK-SAME: (%[[DY:[^:]*]]: tensor<2x4x8xf32>, %[[X:[^:]*]]: tensor<2x4x8xf32>, %[[N:[^:]*]]: tensor<2x4x8xf32>, %[[G:[^:]*]]: tensor<2x4x16xf32>, %[[U:[^:]*]]: tensor<2x4x16xf32>, %[[H:[^:]*]]: tensor<2x4x16xf32>)
// CHECK: %[[DH:.*]] = tritter.linear_grad_input %[[DY]]
// CHECK: tritter.linear_grad_weight %[[DY]], %[[H]]
// CHECK: %[[DS:.*]] = tritter.mul %[[DH]], %[[U]]
// CHECK: %[[S:.*]] = tritter.activation silu %[[G]]
// CHECK: %[[DU:.*]] = tritter.mul %[[DH]], %[[S]]
// CHECK: %[[DG:.*]] = tritter.activation_grad silu %[[DS]], %[[G]]
// CHECK: tritter.linear_grad_weight %[[DU]], %[[N]]
// CHECK: tritter.linear_grad_weight %[[DG]], %[[N]]
// CHECK: %[[DX:.*]], %{{.*}} = tritter.rms_norm_grad %{{.*}}, %[[X]]
// The residual's gradient and the norm's.
// CHECK: %[[SUM:.*]] = tritter.add %[[DY]], %[[DX]]
// CHECK: tritter.yield %[[SUM]]

// AGAIN-LABEL: tritter.block @mlp.forward
// AGAIN: tritter.yield %[[Y:[^,]*]], %gate, %up :
// AGAIN-LABEL: tritter.block @mlp.backward
// AGAIN: %[[H:.*]] = tritter.mul
// AGAIN: tritter.linear_grad_weight %{{.*}}, %[[H]]
// AGAIN: %[[N:.*]] = tritter.rms_norm
// AGAIN: tritter.linear_grad_weight %{{.*}}, %[[N]]

// BF16-LABEL: tritter.block @mlp.forward
// BF16-SAME: -> (tensor<2x4x8xf32>, tensor<2x4x8xbf16>, tensor<2x4x16xbf16>, tensor<2x4x16xbf16>, tensor<2x4x16xbf16>)
// BF16-LABEL: tritter.block @mlp.backward
// Gradients of one value from two products meet in f32.
// BF16: %[[A:.*]] = tritter.linear_grad_input %{{.*}} : tensor<2x4x16xbf16>
// BF16: %[[B:.*]] = tritter.linear_grad_input %{{.*}} : tensor<2x4x16xbf16>
// BF16: %[[A32:.*]] = tritter.cast %[[A]]
// BF16: %[[B32:.*]] = tritter.cast %[[B]]
// BF16: %[[SUM:.*]] = tritter.add %[[A32]], %[[B32]] : tensor<2x4x8xf32>
// BF16: tritter.rms_norm_grad %[[SUM]],
tritter.block @mlp(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %g = tritter.param "mlp_norm.weight" : tensor<8xf32>
  %n = tritter.rms_norm %x, %g {eps = 1.0e-5} : tensor<2x4x8xf32>, tensor<8xf32>
  %wg = tritter.param "mlp.gate.weight" : tensor<16x8xf32>
  %wu = tritter.param "mlp.up.weight" : tensor<16x8xf32>
  %gate = tritter.linear %n, %wg : tensor<2x4x8xf32>, tensor<16x8xf32>
  %up = tritter.linear %n, %wu : tensor<2x4x8xf32>, tensor<16x8xf32>
  %s = tritter.activation silu %gate : tensor<2x4x16xf32>
  %h = tritter.mul %s, %up : tensor<2x4x16xf32>
  %wd = tritter.param "mlp.down.weight" : tensor<8x16xf32>
  %d = tritter.linear %h, %wd : tensor<2x4x16xf32>, tensor<8x16xf32>
  %y = tritter.add %x, %d : tensor<2x4x8xf32>
  tritter.yield %y : tensor<2x4x8xf32>
}
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x32xf32> {
  %e = tritter.param "embed.weight" : tensor<32x8xf32>
  %x0 = tritter.embedding %tokens, %e : tensor<2x4xi32>, tensor<32x8xf32>
  %x1 = tritter.layer "layers.0" @mlp(%x0) : (tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %w = tritter.param "head.weight" : tensor<32x8xf32>
  %y = tritter.linear %x1, %w : tensor<2x4x8xf32>, tensor<32x8xf32>
  tritter.yield %y : tensor<2x4x32xf32>
}

// -----

// Attention saves its log-sum-exp; heads are split again rather than saved twice; the gradient of a rope turns back.
// CHECK-LABEL: tritter.block @attend.forward
// CHECK: %attended, %log_sum_exp = tritter.attention %{{.*}} save :
// CHECK: tritter.yield %{{[^,]*}}, %[[P:[^,]*]], %rotated, %attended, %log_sum_exp :
// CHECK-LABEL: tritter.block @attend.backward
// CHECK-SAME: (%[[DY:[^:]*]]: tensor<2x4x8xf32>, %[[X:[^:]*]]: tensor<2x4x8xf32>, %[[P:[^:]*]]: tensor<2x4x8xf32>, %[[R:[^:]*]]: tensor<2x4x2x4xf32>, %[[A:[^:]*]]: tensor<2x4x2x4xf32>, %[[L:[^:]*]]: tensor<2x2x4xf32>)
// CHECK: %[[DA:.*]] = tritter.split_heads %[[DY]]
// CHECK: %[[H:.*]] = tritter.split_heads %[[P]]
// CHECK: %[[DQ:.*]], %[[DK:.*]], %[[DV:.*]] = tritter.attention_grad %[[DA]], %[[R]], %[[H]], %[[H]], %[[A]], %[[L]]
// CHECK: %[[DKV:.*]] = tritter.add %[[DK]], %[[DV]]
// CHECK: %[[DR:.*]] = tritter.rope %[[DQ]] {inverse, theta = 1.000000e+04
// CHECK: %[[DH:.*]] = tritter.add %[[DKV]], %[[DR]]
// CHECK: tritter.merge_heads %[[DH]]
tritter.block @attend(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %w = tritter.param "weight" : tensor<8x8xf32>
  %q = tritter.linear %x, %w : tensor<2x4x8xf32>, tensor<8x8xf32>
  %h = tritter.split_heads %q : tensor<2x4x8xf32> -> tensor<2x4x2x4xf32>
  %r = tritter.rope %h {theta = 1.0e4} : tensor<2x4x2x4xf32>
  %a = tritter.attention %r, %h, %h : tensor<2x4x2x4xf32>, tensor<2x4x2x4xf32>, tensor<2x4x2x4xf32>
  %m = tritter.merge_heads %a : tensor<2x4x2x4xf32>
  tritter.yield %m : tensor<2x4x8xf32>
}
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %e = tritter.param "embed.weight" : tensor<32x8xf32>
  %x0 = tritter.embedding %tokens, %e : tensor<2x4xi32>, tensor<32x8xf32>
  %x1 = tritter.layer "layers.0" @attend(%x0) : (tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  tritter.yield %x1 : tensor<2x4x8xf32>
}

// -----

// What a block yields anyway is not yielded a second time to be saved.
// CHECK-LABEL: tritter.block @last.forward
// CHECK: tritter.yield %attended, %log_sum_exp :
// CHECK-LABEL: tritter.block @last.backward
// CHECK-LABEL: tritter.program @step
// CHECK: %[[Y:.*]], %[[L:.*]] = tritter.layer "a" @last.forward(%[[X:.*]]) :
// CHECK: tritter.layer "a" @last.backward(%{{[^,]*}}, %[[X]], %[[Y]], %[[L]]) :
tritter.block @last(%x: tensor<2x4x2x4xf32>) -> tensor<2x4x2x4xf32> {
  %a = tritter.attention %x, %x, %x : tensor<2x4x2x4xf32>, tensor<2x4x2x4xf32>, tensor<2x4x2x4xf32>
  tritter.yield %a : tensor<2x4x2x4xf32>
}
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %e = tritter.param "embed.weight" : tensor<32x8xf32>
  %x = tritter.embedding %tokens, %e : tensor<2x4xi32>, tensor<32x8xf32>
  %x0 = tritter.split_heads %x : tensor<2x4x8xf32> -> tensor<2x4x2x4xf32>
  %x1 = tritter.layer "a" @last(%x0) : (tensor<2x4x2x4xf32>) -> tensor<2x4x2x4xf32>
  %y = tritter.merge_heads %x1 : tensor<2x4x2x4xf32>
  tritter.yield %y : tensor<2x4x8xf32>
}
