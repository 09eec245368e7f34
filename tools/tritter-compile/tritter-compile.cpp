// Writes the executable of a model.

#include "GrowthOptions.h"
#include "Options.h"

#include "tritter/Elaborate/ModelSpelling.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <filesystem>

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

/// The file that is written where `path` is asked for: what it links to, or itself. Empty, with a problem, where that is
/// no file that an executable may replace.
static std::string placeOf(StringRef path, bool force, std::string &problem) {
  namespace fs = llvm::sys::fs;
  std::filesystem::path place = path.str();
  std::error_code code;
  for (int links = 0; std::filesystem::is_symlink(std::filesystem::symlink_status(place, code)); ++links) {
    std::filesystem::path target = std::filesystem::read_symlink(place, code);
    if (code || links == 40) {
      problem = (path + " cannot be written: it is a loop of links").str();
      return {};
    }
    place = target.is_absolute() ? target : place.parent_path() / target;
  }
  fs::file_status status;
  if (fs::status(place.string(), status) || status.type() == fs::file_type::file_not_found)
    return place.string();
  if (status.type() != fs::file_type::regular_file) {
    problem = (path + " is a folder, a device or a pipe: name a file to write").str();
    return {};
  }
  auto buffer = llvm::MemoryBuffer::getFileSlice(place.string(), 8, 0);
  bool replaceable = force || status.getSize() == 0 ||
                     (status.getSize() >= 8 && buffer && (*buffer)->getBuffer().drop_front(4) == "TTEX");
  if (!replaceable) {
    problem = (path + " is there already, and no executable: --force replaces it, another -o leaves it").str();
    return {};
  }
  return place.string();
}

/// Beside the file first, so that a reader never sees half of it.
static bool writeFile(StringRef path, ArrayRef<uint8_t> bytes, std::string &problem) {
  std::string temporary = (path + ".tmp").str();
  std::error_code code;
  {
    llvm::raw_fd_ostream stream(temporary, code);
    if (!code) {
      stream.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
      stream.close();
      code = stream.error();
      stream.clear_error();
    }
  }
  if (!code)
    code = llvm::sys::fs::rename(temporary, path);
  if (!code)
    return true;
  llvm::sys::fs::remove(temporary);
  problem = (path + " cannot be written: " + code.message()).str();
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

  // Before the work.
  std::string problem, place = placeOf(options.output, options.force, problem);
  if (place.empty()) {
    llvm::errs() << "error: " << problem << "\n";
    return 1;
  }
  OwningOpRef<ModuleOp> module = loadModel(&context, options.input, options.compile.vocab);
  schema::ExecutableT executable;
  if (!module || failed(options.growth ? compileGrowth(*module, *options.growth, executable)
                                       : compile(*module, options.compile, executable)))
    return 1;
  if (!writeFile(place, serialise(executable), problem)) {
    llvm::errs() << "error: " << problem << "\n";
    return 1;
  }
  return 0;
}
