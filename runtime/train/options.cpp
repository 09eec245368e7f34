#include "runtime/train/options.h"

#include "runtime/base/number.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <toml++/toml.h>

using namespace tritter;

/// Whether every option comes back from a run's configuration. TOML is UTF-8, and a file's name may be any bytes.
static Status checkWritten(const TrainOptions &options) {
  TrainOptions again;
  TRITTER_RETURN_IF_ERROR(fromToml(toToml(options), "the options", again));
  std::vector<std::string> names = {"model"};
  describe(options, [&](const char *name, auto &&...) { names.push_back(name); });
  for (const std::string &name : names)
    if (std::string value = valueOf(options, name); value != valueOf(again, name))
      return error("{} {}: is not UTF-8, and so nothing that the configuration of a run can hold; rename the file, or "
                   "name a link to it",
                   name == "model" ? name : "--" + name, value);
  return {};
}

Status TrainOptions::check() const {
  auto outside = [](std::string_view name, auto value, std::string_view expected) {
    return error("--{} {}: {} was expected", name, value, expected);
  };
  if (batch == 0)
    return outside("batch", batch, "1 or more");
  if (sequence == 0)
    return outside("seq", sequence, "1 or more");
  if (accumulate == 0)
    return outside("accumulate", accumulate, "1 or more");
  // Positions in the data are counted in 64 bits.
  uint64_t tokens = std::max<uint64_t>(1, steps);
  for (uint64_t factor : {batch, sequence, accumulate})
    if (__builtin_mul_overflow(tokens, factor, &tokens) || tokens > largestWhole<uint64_t>)
      return error("--steps {} x --batch {} x --seq {} x --accumulate {} are more tokens than the largest number that can "
                   "be counted to, {}",
                   steps, batch, sequence, accumulate, largestWhole<uint64_t>);
  if (precision != "f32" && precision != "bf16" && precision != "f64")
    return outside("precision", precision, "f32, bf16 or f64");
  if (!findDevice(device))
    return outside("device", device, deviceNames());
  if (tokenBytes != 0 && tokenBytes != 1 && tokenBytes != 2 && tokenBytes != 4 && tokenBytes != 8)
    return outside("token-bytes", tokenBytes, "1, 2, 4 or 8");
  if (!(learningRate >= 0 && learningRate < 1e6))
    return outside("lr", learningRate, "a rate from 0");
  if (minimumRate > learningRate)
    return outside("min-lr", minimumRate, fmt::format("at most --lr {}", learningRate));
  if (!(beta1 >= 0 && beta1 < 1))
    return outside("beta1", beta1, "from 0 to below 1");
  if (!(beta2 >= 0 && beta2 < 1))
    return outside("beta2", beta2, "from 0 to below 1");
  if (!(epsilon > 0))
    return outside("epsilon", epsilon, "above 0");
  if (!(weightDecay >= 0))
    return outside("weight-decay", weightDecay, "0 or more");
  if (!(decay > 0 && decay <= 1))
    return outside("decay", decay, "a part of the steps, above 0 and at most 1,");
  if (logEvery == 0)
    return outside("log-every", logEvery, "1 or more");
  if (threads < 0)
    return outside("threads", threads, "0 or more");
  return checkWritten(*this);
}

void TrainOptions::resolve() {
  if (scheduleSteps == 0)
    scheduleSteps = steps;
  if (warmup < 0)
    warmup = scheduleSteps / 20;
  if (minimumRate < 0)
    minimumRate = learningRate / 10;
  if (evaluateEvery == 0)
    evaluateEvery = std::max<uint64_t>(1, steps / 10);
  if (saveEvery == 0)
    saveEvery = evaluateEvery;
}

Schedule TrainOptions::makeSchedule() const {
  return {schedule,
          learningRate,
          minimumRate,
          static_cast<uint64_t>(std::max<int64_t>(warmup, 0)),
          std::max<uint64_t>(scheduleSteps, 1),
          decay};
}

