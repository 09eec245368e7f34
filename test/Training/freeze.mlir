// RUN: tritter-opt %s --tritter-freeze=train-only=new | FileCheck %s --check-prefix=NEW
// RUN: tritter-opt %s --tritter-freeze="train-only=layers.*.up.weight,head.*" | FileCheck %s --check-prefix=NAMED
// RUN: not tritter-opt %s --tritter-freeze=train-only=layers.7.* 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not tritter-opt %s --tritter-freeze=train-only=layers.[ 2>&1 | FileCheck %s --check-prefix=BAD

// NONE: has no parameter that fits layers.7.*
// BAD: `layers.[` is no pattern

// The block whose instances are trained in part gets a copy, one for all of them.
// NAMED: tritter.block @mlp(
// NAMED-NOT: frozen
// NAMED: tritter.block @[[PART:mlp_.*]](
// NAMED-DAG: tritter.param "up.bias" {frozen}
// NAMED-DAG: tritter.param "up.weight" :
// NAMED-NOT: tritter.block
tritter.block @mlp(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %w = tritter.param "up.weight" : tensor<8x8xf32>
  %b = tritter.param "up.bias" : tensor<8xf32>
  %y = tritter.linear %x, %w bias %b : tensor<?x?x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}

// Only the last of several growths counts as new.
// NEW-LABEL: tritter.model @m
// NEW: tritter.param "embed.weight" {frozen}
// NEW: tritter.layer "layers.0" @mlp(%{{.*}}) {frozen}
// NEW: tritter.layer "layers.1" @mlp(%{{.*}}) {added = 1 : i64, frozen}
// NEW: tritter.layer "layers.2" @mlp(%{{.*}}) {added = 2 : i64} :
// NEW: tritter.param "head.weight" {frozen}
// NAMED: tritter.param "embed.weight" {frozen}
// NAMED: tritter.layer "layers.0" @[[PART]](%{{.*}}) :
// NAMED: tritter.layer "layers.2" @[[PART]](%{{.*}}) {added = 2 : i64} :
// NAMED: tritter.param "head.weight" :
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %e = tritter.param "embed.weight" : tensor<8x8xf32>
  %x = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<8x8xf32>
  %x1 = tritter.layer "layers.0" @mlp(%x) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %x2 = tritter.layer "layers.1" @mlp(%x1) {added = 1 : i64} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %x3 = tritter.layer "layers.2" @mlp(%x2) {added = 2 : i64} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %w = tritter.param "head.weight" : tensor<8x8xf32>
  %y = tritter.linear %x3, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
