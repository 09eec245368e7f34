// The driver of passes over models: every dialect and pass of the project, and MLIR's own.

#include "tritter/Pipelines/Compile.h"
#include "tritter/Support/IrVersion.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;

/// The file in the newest version of the language of models, under its own name; null after saying why not.
static std::unique_ptr<llvm::MemoryBuffer> readInput(StringRef path) {
  std::string problem;
  std::unique_ptr<llvm::MemoryBuffer> file = openInputFile(path, &problem);
  if (!file) {
    llvm::errs() << "error: " << problem << "\n";
    return nullptr;
  }
  MLIRContext context;
  ScopedDiagnosticHandler print(&context,
                                [](Diagnostic &diagnostic) { llvm::errs() << "error: " << diagnostic << "\n"; });
  FailureOr<std::string> text = mlir::tritter::upgradeIr(
      file->getBuffer(), [&] { return mlir::emitError(UnknownLoc::get(&context)) << path << ": "; });
  if (failed(text))
    return nullptr;
  return *text == file->getBuffer() ? std::move(file)
                                    : llvm::MemoryBuffer::getMemBufferCopy(*text, file->getBufferIdentifier());
}

/// As mlir-opt's main, but for the version of the input.
static LogicalResult run(int argc, char **argv, DialectRegistry &registry) {
  std::string header = registerCLIOptions("grows language models\n", registry);
  // A diagnostic names a place in the model; printed behind it, the model would hide it.
  auto *printsModel = llvm::cl::getRegisteredOptions().lookup("mlir-print-op-on-diagnostic");
  static_cast<llvm::cl::opt<bool> *>(printsModel)->setInitialValue(false);
  auto [input, output] = parseCLIOptions(argc, argv, header);
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (config.shouldShowDialects() || config.shouldListPasses())
    return MlirOptMain(argc, argv, input, output, registry);
  if (input == "-" && llvm::sys::Process::FileDescriptorIsDisplayed(fileno(stdin)))
    llvm::errs() << "(processing input from stdin now, hit ctrl-c/ctrl-d to interrupt)\n";
  std::unique_ptr<llvm::MemoryBuffer> file = readInput(input);
  std::string problem;
  std::unique_ptr<llvm::ToolOutputFile> out = file ? openOutputFile(output, &problem) : nullptr;
  if (!problem.empty())
    llvm::errs() << "error: " << problem << "\n";
  if (!out || failed(MlirOptMain(out->os(), std::move(file), registry, config)))
    return failure();
  out->keep();
  return success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialisation(argc, argv);
  DialectRegistry registry;
  mlir::tritter::registerCompiler(registry);
  mlir::tritter::registerCompilerPasses();
  return asMainReturnCode(run(argc, argv, registry));
}
