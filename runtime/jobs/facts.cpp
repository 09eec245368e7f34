#include "runtime/jobs/facts.h"

#include <nlohmann/json.hpp>

using namespace tritter;

static uint64_t numberIn(const std::string &json, const char *key, uint64_t otherwise) {
  nlohmann::json config = nlohmann::json::parse(json, nullptr, false);
  if (!config.is_object() || !config.contains(key) || !config[key].is_number())
    return otherwise;
  return config[key].get<uint64_t>();
}

uint64_t tritter::configNumber(const CheckpointReader &checkpoint, const char *key, uint64_t otherwise) {
  return numberIn(text(checkpoint.manifest().config()), key, otherwise);
}

uint64_t tritter::configNumber(const Executable &executable, const char *key, uint64_t otherwise) {
  return numberIn(text(executable->config()), key, otherwise);
}

const schema::Record *tritter::lastGrowth(const CheckpointReader &checkpoint) {
  const auto *history = checkpoint.manifest().history();
  for (size_t i = history ? history->size() : 0; i-- > 0;)
    if (history->Get(i)->kind() == schema::RecordKind::Grow)
      return history->Get(i);
  return nullptr;
}

uint64_t tritter::stepsSinceGrowth(const CheckpointReader &checkpoint) {
  uint64_t steps = 0;
  const auto *history = checkpoint.manifest().history();
  for (size_t i = history ? history->size() : 0; i-- > 0;) {
    if (history->Get(i)->kind() == schema::RecordKind::Grow)
      break;
    if (history->Get(i)->kind() == schema::RecordKind::Train)
      steps += history->Get(i)->steps();
  }
  return steps;
}

uint64_t tritter::countParameters(const CheckpointReader &checkpoint) {
  uint64_t count = 0;
  for (const schema::Tensor *tensor : *checkpoint.manifest().tensors()) {
    if (tensor->kind()->string_view() != "value")
      continue;
    uint64_t size = 1;
    for (uint64_t axis : *tensor->shape())
      size *= axis;
    count += size;
  }
  return count;
}
