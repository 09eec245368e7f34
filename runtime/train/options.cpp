#include "runtime/train/options.h"

#include <algorithm>
#include <sstream>
#include <toml++/toml.h>

using namespace tritter;

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
    requires(std::integral<Number> && !std::same_as<Number, bool>)
  void operator()(const char *name, const Number &value, const char *) {
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
  template <typename Number>
    requires(std::integral<Number> && !std::same_as<Number, bool>)
  void operator()(const char *name, Number &value, const char *) {
    if (auto node = table[name]) {
      auto number = node.template value_exact<int64_t>();
      if (!number || (std::is_unsigned_v<Number> && *number < 0))
        return wrong(name, std::is_unsigned_v<Number> ? "an integer from 0" : "an integer");
      value = static_cast<Number>(*number);
    }
  }
  void operator()(const char *name, bool &value, const char *) {
    if (auto node = table[name]) {
      auto truth = node.value_exact<bool>();
      truth ? void(value = *truth) : wrong(name, "true or false");
    }
  }
  void operator()(const char *name, double &value, const char *) {
    if (auto node = table[name]) {
      auto number = node.value<double>();
      number ? void(value = *number) : wrong(name, "a number");
    }
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

std::string tritter::toToml(const TrainOptions &options) {
  toml::table table = tableOf(options);
  // In the order in which the options are described, which a table does not keep.
  Names names{{"model"}};
  describe(options, names);
  std::ostringstream text;
  for (const std::string &name : names.names)
    if (const toml::node *node = table.get(name)) {
      text << name << " = ";
      node->visit([&](const auto &value) { text << value; });
      text << "\n";
    }
  return text.str();
}

std::string tritter::valueOf(const TrainOptions &options, std::string_view option) {
  toml::table table = tableOf(options);
  std::ostringstream text;
  if (const toml::node *node = table.get(option))
    node->visit([&](const auto &value) { text << value; });
  return text.str();
}

Status tritter::fromToml(std::string_view text, std::string_view name, TrainOptions &options) {
  toml::table table;
  try {
    table = toml::parse(text, name);
  } catch (const toml::parse_error &failure) {
    return error("{}: line {}: {}", name, failure.source().begin.line, failure.description());
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
