// RUN: tritter-opt %s --split-input-file --tritter-differentiate | FileCheck %s

// layers.1 alone is trained: nothing below it is differentiated, layers.2 only passes the gradient on, the head and the
// embedding get none. Each way of use has its own backward.
tritter.block @mlp(%x: tensor<2x6x8xf32>) -> tensor<2x6x8xf32> {
  %w = tritter.param "up.weight" : tensor<8x8xf32>
  %b = tritter.param "up.bias" : tensor<8xf32>
  %y = tritter.linear %x, %w bias %b : tensor<2x6x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  tritter.yield %y : tensor<2x6x8xf32>
}
// The frozen one's reads neither inputs nor saved values.
// CHECK: tritter.block @[[PASS_F:mlp.forward[_0-9]*]](%x: tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
// CHECK: tritter.block @[[PASS_B:mlp.backward[_0-9]*]](%{{.*}}: tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
// CHECK-NOT: tritter.gradient
// CHECK: tritter.linear_grad_input
// CHECK-NOT: tritter.gradient
// CHECK: tritter.block @[[LAST_F:mlp.forward[_0-9]*]](
// The lowest trained one gives no gradient of its input.
// CHECK: tritter.block @[[LAST_B:mlp.backward[_0-9]*]](%{{.*}}: tensor<2x6x8xf32>, %{{.*}}: tensor<2x6x8xf32>) {
// CHECK-NOT: tritter.linear_grad_input
// CHECK: tritter.gradient "up.weight"
// CHECK: tritter.gradient "up.bias"
// CHECK-NEXT: tritter.yield
// CHECK-NOT: tritter.block

// CHECK-LABEL: tritter.program @step
// CHECK: tritter.layer "layers.0" @mlp(%{{.*}}) {frozen}
// CHECK: tritter.layer "layers.1" @[[LAST_F]](
// CHECK: tritter.layer "layers.2" @[[PASS_F]](%{{.*}}) {frozen}
// CHECK: tritter.chunk
// CHECK-NOT: tritter.linear_grad_weight
// CHECK-NOT: tritter.gradient
// CHECK: tritter.mean
// CHECK: %[[D:.*]] = tritter.layer "layers.2" @[[PASS_B]](
// CHECK: tritter.layer "layers.1" @[[LAST_B]](%[[D]], %{{.*}}) : (tensor<2x6x8xf32>, tensor<2x6x8xf32>) -> ()
// CHECK-NOT: tritter.layer
// CHECK-NOT: tritter.embedding_grad
// CHECK: tritter.yield
tritter.model @m(%tokens: tensor<2x6xi32>) -> tensor<2x6x32xf32> {
  %e = tritter.param "embed.weight" {frozen} : tensor<32x8xf32>
  %x0 = tritter.embedding %tokens, %e : tensor<2x6xi32>, tensor<32x8xf32>
  %x1 = tritter.layer "layers.0" @mlp(%x0) {frozen} : (tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
  %x2 = tritter.layer "layers.1" @mlp(%x1) : (tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
  %x3 = tritter.layer "layers.2" @mlp(%x2) {frozen} : (tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
  %y = tritter.linear %x3, %e : tensor<2x6x8xf32>, tensor<32x8xf32>
  tritter.yield %y : tensor<2x6x32xf32>
}

// -----

// Only the head is trained: the chunk yields no gradient, no block is differentiated.
tritter.block @mlp(%x: tensor<2x6x8xf32>) -> tensor<2x6x8xf32> {
  %w = tritter.param "up.weight" {frozen} : tensor<8x8xf32>
  %y = tritter.linear %x, %w : tensor<2x6x8xf32>, tensor<8x8xf32>
  tritter.yield %y : tensor<2x6x8xf32>
}
// CHECK-NOT: forward
// CHECK-LABEL: tritter.program @step
// CHECK: tritter.layer "layers.0" @mlp(
// CHECK: %[[LOSSES:.*]] = tritter.chunk rows 12({{.*}}) -> tensor<2x6xf32>
// CHECK: tritter.gradient "head.weight"
// CHECK: %[[MEAN:.*]] = tritter.mean %[[LOSSES]]
// CHECK: %[[LOSS:.*]] = tritter.mul %[[MEAN]]
// CHECK-NEXT: tritter.yield %[[LOSS]]
tritter.model @m(%tokens: tensor<2x6xi32>) -> tensor<2x6x32xf32> {
  %e = tritter.param "embed.weight" {frozen} : tensor<32x8xf32>
  %x0 = tritter.embedding %tokens, %e : tensor<2x6xi32>, tensor<32x8xf32>
  %x1 = tritter.layer "layers.0" @mlp(%x0) : (tensor<2x6x8xf32>) -> tensor<2x6x8xf32>
  %w = tritter.param "head.weight" : tensor<32x8xf32>
  %y = tritter.linear %x1, %w : tensor<2x6x8xf32>, tensor<32x8xf32>
  tritter.yield %y : tensor<2x6x32xf32>
}
