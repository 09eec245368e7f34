// A model of operations of the test dialect goes through every pass; the head's is done in chunks of rows.

// RUN: tritter-test-opt %S/Inputs/model.mlir --tritter-specialize="batch=2 seq=4" --tritter-precision=precision=bf16 --tritter-differentiate=head-rows=4 | FileCheck %s --check-prefix=STEP
// RUN: tritter-test-opt %S/Inputs/model.mlir --tritter-compile-pipeline="batch=2 seq=4 precision=bf16" | FileCheck %s --check-prefix=EXEC

// The product of two results takes and gives bf16; the pointwise operation is computed again in the backward.
// STEP-LABEL: tritter.block @odd.forward
// STEP: test.affine %{{.*}} : tensor<2x4x8xf32>, tensor<8xf32>
// STEP: %{{.*}}, %{{.*}} = test.both_ways %{{.*}} : tensor<2x4x8xbf16>, tensor<8x8xbf16>
// STEP-LABEL: tritter.block @odd.backward
// STEP: tritter.gradient "both.weight"
// STEP: test.affine_grad
// STEP: tritter.gradient "affine.gain"
// STEP-LABEL: tritter.program @step
// STEP: tritter.chunk rows 4
// STEP: test.affine %{{.*}} : tensor<4x11xf32>, tensor<11xf32>
// STEP: test.affine_grad

// One kernel does the pointwise operation and what follows it; the product of two results is two commands.
// EXEC: row.kernel @affine
// EXEC-LABEL: exec.sequence @odd.forward
// EXEC: exec.launch @affine
// EXEC: exec.gemm {{.*}} transposed) : bf16 {{.*}} "both forth"
// EXEC-NEXT: exec.gemm {{.*}}) : bf16 {{.*}} "both back"
