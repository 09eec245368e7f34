// A layer without inputs has no residual stream before it; in bf16, its gradient is not rounded.
// RUN: tritter-opt %s --tritter-differentiate | FileCheck %s
// RUN: tritter-opt %s --tritter-precision=precision=bf16 --tritter-differentiate | FileCheck %s --check-prefix=BF16

// BF16-LABEL: tritter.block @learned.backward(
// BF16-SAME:  %[[DY:.*]]: tensor<2x4x8xf32>)
// BF16:       tritter.gradient "weight", %[[DY]] : tensor<2x4x8xf32>
tritter.block @learned() -> tensor<2x4x8xf32> {
  %w = tritter.param "weight" : tensor<2x4x8xf32>
  tritter.yield %w : tensor<2x4x8xf32>
}

// CHECK-LABEL: tritter.program @step
// CHECK:       tritter.layer "learned" @learned.backward(
// CHECK:       tritter.program @logits
// CHECK-SAME:  names = ["tokens", "logits", "residual.0"]
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %x = tritter.layer "learned" @learned() : () -> tensor<2x4x8xf32>
  tritter.yield %x : tensor<2x4x8xf32>
}
