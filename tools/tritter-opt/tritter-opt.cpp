// The driver of passes over models: every dialect and pass of the project, and MLIR's own.

#include "tritter/Codegen/Passes.h"
#include "tritter/Derivation/Passes.h"
#include "tritter/Elaborate/Passes.h"
#include "tritter/Growth/Passes.h"
#include "tritter/Pipelines/Compile.h"
#include "tritter/Pipelines/Pipelines.h"
#include "tritter/Proof/Passes.h"
#include "tritter/Target/Passes.h"
#include "tritter/Training/Passes.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::tritter::registerCompiler(registry);
  mlir::registerTransformsPasses();
  mlir::tritter::registerTritterCodegenPasses();
  mlir::growth::registerTritterDerivationPasses();
  mlir::growth::registerTritterProofPasses();
  mlir::tritter::registerTritterElaboratePasses();
  mlir::tritter::registerTritterGrowthPasses();
  mlir::tritter::registerTritterTargetPasses();
  mlir::tritter::registerTritterTrainingPasses();
  mlir::tritter::registerPipelines();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "grows language models\n", registry));
}
