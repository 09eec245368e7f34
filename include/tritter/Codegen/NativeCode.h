#ifndef TRITTER_CODEGEN_NATIVECODE_H
#define TRITTER_CODEGEN_NATIVECODE_H

#include "dialects/Row/RowDialect.h"

#include "runtime/schema/executable_generated.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::row {

/// Compiles the kernels of `module` that `executable.kernels` has by the same names for the processor that this runs
/// on: sets their symbols and `executable.native`. Kernels that compute in f64, and those whose functions have no
/// vector code (they make constants, once), stay with the interpreter. Fails with a diagnostic.
LogicalResult addNativeCode(ModuleOp module, ::tritter::schema::ExecutableT &executable);

} // namespace mlir::row

#endif // TRITTER_CODEGEN_NATIVECODE_H
