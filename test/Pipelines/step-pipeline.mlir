// From a decoder to the programs of its training.
// RUN: tritter-opt %s --tritter-elaborate --tritter-step-pipeline="entries=step,evaluate,logits,update batch=2 seq=8 precision=bf16 head-rows=4" | FileCheck %s
// RUN: tritter-opt %s --tritter-elaborate --tritter-step-pipeline="entries=step,evaluate,logits,update batch=2 seq=8 precision=f64" | tritter-opt | FileCheck %s --check-prefix=F64
// RUN: tritter-opt %s --tritter-elaborate --tritter-step-pipeline="batch=2 seq=8" | FileCheck %s --check-prefix=SAVED
// RUN: tritter-opt %s --tritter-elaborate --tritter-step-pipeline="batch=2 seq=8 recompute=pointwise" | FileCheck %s --check-prefix=AGAIN
tritter.decoder @tiny {layers = 2, hidden = 16, heads = 4, kv_heads = 2, intermediate = 32, vocab = 32, tied = true}

// Two layers share one block.
// CHECK:      tritter.block @llama.forward(
// CHECK:      tritter.block @llama.backward(
// CHECK-NOT:  tritter.block
// CHECK:      tritter.program @step(
// CHECK:      tritter.chunk rows 4
// CHECK:      tritter.layer "layers.1" @llama.backward(
// CHECK:      tritter.layer "layers.0" @llama.backward(
// CHECK:      tritter.program @evaluate(
// CHECK:      tritter.program @logits(
// CHECK-SAME: -> (tensor<2x8x32xf32>,
// CHECK:      tritter.program @update()
// CHECK:      tritter.set_state "value" of "decay"

// F64-NOT:    xf32

// The gated activation, which the down projection's gradient reads, is kept or made again.
// SAVED-LABEL: tritter.block @llama.backward(
// SAVED-NOT:   tritter.rms_norm %
// SAVED:       tritter.model
// AGAIN-LABEL: tritter.block @llama.backward(
// AGAIN:       tritter.rms_norm %
