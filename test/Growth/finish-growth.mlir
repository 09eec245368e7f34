// What a checkpoint keeps of a growth: one block, no derivations, the base's name.
// RUN: tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=llama-pro layers=3" --tritter-verify-growth --tritter-finish-growth 2>/dev/null \
// RUN:   | FileCheck %s --implicit-check-not=growth. --implicit-check-not=#tritter --implicit-check-not=derives --implicit-check-not=" from "
// Once finished, a model stays as it is.
// RUN: tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=llama-pro layers=3" --tritter-finish-growth > %t.mlir && tritter-opt %t.mlir --tritter-finish-growth | diff %t.mlir -

// CHECK-LABEL: tritter.block @llama(
// CHECK: tritter.param "attn.o.weight" : tensor<8x8xf32>{{$}}
// CHECK-NOT: tritter.block
// CHECK-LABEL: tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x32xf32> attributes {max_positions = 64 : i64} {
// CHECK: "layers.0" @llama({{.*}}) :
// CHECK: "layers.1" @llama({{.*}}) :
// CHECK: "layers.2" @llama({{.*}}) {added = 1 : i64} :
// CHECK-NOT: tritter.model

tritter.decoder @base {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, max_positions = 64}
