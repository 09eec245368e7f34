// RUN: tritter-opt %s --tritter-elaborate --tritter-training-pipeline="batch=2 sequence=8 compute=bf16 head-rows=4" | FileCheck %s
// RUN: tritter-opt %s --tritter-elaborate --tritter-training-pipeline="batch=2 sequence=8 compute=f64" | tritter-opt | FileCheck %s --check-prefix=F64

// From a decoder to its programs; two layers share one block.
// CHECK: tritter.block @llama.forward(
// CHECK: tritter.block @llama.backward(
// CHECK-NOT: tritter.block
// CHECK: tritter.program @step(
// CHECK: tritter.layer "layers.1" @llama.backward(
// CHECK: tritter.layer "layers.0" @llama.backward(
// CHECK: tritter.program @evaluate(
// CHECK: tritter.program @logits(
// CHECK-SAME: -> (tensor<2x8x32xf32>,
// CHECK: tritter.program @update()
// CHECK: tritter.set_state "value" decayed
// F64-NOT: xf32
tritter.decoder @tiny {layers = 2, hidden = 16, heads = 4, kv_heads = 2, intermediate = 32, vocab = 32, tied = true}
