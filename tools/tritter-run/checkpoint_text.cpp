#include "checkpoint_text.h"

using namespace tritter;

std::string tritter::describeProof(const std::string &verdict, bool bitwise, const std::string &firstBroken,
                                   const std::string &reason) {
  if (verdict.empty())
    return "none";
  std::string line = verdict;
  if (bitwise)
    line += ", bitwise";
  if (!firstBroken.empty())
    line += ": first broken at " + firstBroken;
  if (!reason.empty())
    line += ": " + reason;
  return line;
}

std::string tritter::shortIdentity(const std::string &identity) {
  return identity.size() < 8 ? identity : identity.substr(0, 4) + ".." + identity.substr(identity.size() - 2);
}

uint64_t tritter::configNumber(const CheckpointReader &checkpoint, const char *key) {
  nlohmann::json config = nlohmann::json::parse(text(checkpoint.manifest().config()), nullptr, false);
  if (!config.is_object() || !config.contains(key) || !config[key].is_number())
    return 0;
  return config[key].get<uint64_t>();
}

const schema::Record *tritter::lastGrowth(const CheckpointReader &checkpoint) {
  const auto *history = checkpoint.manifest().history();
  for (size_t i = history ? history->size() : 0; i-- > 0;)
    if (history->Get(i)->kind() == schema::RecordKind::Grow)
      return history->Get(i);
  return nullptr;
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
