#ifndef TRITTER_PIPELINES_COMPILE_H
#define TRITTER_PIPELINES_COMPILE_H

#include "tritter/Growth/DepthPlan.h"
#include "tritter/Pipelines/Pipelines.h"
#include "tritter/Target/Executable.h"

namespace mlir::tritter {

/// Everything that the compiler's passes work on, and what knows how to differentiate it.
void registerCompiler(DialectRegistry &registry);

/// Compiles the elaborated model in `module`, which is changed, into `executable`. Fails with diagnostics.
LogicalResult compile(ModuleOp module, const CompileOptions &options, schema::ExecutableT &executable);

/// A growth that tritter-compile is asked for.
struct GrowthRequest {
  DepthStrategy method = DepthStrategy::LlamaPro;
  /// Of the new model; 0 where solar's removal says it.
  int64_t layers = 0;
  /// Solar's; 0 where the number of layers says it.
  int64_t removalLayers = 0;
  int64_t seed = 1;
};

/// Grows the model in `module`, which is changed, and writes what that takes into `executable`: parameters that derive
/// from the base's tensors, what was proved, and the new model's IR. Fails with diagnostics; also where a method that
/// promises the same function does not keep it.
LogicalResult compileGrowth(ModuleOp module, const GrowthRequest &request, schema::ExecutableT &executable);

} // namespace mlir::tritter

#endif // TRITTER_PIPELINES_COMPILE_H
