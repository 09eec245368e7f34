#ifndef TRITTER_TOOLS_COMPILE_OPTIONS_H
#define TRITTER_TOOLS_COMPILE_OPTIONS_H

#include "tritter/Pipelines/Compile.h"

#include <string>

struct Options {
  std::string input, output;
  /// Whether `output` may take the place of what is no executable.
  bool force = false;
  mlir::tritter::CompileOptions compile;
  /// Set where a growth is asked for.
  std::optional<mlir::tritter::GrowthRequest> growth;
  /// Only the list of options, or of methods, is asked for.
  bool listOptions = false, listMethods = false;
};

/// Reads the command line; false where a mistake was said on standard error, in one sentence.
bool parseOptions(int argc, char **argv, Options &options);

/// The options of compilation, as JSON: a list of objects with `name`, `help`, and `flag` (whether it takes no value).
void printOptions(llvm::raw_ostream &stream);

#endif // TRITTER_TOOLS_COMPILE_OPTIONS_H
