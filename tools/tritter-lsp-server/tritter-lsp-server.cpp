// What editors ask about .mlir files: diagnostics, definitions, hovers, for the project's dialects.

#include "tritter/Pipelines/Compile.h"

#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::tritter::registerCompiler(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
