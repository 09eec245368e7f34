#ifndef TRITTER_PIPELINES_COMPILE_H
#define TRITTER_PIPELINES_COMPILE_H

#include "tritter/Growth/Methods.h"
#include "tritter/Pipelines/Pipelines.h"
#include "tritter/Target/Executable.h"

namespace mlir::tritter {

/// Everything that the compiler's passes work on, and what knows how to differentiate it.
void registerCompiler(DialectRegistry &registry);

/// The text that a checkpoint stores of the last model of `module`: what --tritter-finish-growth leaves, printed. The
/// module stays as it is. Empty where it holds no model.
std::string canonicalModelText(ModuleOp module);

/// Compiles the elaborated model in `module`, which is changed, into `executable`. Fails with diagnostics.
LogicalResult compile(ModuleOp module, const CompileOptions &options, schema::ExecutableT &executable);

/// A growth that tritter-compile is asked for: one of a method, a pipeline, and a file.
struct GrowthRequest {
  /// A name of `growthMethods`, with its options.
  std::string method;
  MethodOptions options;
  /// Passes, each of which grows the last model. Those that fold, prove and finish are added.
  std::string pipeline;
  /// A growth that somebody wrote: the model, and one that derives from it.
  std::string file;
  int64_t seed = 1;
};

/// Grows the model in `module`, which is changed, and writes what that takes into `executable`: parameters that derive
/// from the base's tensors, what was proved, what came from where, and the new model's IR. Fails with diagnostics; also
/// where what a pass promises cannot be proved.
LogicalResult compileGrowth(ModuleOp module, const GrowthRequest &request, schema::ExecutableT &executable);

} // namespace mlir::tritter

#endif // TRITTER_PIPELINES_COMPILE_H
