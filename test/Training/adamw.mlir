// RUN: tritter-opt %s --split-input-file --tritter-adamw | FileCheck %s
// RUN: tritter-opt %s --split-input-file --tritter-precision=precision=bf16 --tritter-adamw | FileCheck %s --check-prefix=BF16

// CHECK-LABEL: tritter.program @update() -> (tensor<f32>, tensor<f32>)
// CHECK-SAME: names = ["grad_norm", "finite"]
// The norm is over both groups.
// CHECK: %[[G1:.*]] = tritter.state "gradient" of "decay" : tensor<4x1024xf32>
// CHECK: %[[S1:.*]] = tritter.sum_of_squares %[[G1]]
// CHECK: %[[G2:.*]] = tritter.state "gradient" of "no_decay" : tensor<1x1024xf32>
// CHECK: %[[S2:.*]] = tritter.sum_of_squares %[[G2]]
// CHECK: %[[SUM:.*]] = tritter.add %[[S1]], %[[S2]]
// CHECK: %[[LIMIT:.*]] = tritter.scalar "clip"
// CHECK: %[[LOSS:.*]] = tritter.scalar "loss"
// CHECK: %[[BEFORE:.*]] = tritter.scalar "finite"
// CHECK: %[[NORM:.*]], %[[FACTOR:.*]], %[[FINITE:.*]] = tritter.clip %[[SUM]], %[[LIMIT]], %[[LOSS]], %[[BEFORE]]
// CHECK: %[[W:.*]] = tritter.state "master" of "decay"
// CHECK: %[[M:.*]] = tritter.state "adam.m" of "decay" grows adjoint
// CHECK: %[[V:.*]] = tritter.state "adam.v" of "decay" grows adjoint_squared
// CHECK: %[[DECAY:.*]] = tritter.scalar "weight_decay"
// CHECK: %[[W1:.*]], %[[M1:.*]], %[[V1:.*]] = tritter.adamw %[[W]], %[[G1]], %[[M]], %[[V]], %[[FACTOR]], %[[FINITE]], {{.*}}, %[[DECAY]] :
// CHECK: tritter.set_state "master" of "decay", %[[W1]]
// CHECK: tritter.set_state "adam.m" of "decay", %[[M1]]
// CHECK: tritter.set_state "adam.v" of "decay", %[[V1]]
// CHECK-NOT: tritter.set_state "value"
// Norms have no decay: 12 operands.
// CHECK: tritter.adamw %{{[^,]*}}, %[[G2]], {{([^,:]*, ){9}[^,:]*}} : tensor<1x1024xf32>
// CHECK: tritter.yield %[[NORM]], %[[FINITE]]

// In bf16 what the forward pass reads is written too, where it is not the master itself.
// BF16-LABEL: tritter.program @update()
// BF16: %[[W1:.*]], %{{.*}}, %{{.*}} = tritter.adamw
// BF16: %[[VALUE:.*]] = tritter.cast %[[W1]] : tensor<4x1024xf32> -> tensor<4x1024xbf16>
// BF16: tritter.set_state "value" of "decay", %[[VALUE]]
// BF16: tritter.adamw
// BF16-NOT: tritter.set_state "value"
tritter.model @m(%tokens: tensor<2x16xi32>) -> tensor<2x16x512xf32> {
  %e = tritter.param "embed.weight" {frozen} : tensor<512x8xf32>
  %w = tritter.param "head.weight" : tensor<512x8xf32>
  %g = tritter.param "norm.weight" : tensor<8xf32>
  %x = tritter.embedding %tokens, %e : tensor<2x16xi32>, tensor<512x8xf32>
  %n = tritter.rms_norm %x, %g {eps = 1.0e-5} : tensor<2x16x8xf32>, tensor<8xf32>
  %y = tritter.linear %n, %w : tensor<2x16x8xf32>, tensor<512x8xf32>
  tritter.yield %y : tensor<2x16x512xf32>
}

// -----

// A group with nothing in it is not there.
// CHECK-LABEL: tritter.program @update()
// BF16-LABEL: tritter.program @update()
// CHECK-COUNT-1: tritter.adamw
// CHECK-NOT: tritter.adamw
tritter.model @m(%tokens: tensor<2x16xi32>) -> tensor<2x16x8xf32> {
  %e = tritter.param "embed.weight" : tensor<512x8xf32>
  %x = tritter.embedding %tokens, %e : tensor<2x16xi32>, tensor<512x8xf32>
  tritter.yield %x : tensor<2x16x8xf32>
}
