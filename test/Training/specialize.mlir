// RUN: tritter-opt %s --tritter-specialize="batch=2 seq=16" | FileCheck %s

// Types follow the tokens into blocks, through split heads and casts; parameters stay.
// CHECK-LABEL: tritter.block @attend
// CHECK-SAME: tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
// CHECK: tritter.param "q.weight" : tensor<8x8xf32>
// CHECK: tritter.split_heads %{{.*}} : tensor<2x16x8xf32> -> tensor<2x16x2x4xf32>
// CHECK: tritter.cast %{{.*}} : tensor<2x16x2x4xf32> -> tensor<2x16x2x4xbf16>
// CHECK: tritter.yield %{{.*}} : tensor<2x16x8xf32>
tritter.block @attend(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %w = tritter.param "q.weight" : tensor<8x8xf32>
  %q = tritter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  %h = tritter.split_heads %q : tensor<?x?x8xf32> -> tensor<?x?x2x4xf32>
  %n = tritter.cast %h : tensor<?x?x2x4xf32> -> tensor<?x?x2x4xbf16>
  %a = tritter.attention %n, %n, %n : tensor<?x?x2x4xbf16>, tensor<?x?x2x4xbf16>, tensor<?x?x2x4xbf16>
  %f = tritter.cast %a : tensor<?x?x2x4xbf16> -> tensor<?x?x2x4xf32>
  %m = tritter.merge_heads %f : tensor<?x?x2x4xf32>
  tritter.yield %m : tensor<?x?x8xf32>
}

// CHECK-LABEL: tritter.model @m
// CHECK-SAME: tensor<2x16xi32>) -> tensor<2x16x32xf32>
// CHECK: tritter.layer "layers.1" @attend(%{{.*}}) : (tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %e = tritter.param "embed.weight" : tensor<32x8xf32>
  %p = tritter.param "positions.weight" : tensor<16x8xf32>
  %x = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<32x8xf32>
  %x0 = tritter.position_embedding %x, %p : tensor<?x?x8xf32>, tensor<16x8xf32>
  %x1 = tritter.layer "layers.0" @attend(%x0) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %x2 = tritter.layer "layers.1" @attend(%x1) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %y = tritter.linear %x2, %e : tensor<?x?x8xf32>, tensor<32x8xf32>
  tritter.yield %y : tensor<?x?x32xf32>
}
