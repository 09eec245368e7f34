// Which programs the pipelines make, by name.
// RUN: tritter-opt %s --tritter-elaborate --tritter-step-pipeline="entries=step,logits batch=1 seq=4" | FileCheck %s --check-prefix=STEP
// RUN: tritter-opt %s --tritter-elaborate --tritter-compile-pipeline="entries=evaluate batch=1 seq=4" | FileCheck %s --check-prefix=EXEC
// RUN: not tritter-opt %s --tritter-elaborate --tritter-step-pipeline="entries=step,backward" 2>&1 | FileCheck %s --check-prefix=ERROR
tritter.decoder @d {layers = 1, hidden = 8, heads = 2, intermediate = 16, vocab = 9}

// STEP:     tritter.program @step
// STEP-NOT: tritter.program @evaluate
// STEP:     tritter.program @logits
// STEP-NOT: tritter.program @update

// EXEC-NOT: @step
// EXEC:     exec.entry "evaluate" @evaluate
// EXEC-NOT: @update

// ERROR: error: --entries backward: step, accumulate, update, evaluate, logits or none was expected
