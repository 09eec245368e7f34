// The driver of passes over models: every dialect and pass of the project, and MLIR's own.

#include "tritter/Pipelines/Compile.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::tritter::registerCompiler(registry);
  mlir::tritter::registerCompilerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "grows language models\n", registry));
}
