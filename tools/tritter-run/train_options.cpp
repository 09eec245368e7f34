#include "train_options.h"
#include "number_option.h"

#include "runtime/base/paths.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

using namespace tritter;

namespace {

/// Adds each described option to CLI11.
struct Adder {
  CLI::App &command;

  template <typename Value> void operator()(const char *name, Value &value, const char *help) {
    if constexpr (std::is_arithmetic_v<Value>)
      addNumber(command, "--" + std::string(name), value, help);
    else
      command.add_option("--" + std::string(name), value, help);
  }
  void operator()(const char *name, bool &value, const char *help) {
    command.add_flag("--" + std::string(name), value, help);
  }
  template <typename Enum, size_t size>
  void operator()(const char *name, Enum &value, const std::array<std::pair<const char *, Enum>, size> &names,
                  const char *help) {
    std::map<std::string, Enum> words(names.begin(), names.end());
    std::string all;
    for (auto &[word, known] : names)
      all += (all.empty() ? "" : ", ") + std::string(word);
    command
        .add_option_function<std::string>(
            "--" + std::string(name),
            [=, &value](const std::string &word) {
              auto found = words.find(word);
              if (found == words.end())
                throw CLI::ValidationError(fmt::format("--{} {}: one of {} was expected", name, word, all));
              value = found->second;
            },
            help)
        ->type_name(all);
  }
};

} // namespace

void tritter::addTrainOptions(CLI::App &command, TrainOptions &options) { describe(options, Adder{command}); }

int tritter::threadsOf(const TrainOptions &options) {
  return options.threads ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
}

std::vector<std::string> tritter::givenOptions(const CLI::App &command, const TrainOptions &options) {
  std::vector<std::string> names;
  describe(options, [&](const char *name, auto &&...) {
    if (command.count("--" + std::string(name)))
      names.push_back(name);
  });
  // Options of the compiler come into one list, whatever they are called.
  if (!options.compile.empty() && std::find(names.begin(), names.end(), "compile") == names.end())
    names.push_back("compile");
  return names;
}

Result<TrainOptions> tritter::layOver(const std::string &configFile, const TrainOptions &given,
                                      const std::vector<std::string> &names) {
  TrainOptions options;
  if (!configFile.empty()) {
    std::ifstream in(configFile);
    if (!in || isFolder(configFile))
      return error("{}: cannot be read; a file of options was expected", configFile);
    std::ostringstream text;
    text << in.rdbuf();
    TRITTER_RETURN_IF_ERROR(fromToml(text.str(), configFile, options));
  }
  for (const std::string &name : names)
    copyOption(given, name, options);
  return options;
}