// ---------------------------------------------------------------- writing

namespace {

/// Builds a TOML table of the options.
struct Writer {
  toml::table &table;

  template <typename Number>
  requires(std::integral<Number> && !std::same_as<Number, bool>) void operator()(const char *name, const Number &value,
                                                                                 const char *) {
    table.insert_or_assign(name, static_cast<int64_t>(value));
  }
  void operator()(const char *name, const bool &value, const char *) { table.insert_or_assign(name, value); }
  void operator()(const char *name, const double &value, const char *) { table.insert_or_assign(name, value); }
  void operator()(const char *name, const std::string &value, const char *) { table.insert_or_assign(name, value); }
  void operator()(const char *name, const std::vector<std::string> &values, const char *) {
    toml::array array;
    for (const std::string &value : values)
      array.push_back(value);
    table.insert_or_assign(name, std::move(array));
  }
  template <typename Enum, size_t size>
  void operator()(const char *name, const Enum &value, const std::array<std::pair<const char *, Enum>, size> &names,
                  const char *) {
    for (auto &[text, known] : names)
      if (known == value)
        table.insert_or_assign(name, text);
  }
};

/// Takes the options out of a TOML table, noting the first that is of the wrong type.
struct Reader {
  const toml::table &table;
  std::string_view file;
  Status status;

  void wrong(const char *name, std::string_view expected) {
    if (status.ok())
      status = error("{}: `{}` is not {}", file, name, expected);
  }
  /// A number that stands there as text, or as a number with a point.
  template <typename Read, typename Number>
  void take(const char *name, std::string_view text, const Result<Read> &read, Number &value) {
    if (read.ok())
      value = static_cast<Number>(*read);
    else if (status.ok())
      status = error("{}: `{}` is {}: {}", file, name, text, read.status().message());
  }
  template <typename Number>
  requires(std::integral<Number> && !std::same_as<Number, bool>) void operator()(const char *name, Number &value,
                                                                                 const char *) {
    auto node = table[name];
    if (!node)
      return;
    constexpr int64_t least = leastWhole<Number>, most = largestWhole<Number>;
    auto text = node.template value_exact<std::string>();
    auto number = node.template value_exact<int64_t>();
    auto real = node.template value_exact<double>();
    if (number && (*number < least || *number > most))
      return wrong(name, std::is_unsigned_v<Number> ? "an integer from 0" : fmt::format("an integer up to {}", most));
    if (number)
      value = static_cast<Number>(*number);
    else if (real)
      take(name, fmt::format("{}", *real), parseWhole(fmt::format("{}", *real), least, most), value);
    else if (text)
      take(name, *text, parseWhole(*text, least, most), value);
    else
      wrong(name, std::is_unsigned_v<Number> ? "an integer from 0" : "an integer");
  }
  void operator()(const char *name, bool &value, const char *) {
    if (auto node = table[name]) {
      auto truth = node.value_exact<bool>();
      truth ? void(value = *truth) : wrong(name, "true or false");
    }
  }
  void operator()(const char *name, double &value, const char *) {
    auto node = table[name];
    if (!node)
      return;
    auto text = node.value_exact<std::string>();
    auto number = node.value<double>();
    if (text)
      take(name, *text, parseReal(*text), value);
    else if (number && std::isfinite(*number))
      value = *number;
    else
      wrong(name, "a finite number");
  }
  void operator()(const char *name, std::string &value, const char *) {
    if (auto node = table[name]) {
      auto text = node.value_exact<std::string>();
      text ? void(value = *text) : wrong(name, "a string");
    }
  }
  void operator()(const char *name, std::vector<std::string> &values, const char *) {
    auto node = table[name];
    if (!node)
      return;
    values.clear();
    if (auto text = node.value_exact<std::string>())
      return values.push_back(*text);
    const toml::array *array = node.as_array();
    if (!array)
      return wrong(name, "a list of strings");
    for (const toml::node &element : *array) {
      auto text = element.value_exact<std::string>();
      if (!text)
        return wrong(name, "a list of strings");
      values.push_back(*text);
    }
  }
  template <typename Enum, size_t size>
  void operator()(const char *name, Enum &value, const std::array<std::pair<const char *, Enum>, size> &names,
                  const char *) {
    auto node = table[name];
    if (!node)
      return;
    std::string all;
    for (auto &[text, known] : names) {
      if (node.value_exact<std::string>() == text)
        return void(value = known);
      all += fmt::format("{}{}", all.empty() ? "" : ", ", text);
    }
    wrong(name, "one of " + all);
  }
};

/// Collects the names.
struct Names {
  std::vector<std::string> names;
  template <typename... Rest> void operator()(const char *name, Rest &&...) { names.push_back(name); }
};

} // namespace

