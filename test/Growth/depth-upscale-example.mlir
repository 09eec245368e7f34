// The example of the documentation of --tritter-depth-upscale.
// RUN: tritter-opt %s --tritter-depth-upscale="strategy=llama-pro layers=3" | FileCheck %s

tritter.block @llama(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %w = tritter.param "attn.o.weight" : tensor<8x8xf32>
  %y = tritter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  %z = tritter.add %x, %y : tensor<?x?x8xf32>
  tritter.yield %z : tensor<?x?x8xf32>
}
tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %table = tritter.param "embed.weight" : tensor<32x8xf32>
  %embedded = tritter.embedding %tokens, %table : tensor<?x?xi32>, tensor<32x8xf32>
  %h1 = tritter.layer "layers.0" @llama(%embedded) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h2 = tritter.layer "layers.1" @llama(%h1) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  tritter.yield %h2 : tensor<?x?x8xf32>
}

// CHECK: tritter.block @llama_copy(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
// CHECK: %attn.o.weight = tritter.param "attn.o.weight" : tensor<8x8xf32> derives {
// CHECK-NEXT: %0 = growth.source @base "attn.o.weight" : tensor<8x8xf32>
// CHECK-NEXT: growth.yield %0 : tensor<8x8xf32>
// CHECK-NEXT: }
// CHECK: tritter.block @llama_new(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
// CHECK: %attn.o.weight = tritter.param "attn.o.weight" : tensor<8x8xf32> derives {
// CHECK-NEXT: %0 = growth.zero : tensor<8x8xf32>
// CHECK-NEXT: growth.yield %0 : tensor<8x8xf32>
// CHECK-NEXT: }
// CHECK: tritter.model @grown(
// CHECK: %h1 = tritter.layer "layers.0" @llama_copy(%embedded) from "layers.0" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
// CHECK: %h2 = tritter.layer "layers.1" @llama_copy(%h1) from "layers.1" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
// CHECK: %h3 = tritter.layer "layers.2" @llama_new(%h2) from "layers.1" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
