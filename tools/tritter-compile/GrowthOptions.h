#ifndef TRITTER_TOOLS_COMPILE_GROWTHOPTIONS_H
#define TRITTER_TOOLS_COMPILE_GROWTHOPTIONS_H

#include "tritter/Pipelines/Compile.h"

#include "llvm/Support/CommandLine.h"

#include <string>

/// Registers --method, --pipeline, --growth, --list-methods, and every option that a method takes.
void registerGrowthOptions(llvm::cl::OptionCategory &category);

/// Whether --list-methods was given.
bool wantsMethodList();
/// Methods and their options, a line each.
void printMethods(llvm::raw_ostream &stream);

/// Reads the growth that is asked for, if there is one. On a mistake, `problem` has one sentence.
std::optional<mlir::tritter::GrowthRequest> readGrowthOptions(std::string &problem);

#endif // TRITTER_TOOLS_COMPILE_GROWTHOPTIONS_H
