// The driver of passes over models: every dialect and pass of the project, and MLIR's own.

#include "dialects/Exec/ExecDialect.h"
#include "dialects/Growth/GrowthDialect.h"
#include "dialects/Row/RowDialect.h"
#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Codegen/Passes.h"
#include "tritter/Derivation/Passes.h"
#include "tritter/Elaborate/Passes.h"
#include "tritter/Growth/Passes.h"
#include "tritter/Pipelines/Pipelines.h"
#include "tritter/Target/Passes.h"
#include "tritter/Proof/Passes.h"
#include "tritter/Proof/Proof.h"
#include "tritter/Training/Gradients.h"
#include "tritter/Training/Passes.h"
#include "tritter/Training/Pipeline.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry
      .insert<mlir::tritter::TritterDialect, mlir::row::RowDialect, mlir::exec::ExecDialect, mlir::arith::ArithDialect,
              mlir::math::MathDialect, mlir::func::FuncDialect, mlir::growth::GrowthDialect>();
  mlir::registerTransformsPasses();
  mlir::tritter::registerTritterCodegenPasses();
  mlir::growth::registerTritterDerivationPasses();
  mlir::growth::registerTritterProofPasses();
  mlir::tritter::registerTritterElaboratePasses();
  mlir::tritter::registerTritterGrowthPasses();
  mlir::tritter::registerTritterTargetPasses();
  mlir::tritter::registerTritterTrainingPasses();
  mlir::tritter::registerGradients(registry);
  mlir::growth::registerGrowthRules(registry);
  mlir::tritter::registerTrainingPipeline();
  mlir::tritter::registerPipelines();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "grows language models\n", registry));
}
