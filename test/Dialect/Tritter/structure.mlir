// Models, blocks, instances and parameters can be written and read, and their values have names that say what they are.
// RUN: tritter-opt %s | FileCheck %s
// RUN: tritter-opt %s > %t.mlir && tritter-opt %t.mlir | diff %t.mlir -
// RUN: tritter-opt %s --mlir-print-op-generic | tritter-opt | diff %t.mlir -

// CHECK: tritter.decoder @d {activation = #tritter.activation<gelu>, dtype = bf16, heads = 2 : i64, {{.*}}norm = #tritter.norm<layer>, positions = #tritter.positions<learned>
tritter.decoder @d {layers = 2, hidden = 8, heads = 2, intermediate = 16, norm = #tritter.norm<layer>,
  positions = #tritter.positions<learned>, max_positions = 4, activation = #tritter.activation<gelu>, dtype = bf16}

// CHECK-LABEL: tritter.block @b(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
tritter.block @b(%arg: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // CHECK-NEXT: %mlp.up.weight = tritter.param "mlp.up.weight" : tensor<8x8xf32> = #tritter.normal<2.000000e-02 : f64>
  %0 = tritter.param "mlp.up.weight" : tensor<8x8xf32> = #tritter.normal<0.02>
  // CHECK-NEXT: %mlp.up.bias = tritter.param "mlp.up.bias" {frozen} : tensor<8xf32> = #tritter.constant<0.000000e+00 : f64>
  %1 = tritter.param "mlp.up.bias" {frozen} : tensor<8xf32> = #tritter.constant<0.0>
  // CHECK-NEXT: %up = tritter.linear %x, %mlp.up.weight bias %mlp.up.bias : tensor<?x?x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  %2 = tritter.linear %arg, %0 bias %1 : tensor<?x?x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  tritter.yield %2 : tensor<?x?x8xf32>
}

// CHECK-LABEL: tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
tritter.model @m(%arg: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  // CHECK-NEXT: %embed.weight = tritter.param "embed.weight" : tensor<16x8xf32> derives {
  // CHECK-NEXT: %[[SOURCE:.*]] = growth.source @base "embed.weight" : tensor<16x8xf32>
  // CHECK-NEXT: growth.yield %[[SOURCE]]
  %0 = tritter.param "embed.weight" : tensor<16x8xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<16x8xf32>
    growth.yield %s : tensor<16x8xf32>
  }
  // CHECK: %embedded = tritter.embedding
  %1 = tritter.embedding %arg, %0 : tensor<?x?xi32>, tensor<16x8xf32>
  // CHECK-NEXT: %h1 = tritter.layer "layers.0" @b(%embedded) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %2 = tritter.layer "layers.0" @b(%1) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  // CHECK-NEXT: %h2 = tritter.layer "layers.1" @b(%h1) from "layers.0" {added = 1 : i64, frozen} :
  %3 = tritter.layer "layers.1" @b(%2) from "layers.0" {added = 1, frozen} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  // CHECK-NEXT: tritter.linear %h2, %embed.weight
  %4 = tritter.linear %3, %0 : tensor<?x?x8xf32>, tensor<16x8xf32>
  tritter.yield %4 : tensor<?x?x16xf32>
}

// CHECK-LABEL: tritter.program @p(%a: tensor<2xf32>, %b: tensor<2xf32>) -> tensor<2xf32> attributes {names = ["a", "b", "sum"]}
tritter.program @p(%0: tensor<2xf32>, %1: tensor<2xf32>) -> tensor<2xf32> attributes {names = ["a", "b", "sum"]} {
  %2 = tritter.add %0, %1 : tensor<2xf32>
  tritter.yield %2 : tensor<2xf32>
}
