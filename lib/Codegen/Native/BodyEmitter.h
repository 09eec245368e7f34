#ifndef TRITTER_LIB_CODEGEN_NATIVE_BODYEMITTER_H
#define TRITTER_LIB_CODEGEN_NATIVE_BODYEMITTER_H

#include "dialects/Row/RowDialect.h"

#include "llvm/IR/IRBuilder.h"

namespace mlir::row {

/// Whether every operation of the kernel has LLVM IR, and the kernel computes in f32 on neighbouring columns.
bool hasNativeCode(KernelOp kernel);

/// Functions that processors have different ways for, on f32 and vectors of it.
struct MathFunctions {
  using Function = llvm::Value *(*)(llvm::IRBuilder<> &, llvm::Value *);
  Function exp, log, erf;
  /// Where this is null, rsqrt is computed by a square root and a division.
  Function rsqrt = nullptr;
  /// Where this is null, LLVM's division is used, which is rounded correctly.
  llvm::Value *(*divide)(llvm::IRBuilder<> &, llvm::Value *, llvm::Value *) = nullptr;
};

/// The LLVM IR of an operation of a body, but for reductions and indices, on scalars or on vectors (all operands of one
/// shape). Constants are made scalar. Conditions are i1.
llvm::Value *emitBodyOperation(llvm::IRBuilder<> &builder, Operation &op, llvm::ArrayRef<llvm::Value *> operands,
                               const MathFunctions &math);

} // namespace mlir::row

#endif // TRITTER_LIB_CODEGEN_NATIVE_BODYEMITTER_H
