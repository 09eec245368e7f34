#ifndef TRITTER_LIB_CODEGEN_NATIVE_BODYEMITTER_H
#define TRITTER_LIB_CODEGEN_NATIVE_BODYEMITTER_H

#include "dialects/Row/RowDialect.h"

#include "llvm/IR/IRBuilder.h"

namespace mlir::row {

/// Whether every operation of the kernel has LLVM IR, and the kernel computes in f32 on neighbouring columns.
bool hasNativeCode(KernelOp kernel);

/// The LLVM IR of an operation of a body, but for reductions and indices, on scalars or on vectors (all operands of one
/// shape). Constants are made scalar. Conditions are i1.
llvm::Value *emitBodyOperation(llvm::IRBuilder<> &builder, Operation &op, llvm::ArrayRef<llvm::Value *> operands);

} // namespace mlir::row

#endif // TRITTER_LIB_CODEGEN_NATIVE_BODYEMITTER_H
