#ifndef TRITTER_RUNTIME_JOBS_COMPILER_H
#define TRITTER_RUNTIME_JOBS_COMPILER_H

#include "runtime/base/status.h"
#include "runtime/checkpoint/checkpoint.h"
#include "runtime/executable/executable.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tritter {

/// Options of tritter-compile (see its --help) by their long names without dashes: each at most once, in the order in
/// which they were first named. What is left out is the compiler's own default.
class OptionList {
public:
  OptionList() = default;
  OptionList(std::initializer_list<std::pair<std::string, std::string>> options) : options_(options) {}

  /// Sets an option, in the place of an earlier value.
  void set(std::string_view name, std::string value);
  /// Sets an option that nobody has named so far.
  void setDefault(std::string_view name, std::string value);
  /// Sets options of the form NAME=VALUE, or NAME for one that takes no value. Fails on what is neither.
  Status set(std::span<const std::string> words);
  /// Null where the option is not named.
  const std::string *find(std::string_view name) const;

  auto begin() const { return options_.begin(); }
  auto end() const { return options_.end(); }

private:
  std::vector<std::pair<std::string, std::string>> options_;
};

/// An executable that a job needs.
struct ExecutableRequest {
  /// A preset, a Hugging Face folder or config.json, a .toml or a .mlir file. A .texe is taken as it is.
  std::string input;
  /// The model's IR, in the place of `input`.
  std::string ir;
  OptionList options;
  /// A config.json's text, in the place of the one in the folder `input`, which messages name all the same.
  std::string configuration = {};
};

/// An option that a compiler has.
struct CompilerOption {
  std::string name, help;
  /// Takes no value.
  bool flag = false;
};

struct CompiledExecutable {
  std::shared_ptr<const Executable> executable;
  /// Of compiling; 0 where it was there already.
  double seconds = 0;
  bool cached = false;
};

/// Where jobs get their executables from.
class Compiler {
public:
  virtual ~Compiler() = default;
  /// The executable of a model; a .texe is loaded. The error is the compiler's.
  Result<CompiledExecutable> compile(const ExecutableRequest &request);
  /// The options that requests may name.
  virtual Result<std::vector<CompilerOption>> options() = 0;
  /// The methods of growth and their options, for people, a line each.
  virtual Result<std::string> describeGrowths() = 0;
  /// What it is, and of which LLVM, in a line.
  virtual Result<std::string> version() = 0;

private:
  virtual Result<CompiledExecutable> compileModel(const ExecutableRequest &request) = 0;
};

struct ProgramCompilerOptions {
  /// Empty: the tritter-compile beside the running program.
  std::filesystem::path program;
  /// Empty: ${XDG_CACHE_HOME:-~/.cache}/tritter.
  std::filesystem::path cache;
  /// Gets what the compiler has to say of a model that it did compile.
  std::function<void(std::string_view)> onMessage;
};

/// Runs tritter-compile, and keeps what it wrote under the SHA-256 of the input's contents, the options and the
/// compiler's own identity. Nothing is looked for before the first request.
std::unique_ptr<Compiler> createProgramCompiler(ProgramCompilerOptions options = {});

/// Compiles nothing: answers a request with the first of `executables` that has the entries asked for, and batch and
/// sequence where those are asked for. For programs that train where there is no compiler.
std::unique_ptr<Compiler> createGivenExecutables(std::vector<std::shared_ptr<const Executable>> executables);

/// The request for a checkpoint's model: its IR.
ExecutableRequest requestFor(const CheckpointReader &checkpoint, OptionList options);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_COMPILER_H
