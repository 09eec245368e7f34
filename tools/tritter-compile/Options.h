#ifndef TRITTER_TOOLS_COMPILE_OPTIONS_H
#define TRITTER_TOOLS_COMPILE_OPTIONS_H

#include "tritter/Pipelines/Compile.h"

#include <string>

struct Options {
  std::string input, output;
  int64_t vocab = 0;
  bool printMemoryPlan = false;
  mlir::tritter::CompileRequest request;
  /// Set where a growth is asked for.
  std::optional<mlir::tritter::GrowthRequest> growth;
};

/// Reads the command line. On a mistake, `problem` has one sentence.
bool parseOptions(int argc, char **argv, Options &options, std::string &problem);

#endif // TRITTER_TOOLS_COMPILE_OPTIONS_H
