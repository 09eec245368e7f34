#ifndef TRITTER_LIB_CODEGEN_NATIVE_OPTIMIZE_H
#define TRITTER_LIB_CODEGEN_NATIVE_OPTIMIZE_H

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace mlir::row {

/// What kernels still need after they were written as they were: equal values, constants out of loops. Little, so that
/// compiling stays fast.
void optimizeKernels(llvm::Module &module, llvm::TargetMachine &machine);

} // namespace mlir::row

#endif // TRITTER_LIB_CODEGEN_NATIVE_OPTIMIZE_H
