#ifndef TRITTER_TRAINING_PIPELINE_H
#define TRITTER_TRAINING_PIPELINE_H

#include "tritter/Training/Passes.h"

#include "mlir/Pass/PassOptions.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::tritter {

/// What `--tritter-training-pipeline` takes.
struct TrainingOptions : PassPipelineOptions<TrainingOptions> {
  Option<int64_t> batch{*this, "batch", llvm::cl::desc("sequences in a batch"), llvm::cl::init(0)};
  Option<int64_t> sequence{*this, "sequence", llvm::cl::desc("tokens in a sequence"), llvm::cl::init(0)};
  Option<Precision> compute{*this, "compute", llvm::cl::desc("the type of activations and of the inputs of products"),
                            llvm::cl::init(Precision::F32),
                            llvm::cl::values(clEnumValN(Precision::F32, "f32", "everything in f32"),
                                             clEnumValN(Precision::BF16, "bf16", "products in bf16"),
                                             clEnumValN(Precision::F64, "f64", "everything in f64"))};
  Option<int64_t> headRows{*this, "head-rows", llvm::cl::desc("the most rows of logits at once"), llvm::cl::init(256)};
};

/// From an elaborated model to the programs of its training: specialises, chooses the precision, differentiates and
/// adds the update.
void buildTrainingPipeline(OpPassManager &passes, const TrainingOptions &options);

/// Registers `--tritter-training-pipeline`.
void registerTrainingPipeline();

} // namespace mlir::tritter

#endif // TRITTER_TRAINING_PIPELINE_H
