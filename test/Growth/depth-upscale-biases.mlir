// A new layer of a model with biases ends in zero products only where the biases of its branches are zero too.
// RUN: tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=llama-pro layers=4" --tritter-verify-growth 2>&1 | FileCheck %s

tritter.decoder @gpt {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, bias = true, gated = false,
  norm = #tritter.norm<layer>, positions = #tritter.positions<learned>, max_positions = 16}

// CHECK: growth of @gpt to @grown: exact, bitwise
// CHECK-LABEL: tritter.block @decoder_new(
// CHECK: "attn.q.bias" : tensor<8xf32> derives {
// CHECK-NEXT: growth.source @gpt "attn.q.bias"
// CHECK: "attn.o.bias" : tensor<8xf32> derives {
// CHECK-NEXT: growth.zero : tensor<8xf32>
// CHECK: "mlp.up.bias" : tensor<16xf32> derives {
// CHECK-NEXT: growth.source @gpt "mlp.up.bias"
// CHECK: "mlp.down.bias" : tensor<8xf32> derives {
// CHECK-NEXT: growth.zero : tensor<8xf32>
// CHECK-LABEL: tritter.model @grown(
// CHECK: "positions.weight" : tensor<16x8xf32> derives {
