#include "runtime/train/operations.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

using namespace tritter;

static uint64_t elementsOf(const schema::Parameter &parameter) {
  uint64_t count = 1;
  for (uint64_t size : *parameter.shape())
    count *= size;
  return count;
}

/// 0 for what stands before the layers, 1 + i for layers.i, the largest number for what stands behind.
static uint64_t depthOf(std::string_view name) {
  if (name.starts_with("embed.") || name.starts_with("positions."))
    return 0;
  if (name.starts_with("layers."))
    return 1 + std::strtoull(std::string(name.substr(7)).c_str(), nullptr, 10);
  return std::numeric_limits<uint64_t>::max();
}

double tritter::operationsPerToken(const Executable &executable) {
  bool hasHead = executable.parameter("head.weight") != nullptr;
  uint64_t first = std::numeric_limits<uint64_t>::max();
  for (const schema::Parameter *parameter : *executable->parameters())
    if (parameter->trainable())
      first = std::min(first, depthOf(parameter->name()->string_view()));

  double operations = 0;
  for (const schema::Parameter *parameter : *executable->parameters()) {
    std::string_view name = parameter->name()->string_view();
    if (name == "positions.weight" || (name == "embed.weight" && hasHead))
      continue;
    // A tied table is used as the head, behind all layers.
    bool backward = name == "embed.weight" || depthOf(name) >= first;
    operations += (2.0 + (backward ? 2.0 : 0.0) + (parameter->trainable() ? 2.0 : 0.0)) * elementsOf(*parameter);
  }

  nlohmann::json config =
      nlohmann::json::parse(executable->config() ? executable->config()->str() : "{}", nullptr, false);
  if (!config.is_object())
    return operations;
  uint64_t layers = config.value("layers", uint64_t(0));
  double queries = config.value("heads", 0.0) * config.value("head_dim", 0.0);
  uint64_t backwardLayers = first == 0 ? layers : first > layers ? 0 : layers - (first - 1);
  return operations + (2.0 * layers + 4.0 * backwardLayers) * queries * executable->sequence_length();
}

uint64_t tritter::countParameters(const Executable &executable) {
  uint64_t count = 0;
  for (const schema::Parameter *parameter : *executable->parameters())
    count += elementsOf(*parameter);
  return count;
}

uint64_t tritter::countTrained(const Executable &executable) {
  uint64_t count = 0;
  for (const schema::Parameter *parameter : *executable->parameters())
    if (parameter->trainable())
      count += elementsOf(*parameter);
  return count;
}
