// Only blocks that compute the same are one; what no layer uses goes.
// RUN: tritter-opt %s --tritter-finish-growth | FileCheck %s
// RUN: echo "module {}" | not tritter-opt --tritter-finish-growth 2>&1 | FileCheck %s --check-prefix=EMPTY

// EMPTY: error: holds no tritter.model

// CHECK-NOT: @unused
// CHECK-LABEL: tritter.block @silu(
// CHECK-LABEL: tritter.block @relu(
// CHECK-NOT: tritter.block
// CHECK: "layers.0" @silu
// CHECK: "layers.1" @relu
// CHECK: "layers.2" @silu
tritter.block @unused(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  tritter.yield %x : tensor<?x?x8xf32>
}
tritter.block @relu(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = tritter.activation relu %x : tensor<?x?x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.block @silu(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = tritter.activation silu %x : tensor<?x?x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.block @same(%z: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = tritter.activation silu %z : tensor<?x?x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "embed.weight" : tensor<8x8xf32>
  %h = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<8x8xf32>
  %h1 = tritter.layer "layers.0" @silu(%h) {frozen} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h2 = tritter.layer "layers.1" @relu(%h1) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h3 = tritter.layer "layers.2" @same(%h2) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  tritter.yield %h3 : tensor<?x?x8xf32>
}
