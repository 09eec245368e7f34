// Writes the executable of a model.

#include "GrowthOptions.h"
#include "Options.h"

#include "tritter/Elaborate/ModelSpelling.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::tritter;

/// A line a diagnostic, with its place where it has one in a file.
static void print(Diagnostic &diagnostic) {
  StringRef severity = diagnostic.getSeverity() == DiagnosticSeverity::Error     ? "error: "
                       : diagnostic.getSeverity() == DiagnosticSeverity::Warning ? "warning: "
                                                                                 : "note: ";
  auto place = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>();
  std::string text = diagnostic.str();
  if (place && place.getLine() > 0) {
    llvm::errs() << place.getFilename().getValue() << ":" << place.getLine() << ":" << place.getColumn() << ": "
                 << severity << text << "\n";
  } else {
    // A preset or a configuration has no lines, and those who name one need not know which operation it became.
    auto [operation, message] = StringRef(text).split(" op ");
    bool named = operation.starts_with("'") && operation.ends_with("'");
    llvm::errs() << severity << (place && named ? (place.getFilename().getValue() + " ").str() : "")
                 << (named ? message : StringRef(text)) << "\n";
  }
  for (Diagnostic &note : diagnostic.getNotes())
    print(note);
}

static std::error_code writeBytes(StringRef path, ArrayRef<uint8_t> bytes) {
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  if (code)
    return code;
  stream.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  stream.close();
  code = stream.error();
  stream.clear_error();
  return code;
}

/// Whether a file is there that is something else than an executable.
static bool holdsOther(StringRef path) {
  auto file = llvm::MemoryBuffer::getFileSlice(path, 8, 0);
  return file && (*file)->getBufferSize() > 0 && (*file)->getBuffer().drop_front(4) != "TTEX";
}

/// A file of its kind is replaced, by one that was written beside it, so that a reader never sees half of it. A device
/// or a pipe is written to; a link is followed.
static bool writeFile(StringRef output, ArrayRef<uint8_t> bytes, std::string &problem) {
  SmallString<128> path(output);
  if (llvm::sys::fs::is_symlink_file(output))
    (void)llvm::sys::fs::real_path(output, path);
  llvm::sys::fs::file_status status;
  std::error_code code;
  bool exists = !llvm::sys::fs::status(path, status) && llvm::sys::fs::exists(status);
  if (exists && !llvm::sys::fs::is_regular_file(status) && !llvm::sys::fs::is_directory(status)) {
    code = writeBytes(path, bytes);
    if (code)
      problem = (output + " cannot be written: " + code.message()).str();
    return !code;
  }
  if (exists && holdsOther(path)) {
    problem = (output + " is there, and no executable: remove it, or name another file").str();
    return false;
  }
  std::string temporary = (path + ".tmp").str();
  code = writeBytes(temporary, bytes);
  if (!code)
    code = llvm::sys::fs::rename(temporary, path);
  if (!code)
    return true;
  llvm::sys::fs::remove(temporary);
  problem = (output + " cannot be written: " + code.message()).str();
  return false;
}

int main(int argc, char **argv) {
  Options options;
  if (!parseOptions(argc, argv, options))
    return 1;
  if (options.listOptions) {
    printOptions(llvm::outs());
    return 0;
  }
  if (options.listMethods) {
    printMethods(llvm::outs());
    return 0;
  }
  DialectRegistry registry;
  registerCompiler(registry);
  registerCompilerPasses();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  context.loadAllAvailableDialects();
  context.getDiagEngine().registerHandler([](Diagnostic &diagnostic) { print(diagnostic); });

  OwningOpRef<ModuleOp> module = loadModel(&context, options.input, options.compile.vocab);
  schema::ExecutableT executable;
  if (!module || failed(options.growth ? compileGrowth(*module, *options.growth, executable)
                                       : compile(*module, options.compile, executable)))
    return 1;
  std::string problem;
  if (!writeFile(options.output, serialise(executable), problem)) {
    llvm::errs() << "error: " << problem << "\n";
    return 1;
  }
  return 0;
}
