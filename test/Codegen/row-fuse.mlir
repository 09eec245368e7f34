// RUN: tritter-opt %s --tritter-to-row --canonicalize --cse --row-fuse | FileCheck %s

// The residual stream is stored, as others read it; its norm reads it from registers, the cast is in the store.

// CHECK-LABEL: tritter.block @residual
// CHECK: %[[R:.*]]:2 = row.generic rows 8 columns 8(%[[Y:.*]], %[[X:.*]], %[[W:.*]]) {{.*}} -> (tensor<2x4x8xf32>, tensor<2x4x8xbf16>)
// CHECK-NOT: row.generic
// CHECK: tritter.yield %[[R]]#0, %[[R]]#1
tritter.block @residual(%x: tensor<2x4x8xf32>, %y: tensor<2x4x8xbf16>, %w: tensor<8xf32>) -> (tensor<2x4x8xf32>, tensor<2x4x8xbf16>) {
  %z = tritter.cast %y : tensor<2x4x8xbf16> -> tensor<2x4x8xf32>
  %s = tritter.add %x, %z : tensor<2x4x8xf32>
  %n = tritter.rms_norm %s, %w {eps = 1.0e-5 : f64} : tensor<2x4x8xf32>, tensor<8xf32>
  %b = tritter.cast %n : tensor<2x4x8xf32> -> tensor<2x4x8xbf16>
  tritter.yield %s, %b : tensor<2x4x8xf32>, tensor<2x4x8xbf16>
}

// Casts before and after rotary positions take its views, through the reshape; tables stay constants of their own.

// CHECK-LABEL: tritter.block @rope
// CHECK: %[[T:.*]]:2 = row.generic rows 3 columns 2()
// CHECK: row.generic rows 12 columns 2(%[[Q:[a-z0-9]*]], %[[Q]], %[[T]]#0, %[[T]]#1)
// CHECK-SAME: (tensor<2x3x8xbf16>, tensor<2x3x8xbf16>, tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<2x3x2x4xbf16>
// CHECK-NOT: row.generic
tritter.block @rope(%q: tensor<2x3x8xbf16>) -> tensor<2x3x2x4xbf16> {
  %h = tritter.split_heads %q : tensor<2x3x8xbf16> -> tensor<2x3x2x4xbf16>
  %f = tritter.cast %h : tensor<2x3x2x4xbf16> -> tensor<2x3x2x4xf32>
  %r = tritter.rope %f {theta = 10000.0 : f64} : tensor<2x3x2x4xf32>
  %b = tritter.cast %r : tensor<2x3x2x4xf32> -> tensor<2x3x2x4xbf16>
  tritter.yield %b : tensor<2x3x2x4xbf16>
}

// The loss and its gradient read the logits once, and share the softmax.

// CHECK-LABEL: tritter.block @loss
// CHECK: row.generic
// CHECK: row.reduce maximum
// CHECK-NOT: row.reduce maximum
// CHECK-NOT: row.generic
tritter.block @loss(%x: tensor<8x16xf32>, %t: tensor<8xi32>, %s: tensor<f32>) -> (tensor<8xf32>, tensor<8x16xf32>) {
  %l = tritter.cross_entropy %x, %t : tensor<8x16xf32>, tensor<8xi32>
  %d = tritter.cross_entropy_grad %x, %t, %s {weight = 0.125 : f64} : tensor<8x16xf32>, tensor<8xi32>, tensor<f32>
  tritter.yield %l, %d : tensor<8xf32>, tensor<8x16xf32>
}

// What is between two kernels keeps them apart.

// CHECK-LABEL: tritter.block @product_between
// CHECK-COUNT-2: row.generic
tritter.block @product_between(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %w = tritter.param "w" : tensor<8x8xf32>
  %a = tritter.activation silu %x : tensor<2x4x8xf32>
  %y = tritter.linear %a, %w : tensor<2x4x8xf32>, tensor<8x8xf32>
  %z = tritter.add %a, %y : tensor<2x4x8xf32>
  tritter.yield %z : tensor<2x4x8xf32>
}

// An exponential would be computed in both sweeps of the norm: not fused.

// CHECK-LABEL: tritter.block @heavy
// CHECK-COUNT-2: row.generic
tritter.block @heavy(%x: tensor<4x8xf32>, %w: tensor<8xf32>) -> tensor<4x8xf32> {
  %a = tritter.activation silu %x : tensor<4x8xf32>
  %n = tritter.rms_norm %a, %w {eps = 1.0e-5 : f64} : tensor<4x8xf32>, tensor<8xf32>
  tritter.yield %n : tensor<4x8xf32>
}

// The gradient of a weight that is not trained is not summed.

// CHECK-LABEL: tritter.block @frozen
// CHECK: row.generic rows 4 columns 8(
// CHECK-SAME: -> tensor<4x8xf32>
// CHECK-NOT: column_sum
tritter.block @frozen(%dy: tensor<4x8xf32>, %x: tensor<4x8xf32>, %w: tensor<8xf32>) -> tensor<4x8xf32> {
  %dx, %dw = tritter.rms_norm_grad %dy, %x, %w {eps = 1.0e-5 : f64} : tensor<4x8xf32>, tensor<4x8xf32>, tensor<8xf32>
  tritter.yield %dx : tensor<4x8xf32>
}

// The optimizer writes the bf16 value too, before the first of its results is written back.

// CHECK-LABEL: tritter.program @update
// CHECK: %[[U:.*]]:2 = row.generic
// CHECK-NEXT: ^bb0
// CHECK: tritter.set_state "master" of "decay", %[[U]]#0
// CHECK: tritter.set_state "value" of "decay", %[[U]]#1
tritter.program @update() -> tensor<f32> attributes {names = ["norm"]} {
  %m = tritter.state "master" of "decay" : tensor<2x1024xf32>
  %s = tritter.scalar "learning_rate" : tensor<f32>
  %n = tritter.activation relu %m : tensor<2x1024xf32>
  tritter.set_state "master" of "decay", %n : tensor<2x1024xf32>
  %b = tritter.cast %n : tensor<2x1024xf32> -> tensor<2x1024xbf16>
  tritter.set_state "value" of "decay", %b : tensor<2x1024xbf16>
  tritter.yield %s : tensor<f32>
}
