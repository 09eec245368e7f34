// Where memory goes: the arenas, and for saved values and workspaces what lives at the peak.
// RUN: tritter-opt %s --tritter-elaborate --tritter-compile-pipeline="batch=2 seq=64 print-memory-plan" -o /dev/null | FileCheck %s
tritter.decoder @small {layers = 3, hidden = 64, heads = 4, kv_heads = 2, intermediate = 96, vocab = 128, tied = true}

// CHECK:         MB  arena
// CHECK-NEXT:  {{[0-9.]+}}  parameters
// CHECK-NEXT:  {{[0-9.]+}}  gradients
// CHECK-NEXT:  {{[0-9.]+}}  states
// CHECK-NEXT:  [[SAVED:[0-9.]+]]  saved
// CHECK-NEXT:  [[SAVED]]    @step
// CHECK:       {{[0-9.]+}}      3 x layers.* mlp.gate
// CHECK:       [[WORKSPACE:[0-9.]+]]  workspace
// CHECK-NEXT:  [[WORKSPACE]]    @
// CHECK:       in all
