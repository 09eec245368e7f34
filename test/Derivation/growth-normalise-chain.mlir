// A growth of a growth is one growth of the first model: derivations are written in its tensors, origins are its layers,
// and blocks that were shared are told apart by what they came from.
// RUN: tritter-opt %s --growth-normalise | FileCheck %s
// RUN: tritter-opt %s --growth-normalise --tritter-verify-growth="base=base grown=third" -o /dev/null 2>&1 | FileCheck %s --check-prefix=PROOF
// PROOF: growth of @base to @third: exact, bitwise

tritter.block @plain(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w.weight" : tensor<4x4xf32>
  %y = tritter.linear %x, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %z = tritter.add %x, %y : tensor<?x?x4xf32>
  tritter.yield %z : tensor<?x?x4xf32>
}
tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x4xf32>
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %h1 = tritter.layer "layers.0" @plain(%h0) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h2 = tritter.layer "layers.1" @plain(%h1) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %l = tritter.linear %h2, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}

tritter.block @kept(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w.weight" : tensor<4x4xf32> derives {
    %s = growth.source @base "w.weight" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %y = tritter.linear %x, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %z = tritter.add %x, %y : tensor<?x?x4xf32>
  tritter.yield %z : tensor<?x?x4xf32>
}
tritter.block @new(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w.weight" : tensor<4x4xf32> derives {
    %s = growth.zero : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %y = tritter.linear %x, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %z = tritter.add %x, %y : tensor<?x?x4xf32>
  tritter.yield %z : tensor<?x?x4xf32>
}
tritter.model @second(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x4xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<6x4xf32>
    growth.yield %s : tensor<6x4xf32>
  }
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %h1 = tritter.layer "layers.0" @kept(%h0) from "layers.0" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h2 = tritter.layer "layers.1" @new(%h1) from "layers.0" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h3 = tritter.layer "layers.2" @kept(%h2) from "layers.1" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %l = tritter.linear %h3, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}

// CHECK: tritter.model @second
// CHECK: tritter.block @[[KEPT:again_[0-9]+]](
// CHECK: growth.source @base "w.weight"
// CHECK: tritter.block @[[ZERO:again_[0-9]+]](
// CHECK-NOT: growth.source
// CHECK: growth.zero
// CHECK: tritter.model @third
// CHECK: growth.source @base "embed.weight"
// CHECK: tritter.layer "layers.0" @[[KEPT]](%{{.*}}) from "layers.0"
// CHECK: tritter.layer "layers.1" @[[ZERO]](%{{.*}}) from "layers.0"
// CHECK: tritter.layer "layers.2" @[[KEPT]](%{{.*}}) from "layers.1"
// CHECK: tritter.layer "layers.3" @[[ZERO]](%{{.*}}) from "layers.0"
tritter.block @again(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w.weight" : tensor<4x4xf32> derives {
    %s = growth.source @second "w.weight" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %y = tritter.linear %x, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %z = tritter.add %x, %y : tensor<?x?x4xf32>
  tritter.yield %z : tensor<?x?x4xf32>
}
tritter.model @third(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x4xf32> derives {
    %s = growth.source @second "embed.weight" : tensor<6x4xf32>
    growth.yield %s : tensor<6x4xf32>
  }
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %h1 = tritter.layer "layers.0" @again(%h0) from "layers.0" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h2 = tritter.layer "layers.1" @again(%h1) from "layers.1" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h3 = tritter.layer "layers.2" @again(%h2) from "layers.2" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h4 = tritter.layer "layers.3" @again(%h3) from "layers.1" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %l = tritter.linear %h4, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
