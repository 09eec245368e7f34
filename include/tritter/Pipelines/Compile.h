#ifndef TRITTER_PIPELINES_COMPILE_H
#define TRITTER_PIPELINES_COMPILE_H

#include "tritter/Pipelines/Pipelines.h"
#include "tritter/Target/Executable.h"

namespace mlir::tritter {

/// Everything that the compiler's passes work on, and what knows how to differentiate it.
void registerCompiler(DialectRegistry &registry);

/// What tritter-compile is asked for, beside the model.
struct CompileRequest {
  int64_t seed = 1;
  /// None: parameters and configuration only.
  SmallVector<Entry> entries;
  int64_t batch = 1, sequence = 512, headRows = 256;
  Precision precision = Precision::F32;
  SmallVector<std::string> trainOnly;
  bool native = true;
};

/// Compiles the elaborated model in `module`, which is changed, into `executable`. Fails with diagnostics.
LogicalResult compile(ModuleOp module, const CompileRequest &request, schema::ExecutableT &executable);

} // namespace mlir::tritter

#endif // TRITTER_PIPELINES_COMPILE_H
