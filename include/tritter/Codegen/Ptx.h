#ifndef TRITTER_CODEGEN_PTX_H
#define TRITTER_CODEGEN_PTX_H

#include "dialects/Row/RowDialect.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace mlir::row {

/// How a kernel is launched on a GPU.
struct GpuLaunchShape {
  /// Threads that work on one row, and threads of a block. A block works on `blockThreads / rowThreads` rows at a time.
  unsigned rowThreads = 0;
  unsigned blockThreads = 0;
};

/// A kernel's entry in PTX: its name there (the kernel's, with `_` for what PTX does not take), and its launch.
struct PtxEntry {
  std::string symbol;
  GpuLaunchShape shape;
};

/// PTX of the row kernels of a module.
struct Ptx {
  std::string text;
  /// Of each kernel with an entry in `text`, by the kernel's name.
  llvm::StringMap<PtxEntry> kernels;
};

/// Every kernel becomes an entry with a pointer for each view and then the number of rows, as u64. Blocks of the grid
/// take rows in turn, so that any grid does; where a kernel sums columns the grid has as many blocks as the launch.
/// Kernels that make constants, and those in f64, have none. `chip` is sm_90 or later. Fails with a diagnostic.
FailureOr<Ptx> emitPtx(ModuleOp module, StringRef chip);

} // namespace mlir::row

#endif // TRITTER_CODEGEN_PTX_H