static toml::table tableOf(const TrainOptions &options) {
  toml::table table;
  table.insert_or_assign("model", options.model);
  describe(options, Writer{table});
  return table;
}

/// A value as TOML; floating-point numbers as short as they read back exactly.
static std::string rendered(const toml::node &node) {
  if (auto number = node.value_exact<double>()) {
    std::string text = fmt::format("{}", *number);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  }
  std::ostringstream text;
  node.visit([&](const auto &value) { text << value; });
  return text.str();
}

std::string tritter::toToml(const TrainOptions &options) {
  toml::table table = tableOf(options);
  // In the order in which the options are described, which a table does not keep.
  Names names{{"model"}};
  describe(options, names);
  std::string text;
  for (const std::string &name : names.names)
    if (const toml::node *node = table.get(name))
      text += fmt::format("{} = {}\n", name, rendered(*node));
  return text;
}

std::string tritter::valueOf(const TrainOptions &options, std::string_view option) {
  toml::table table = tableOf(options);
  const toml::node *node = table.get(option);
  return node ? rendered(*node) : "";
}

void tritter::copyOption(const TrainOptions &from, std::string_view option, TrainOptions &to) {
  toml::table all = tableOf(from), one;
  if (const toml::node *node = all.get(option))
    node->visit([&](const auto &value) { one.insert_or_assign(option, value); });
  Reader reader{one, "", {}};
  reader("model", to.model, "");
  describe(to, reader);
}

Status tritter::fromToml(std::string_view text, std::string_view name, TrainOptions &options) {
  toml::table table;
  try {
    table = toml::parse(text, name);
  } catch (const toml::parse_error &failure) {
    return error("{}: line {}: {}", name, failure.source().begin.line, failure.description());
  }
  // Runs of version 1 state this option of the compiler as their own.
  if (std::optional<int64_t> rows = table["head-rows"].value<int64_t>()) {
    table.insert_or_assign("compile", toml::array{fmt::format("head-rows={}", *rows)});
    table.erase("head-rows");
  }
  Names known{{"model"}};
  describe(options, known);
  for (auto &[key, value] : table)
    if (std::find(known.names.begin(), known.names.end(), key.str()) == known.names.end())
      return error("{}: unknown option `{}`; the options are those of tritter-run train --help, without the dashes",
                   name, key.str());
  Reader reader{table, name, {}};
  reader("model", options.model, "");
  describe(options, reader);
  return std::move(reader.status);
}

// ---------------------------------------------------------------- resuming

Result<TrainOptions> tritter::resumedOptions(const std::string &run, const TrainOptions &stored, uint64_t step,
                                             const TrainOptions &given, const std::vector<std::string> &names) {
  static const std::vector<std::string_view> free = {"keep", "data", "val", "log-every"};
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
  // A schedule as long as the run stays that, unless it is said how long it is.
  bool saysSchedule = std::find(names.begin(), names.end(), "schedule-steps") != names.end();
  if (options.steps != stored.steps && stored.scheduleSteps == stored.steps && !saysSchedule)
    options.scheduleSteps = options.steps;
  return options;
}
