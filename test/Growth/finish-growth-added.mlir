// What a growth brought is read off the derivations, and numbered after what growths brought before.
// RUN: tritter-opt %s --tritter-finish-growth | FileCheck %s
// The same from a pass.
// RUN: sed "/block @kep[t]/,\$d" %s | tritter-opt --tritter-depth-upscale="strategy=stack layers=6" --tritter-finish-growth | FileCheck %s --check-prefix=STACK

tritter.block @base_block(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "up" : tensor<4x4xf32>
  %u = tritter.linear %x, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  tritter.yield %u : tensor<?x?x4xf32>
}
tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed" : tensor<6x4xf32>
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %h1 = tritter.layer "layers.0" @base_block(%h0) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h2 = tritter.layer "layers.1" @base_block(%h1) {added = 1 : i64} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %l = tritter.linear %h2, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}

// Layers 0 and 2 of the grown model stand for those of the base; layer 1, of zeros, is one more, although it comes
// before what it was made of. Layer 3 is made of none. A bias of zeros is a new tensor in old layers.
// CHECK-LABEL: tritter.block @kept(
// CHECK: tritter.param "up" : tensor<4x4xf32>
// CHECK: tritter.param "bias" {added = 2 : i64} : tensor<4xf32>
// CHECK-LABEL: tritter.block @zero(
// CHECK: tritter.param "up" : tensor<4x4xf32>
// CHECK-LABEL: tritter.model @base(
// CHECK: tritter.param "embed" : tensor<6x4xf32>
// CHECK: "layers.0" @kept(%{{.*}}) :
// CHECK: "layers.1" @zero(%{{.*}}) {added = 2 : i64} :
// CHECK: "layers.2" @kept(%{{.*}}) {added = 1 : i64} :
// CHECK: "layers.3" @zero(%{{.*}}) {added = 2 : i64} :
// CHECK: tritter.param "head" {added = 2 : i64}

// STACK: "layers.0" @base_block(%{{.*}}) :
// STACK: "layers.1" @base_block(%{{.*}}) {added = 1 : i64} :
// STACK: "layers.2" @base_block(%{{.*}}) {added = 2 : i64} :
// STACK: "layers.5" @base_block(%{{.*}}) {added = 2 : i64} :

tritter.block @kept(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "up" : tensor<4x4xf32> derives {
    %s = growth.source @base "up" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %b = tritter.param "bias" : tensor<4xf32> derives {
    %z = growth.zero : tensor<4xf32>
    growth.yield %z : tensor<4xf32>
  }
  %u = tritter.linear %x, %w bias %b : tensor<?x?x4xf32>, tensor<4x4xf32>, tensor<4xf32>
  tritter.yield %u : tensor<?x?x4xf32>
}
tritter.block @zero(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "up" : tensor<4x4xf32> derives {
    %z = growth.zero : tensor<4x4xf32>
    growth.yield %z : tensor<4x4xf32>
  }
  %u = tritter.linear %x, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %y = tritter.add %x, %u : tensor<?x?x4xf32>
  tritter.yield %y : tensor<?x?x4xf32>
}
tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed" : tensor<6x4xf32> derives {
    %s = growth.source @base "embed" : tensor<6x4xf32>
    growth.yield %s : tensor<6x4xf32>
  }
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %h1 = tritter.layer "layers.0" @kept(%h0) from "layers.0" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h2 = tritter.layer "layers.1" @zero(%h1) from "layers.1" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h3 = tritter.layer "layers.2" @kept(%h2) from "layers.1" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h4 = tritter.layer "layers.3" @zero(%h3) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %f = tritter.param "head" : tensor<6x4xf32> = #tritter.normal<0.02>
  %l = tritter.linear %h4, %f : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
