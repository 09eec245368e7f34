#include "runtime/jobs/facts.h"

#include "runtime/base/text.h"

using namespace tritter;

schema::ModelConfigT tritter::modelConfig(const CheckpointReader &checkpoint) {
  schema::ModelConfigT config;
  if (checkpoint.manifest().config())
    checkpoint.manifest().config()->UnPackTo(&config);
  return config;
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

std::string tritter::describeLongSequence(uint64_t sequence, const schema::ModelConfigT &config) {
  if (config.max_positions == 0 || sequence <= config.max_positions)
    return {};
  return fmt::format("windows of {} tokens are longer than the {} positions that the model was made for: what it makes "
                     "of the later ones was never trained; --seq {} fits",
                     grouped(sequence), grouped(config.max_positions), config.max_positions);
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
