// What tritter-opt can be asked for.

#include "tritter/Pipelines/Pipelines.h"

#include "tritter/Codegen/Passes.h"
#include "tritter/Derivation/Passes.h"
#include "tritter/Elaborate/Passes.h"
#include "tritter/Growth/Passes.h"
#include "tritter/Proof/Passes.h"
#include "tritter/Target/Passes.h"
#include "tritter/Training/Passes.h"

#include "mlir/Transforms/Passes.h"

void mlir::tritter::registerCompilerPasses() {
  registerTransformsPasses();
  registerTritterCodegenPasses();
  growth::registerTritterDerivationPasses();
  growth::registerTritterProofPasses();
  registerTritterElaboratePasses();
  registerTritterGrowthPasses();
  registerTritterTargetPasses();
  registerTritterTrainingPasses();
  registerPipelines();
}
