#ifndef TRITTER_LIB_CODEGEN_NATIVE_OPTIMIZE_H
#define TRITTER_LIB_CODEGEN_NATIVE_OPTIMIZE_H

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace mlir::row {

/// The few clean-ups that written kernels need: equal values once, constants out of loops. No more, so that compiling
/// stays fast.
void optimizeKernels(llvm::Module &module, llvm::TargetMachine &machine);

} // namespace mlir::row

#endif // TRITTER_LIB_CODEGEN_NATIVE_OPTIMIZE_H
