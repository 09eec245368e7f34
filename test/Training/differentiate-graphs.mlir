// RUN: tritter-opt %s --tritter-differentiate=head-rows=5 | FileCheck %s

// Blocks of several inputs and results, and instances that nothing uses. The numbers of such graphs are held against
// finite differences in test/Golden.
tritter.block @pair(%x: tensor<2x4x8xf32>, %y: tensor<2x4x8xf32>) -> (tensor<2x4x8xf32>, tensor<2x4x8xf32>) {
  %w = tritter.param "weight" : tensor<8x8xf32>
  %p = tritter.linear %x, %w : tensor<2x4x8xf32>, tensor<8x8xf32>
  %s = tritter.add %p, %y : tensor<2x4x8xf32>
  tritter.yield %s, %x : tensor<2x4x8xf32>, tensor<2x4x8xf32>
}
tritter.block @embed(%t: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %e = tritter.param "weight" : tensor<8x8xf32>
  %x = tritter.embedding %t, %e : tensor<2x4xi32>, tensor<8x8xf32>
  tritter.yield %x : tensor<2x4x8xf32>
}

// CHECK-LABEL: tritter.program @step
// CHECK: %[[X:.*]] = tritter.layer "embed" @embed.forward(%tokens)
// CHECK: %[[A:.*]], %[[B:.*]] = tritter.layer "a" @[[BOTH:pair.forward[_0-9]*]](%[[X]], %[[X]])
// CHECK: %[[C:.*]], %[[D:.*]] = tritter.layer "b" @[[ONE:pair.forward[_0-9]*]](%[[A]], %[[B]])
// CHECK-NOT: "unused"
// CHECK: %[[HEAD:.*]]:2 = tritter.chunk
// Only the first result of "b" is used: its backward takes one gradient.
// CHECK: %[[DA:.*]], %[[DB:.*]] = tritter.layer "b" @{{.*}}(%[[HEAD]]#1, %[[A]])
// CHECK: %[[DX:.*]], %[[DY:.*]] = tritter.layer "a" @{{.*}}(%[[DA]], %[[DB]], %[[X]])
// The gradients of both inputs are of one value.
// CHECK: %[[SUM:.*]] = tritter.add %[[DX]], %[[DY]]
// CHECK: tritter.layer "embed" @embed.backward(%[[SUM]], %tokens) : {{.*}} -> ()
// CHECK: tritter.program @logits
// Tokens are no residual stream.
// CHECK-SAME: names = ["tokens", "logits", "residual.0", "residual.1", "residual.2"]
// CHECK: tritter.yield %{{[^,]*}}, %h, %{{[^,]*}}, %{{[^,]*}} :
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %x = tritter.layer "embed" @embed(%tokens) : (tensor<2x4xi32>) -> tensor<2x4x8xf32>
  %a, %b = tritter.layer "a" @pair(%x, %x) : (tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> (tensor<2x4x8xf32>, tensor<2x4x8xf32>)
  %c, %d = tritter.layer "b" @pair(%a, %b) : (tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> (tensor<2x4x8xf32>, tensor<2x4x8xf32>)
  %e, %f = tritter.layer "unused" @pair(%d, %a) : (tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> (tensor<2x4x8xf32>, tensor<2x4x8xf32>)
  tritter.yield %c : tensor<2x4x8xf32>
}
