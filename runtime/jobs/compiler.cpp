#include "runtime/jobs/compiler.h"

#include <algorithm>

using namespace tritter;

void OptionList::set(std::string_view name, std::string value) {
  for (auto &[known, old] : options_)
    if (known == name) {
      old = std::move(value);
      return;
    }
  options_.emplace_back(name, std::move(value));
}

void OptionList::setDefault(std::string_view name, std::string value) {
  if (!find(name))
    options_.emplace_back(name, std::move(value));
}

Status OptionList::set(std::span<const std::string> words) {
  for (const std::string &word : words) {
    size_t equals = word.find('=');
    if (equals == 0 || word.starts_with('-'))
      return error("--compile {}: NAME=VALUE was expected, an option of tritter-compile without its dashes", word);
    set(std::string_view(word).substr(0, equals), equals == std::string::npos ? "true" : word.substr(equals + 1));
  }
  return {};
}

const std::string *OptionList::find(std::string_view name) const {
  for (auto &[known, value] : options_)
    if (known == name)
      return &value;
  return nullptr;
}

Result<CompiledExecutable> Compiler::compile(const ExecutableRequest &request) {
  if (!request.input.ends_with(".texe"))
    return compileModel(request);
  CompiledExecutable compiled;
  TRITTER_ASSIGN(compiled.executable, Executable::load(request.input));
  return compiled;
}

ExecutableRequest tritter::requestFor(const CheckpointReader &checkpoint, OptionList options) {
  ExecutableRequest request;
  if (checkpoint.manifest().model_ir())
    request.ir = checkpoint.manifest().model_ir()->str();
  request.options = std::move(options);
  return request;
}

namespace {

class GivenExecutables : public Compiler {
public:
  explicit GivenExecutables(std::vector<std::shared_ptr<const Executable>> executables)
      : executables(std::move(executables)) {}

  Result<std::vector<CompilerOption>> options() override { return std::vector<CompilerOption>(); }
  Result<std::string> describeGrowths() override { return error("there is no compiler, which knows how to grow"); }
  Result<std::string> version() override { return error("executables were given"); }

private:
  Result<CompiledExecutable> compileModel(const ExecutableRequest &request) override;
  std::vector<std::shared_ptr<const Executable>> executables;
};

} // namespace

/// Whether an executable has what an option asks for, as far as an executable says.
static bool hasOption(const Executable &executable, std::string_view name, std::string_view value) {
  if (name == "batch")
    return std::to_string(executable->batch()) == value;
  if (name == "seq")
    return std::to_string(executable->sequence_length()) == value;
  if (name != "entries")
    return true;
  while (!value.empty()) {
    size_t comma = std::min(value.find(','), value.size());
    if (!executable.entry(value.substr(0, comma)))
      return false;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return true;
}

Result<CompiledExecutable> GivenExecutables::compileModel(const ExecutableRequest &request) {
  std::string wanted;
  for (auto &[name, value] : request.options)
    if (name == "batch" || name == "seq" || name == "entries")
      wanted += fmt::format("{}--{} {}", wanted.empty() ? "" : " ", name, value);
  for (const std::shared_ptr<const Executable> &executable : executables)
    if (std::all_of(request.options.begin(), request.options.end(),
                    [&](auto &option) { return hasOption(*executable, option.first, option.second); }))
      return CompiledExecutable{executable, 0, true};
  return error("none of the {} executables given fits: one compiled with {} was expected", executables.size(), wanted);
}

std::unique_ptr<Compiler> tritter::createGivenExecutables(std::vector<std::shared_ptr<const Executable>> executables) {
  return std::make_unique<GivenExecutables>(std::move(executables));
}
