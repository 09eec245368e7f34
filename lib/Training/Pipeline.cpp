#include "tritter/Training/Pipeline.h"

#include "dialects/Tritter/TritterDialect.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

void tritter::buildTrainingPipeline(OpPassManager &passes, const TrainingOptions &options) {
  passes.addPass(createSpecializePass({options.batch, options.sequence}));
  passes.addPass(createPrecisionPass({options.compute}));
  DifferentiatePassOptions differentiate;
  differentiate.headRows = options.headRows;
  passes.addPass(createDifferentiatePass(differentiate));
  passes.addPass(createAdamWPass());
}

void tritter::registerTrainingPipeline() {
  PassPipelineRegistration<TrainingOptions>(
      "tritter-training-pipeline", "from an elaborated model to the programs of its training", buildTrainingPipeline);
}
