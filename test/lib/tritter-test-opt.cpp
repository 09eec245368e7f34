// tritter-opt with the test dialect.

#include "test/lib/TestDialect.h"
#include "tritter/Pipelines/Compile.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::tritter::registerCompiler(registry);
  mlir::tritter::test::registerTestDialect(registry);
  mlir::tritter::registerCompilerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "tests what grows language models\n", registry));
}
