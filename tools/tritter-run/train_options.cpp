#include "train_options.h"

#include "output.h"
#include "runtime/base/text.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

using namespace tritter;

namespace {

/// Adds each described option to CLI11.
struct Adder {
  CLI::App &command;

  template <typename Value> void operator()(const char *name, Value &value, const char *help) {
    CLI::Option *option = command.add_option("--" + std::string(name), value, help);
    // CLI11 wraps negative numbers around.
    if constexpr (std::is_unsigned_v<Value>)
      option->check(CLI::NonNegativeNumber);
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

std::vector<std::string> tritter::givenOptions(const CLI::App &command, const TrainOptions &options) {
  std::vector<std::string> names;
  describe(options, [&](const char *name, auto &&...) {
    if (command.count("--" + std::string(name)))
      names.push_back(name);
  });
  return names;
}

Result<TrainOptions> tritter::layOver(const std::string &configFile, const TrainOptions &given,
                                      const std::vector<std::string> &names) {
  TrainOptions options;
  if (!configFile.empty()) {
    std::ifstream in(configFile);
    if (!in)
      return error("{}: cannot be read", configFile);
    std::ostringstream text;
    text << in.rdbuf();
    TRITTER_RETURN_IF_ERROR(fromToml(text.str(), configFile, options));
  }
  for (const std::string &name : names)
    copyOption(given, name, options);
  return options;
}

Result<TrainOptions> tritter::layOverResumed(const std::string &run, const TrainOptions &stored, uint64_t step,
                                             const TrainOptions &given, const std::vector<std::string> &names) {
  static const std::vector<std::string_view> free = {"keep", "data", "val"};
  TrainOptions options = stored;
  for (const std::string &name : names) {
    std::string now = valueOf(given, name), before = valueOf(stored, name);
    bool isFree = std::find(free.begin(), free.end(), name) != free.end();
    if (name != "steps" && !isFree && now != before)
      return error(
          "--{} {}: this run has {}, and --resume changes nothing; for a new run: tritter-run train {} --{} {} "
          "-o NEW",
          name, now, before, run, name, now);
    copyOption(given, name, options);
  }
  if (options.steps < stored.steps && options.steps < step)
    return error("--steps {}: this run is at step {} already; --steps may only grow", options.steps, step);
  if (options.steps != stored.steps && stored.scheduleSteps == stored.steps)
    options.scheduleSteps = options.steps;
  return options;
}
