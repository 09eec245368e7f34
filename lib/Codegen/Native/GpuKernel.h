#ifndef TRITTER_LIB_CODEGEN_NATIVE_GPUKERNEL_H
#define TRITTER_LIB_CODEGEN_NATIVE_GPUKERNEL_H

#include "tritter/Codegen/Ptx.h"

#include "llvm/IR/Module.h"

namespace mlir::row {

/// Writes the entry of a kernel as LLVM IR for NVPTX.
GpuLaunchShape writeGpuKernel(KernelOp kernel, StringRef name, llvm::Module &module);

} // namespace mlir::row

#endif // TRITTER_LIB_CODEGEN_NATIVE_GPUKERNEL_H
