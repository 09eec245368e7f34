#ifndef TRITTER_LIB_CODEGEN_NATIVE_VECTORMATH_H
#define TRITTER_LIB_CODEGEN_NATIVE_VECTORMATH_H

#include "llvm/IR/IRBuilder.h"

/// Functions on f32 and on vectors of it, as straight-line LLVM IR: no library is called.
namespace mlir::row {

/// Within 2 units in the last place; 0 below -87, infinity above 88.72, NaN of NaN.
llvm::Value *buildExp(llvm::IRBuilder<> &builder, llvm::Value *x);
/// Within 2 units in the last place for normal numbers; -infinity of 0, NaN below.
llvm::Value *buildLog(llvm::IRBuilder<> &builder, llvm::Value *x);
/// Within 2e-7, by this function for exp.
llvm::Value *buildErf(llvm::IRBuilder<> &builder, llvm::Value *x,
                      llvm::Value *(*exp)(llvm::IRBuilder<> &, llvm::Value *));

/// NaN where one of them is.
llvm::Value *buildMaximum(llvm::IRBuilder<> &builder, llvm::Value *a, llvm::Value *b);
llvm::Value *buildMinimum(llvm::IRBuilder<> &builder, llvm::Value *a, llvm::Value *b);

} // namespace mlir::row

#endif // TRITTER_LIB_CODEGEN_NATIVE_VECTORMATH_H
