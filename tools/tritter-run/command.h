#ifndef TRITTER_TOOLS_TRITTER_RUN_COMMAND_H
#define TRITTER_TOOLS_TRITTER_RUN_COMMAND_H

#include "output.h"
#include "runtime/base/status.h"
#include "runtime/jobs/compiler.h"

#include <CLI/CLI.hpp>
#include <functional>

namespace tritter {

/// 0 done, 2 a gate not met; an error is 1.
using ExitCode = int;

/// What the command line asked for: the chosen command puts its work into `run`.
struct Invocation {
  Output output;
  /// Where the jobs get executables from.
  std::unique_ptr<Compiler> compiler;
  /// Its options, where it has been asked for them.
  std::vector<CompilerOption> compilerOptions;
  std::function<Result<ExitCode>()> run;
};

/// Adds the compiler's options to a command, which come into `list` as NAME=VALUE: those that the invocation knows and
/// the command has not of its own.
void addCompilerOptions(CLI::App &command, const Invocation &invocation, std::vector<std::string> &list);

/// Each adds its command to the command line. commands/NAME.cpp has the command NAME.
void addTrain(CLI::App &app, Invocation &invocation);
void addExpand(CLI::App &app, Invocation &invocation);
void addVerify(CLI::App &app, Invocation &invocation);
void addDiff(CLI::App &app, Invocation &invocation);
void addInspect(CLI::App &app, Invocation &invocation);
void addCheck(CLI::App &app, Invocation &invocation);
void addEval(CLI::App &app, Invocation &invocation);
void addGenerate(CLI::App &app, Invocation &invocation);
void addTokenize(CLI::App &app, Invocation &invocation);
void addImport(CLI::App &app, Invocation &invocation);
void addExport(CLI::App &app, Invocation &invocation);
void addBench(CLI::App &app, Invocation &invocation);
void addReport(CLI::App &app, Invocation &invocation);
void addDescribe(CLI::App &app, Invocation &invocation);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_COMMAND_H
