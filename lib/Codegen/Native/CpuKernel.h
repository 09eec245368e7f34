#ifndef TRITTER_LIB_CODEGEN_NATIVE_CPUKERNEL_H
#define TRITTER_LIB_CODEGEN_NATIVE_CPUKERNEL_H

#include "dialects/Row/RowDialect.h"

#include "llvm/IR/Module.h"

namespace mlir::row {

struct VectorTarget {
  /// f32 elements of a vector register.
  unsigned lanes = 8;
  /// The processor rounds to bf16 itself.
  bool roundsToBf16 = false;
};

/// Writes void name(void *const *operands, int64_t row_begin, int64_t row_end, int64_t block). Sums of a row are kept
/// in several vectors, added up in an order that only the number of columns decides.
llvm::Function *writeCpuKernel(KernelOp kernel, StringRef name, llvm::Module &module, const VectorTarget &target);

} // namespace mlir::row

#endif // TRITTER_LIB_CODEGEN_NATIVE_CPUKERNEL_H
