#ifndef TRITTER_CODEGEN_TARGETS_H
#define TRITTER_CODEGEN_TARGETS_H

#include "dialects/Row/RowDialect.h"

#include "runtime/schema/executable_generated.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::row {

namespace schema = ::tritter::schema;

/// A kind of processor that kernels can be compiled for.
struct CodeTarget {
  /// As --target and schema Target.name have it.
  StringRef name;
  StringRef description;
  /// Compiles those kernels of `module` that `executable.kernels` has by the same names and that this kind of code can
  /// say; what is left out is interpreted. Fails with a diagnostic.
  FailureOr<std::unique_ptr<schema::TargetT>> (*emit)(ModuleOp module, const schema::ExecutableT &executable);
};

/// Every target, in the order of its table (Codegen/Native/Targets.cpp).
ArrayRef<CodeTarget> codeTargets();
/// Null where there is none of that name.
const CodeTarget *findTarget(StringRef name);

/// A shared object for the processor that this runs on. It has no kernels that compute in f64, and none whose functions
/// have no vector code (they make constants, once).
FailureOr<std::unique_ptr<schema::TargetT>> emitCpuTarget(ModuleOp module, const schema::ExecutableT &executable);
/// PTX for sm_90 and later, and how each kernel is launched; see emitPtx for what it has not.
FailureOr<std::unique_ptr<schema::TargetT>> emitCudaTarget(ModuleOp module, const schema::ExecutableT &executable);

} // namespace mlir::row

#endif // TRITTER_CODEGEN_TARGETS_H
