// Which arenas there are, and where parameters and their states lie in them.

#include "tritter/Target/ArenaLayout.h"

using namespace mlir;
using namespace mlir::tritter;

StringRef tritter::arenaName(ArenaId arena) {
  static constexpr StringRef names[arenaCount] = {"parameters", "masters", "gradients", "moments",  "saved",
                                                  "workspace",  "io",      "scalars",   "constants"};
  return names[size_t(arena)];
}

ArrayRef<StringRef> tritter::optimizerStates() {
  static constexpr StringRef kinds[] = {"adam.m", "adam.v"};
  return kinds;
}

int64_t tritter::bytesOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.getNumElements() * tensor.getElementTypeBitWidth() / 8;
}

static int64_t masterWidth(const ParameterLayout &layout, ParameterGroup group) {
  return layout.masterType(group).getIntOrFloatBitWidth() / 8;
}
static int64_t masterBytes(const ParameterLayout &layout, ParameterGroup group) {
  return layout.groupElements(group) * masterWidth(layout, group);
}

/// Bytes of both groups, each in the type of its masters.
static int64_t bothGroups(const ParameterLayout &layout) {
  return masterBytes(layout, ParameterGroup::Decayed) + masterBytes(layout, ParameterGroup::Undecayed);
}

std::optional<ArenaPlace> tritter::statePlace(const ParameterLayout &layout, StringRef kind, ParameterGroup group) {
  // The groups lie one after the other.
  int64_t begin = group == ParameterGroup::Undecayed ? masterBytes(layout, ParameterGroup::Decayed) : 0;
  if (kind == "value" || (kind == "master" && layout.masterIsValue(group)))
    return ArenaPlace{ArenaId::Parameters, layout.valueOffset(group)};
  if (kind == "master") {
    bool first = group == ParameterGroup::Decayed || layout.masterIsValue(ParameterGroup::Decayed);
    return ArenaPlace{ArenaId::Masters, first ? 0 : begin};
  }
  if (kind == "gradient")
    return ArenaPlace{ArenaId::Gradients, begin};
  for (auto [index, state] : llvm::enumerate(optimizerStates()))
    if (kind == state)
      return ArenaPlace{ArenaId::Moments, int64_t(index) * bothGroups(layout) + begin};
  return std::nullopt;
}

std::optional<ArenaPlace> tritter::parameterPlace(const ParameterLayout &layout, const LayoutParameter &parameter,
                                                  StringRef kind) {
  if (kind == "value" || (kind == "master" && (!parameter.trainable || layout.masterIsValue(parameter.group))))
    return ArenaPlace{ArenaId::Parameters, parameter.valueBytes};
  if (!parameter.trainable)
    return std::nullopt;
  std::optional<ArenaPlace> place = statePlace(layout, kind, parameter.group);
  if (place)
    place->offset += parameter.offset * masterWidth(layout, parameter.group);
  return place;
}

int64_t tritter::parameterArenaBytes(const ParameterLayout &layout, ArenaId arena) {
  switch (arena) {
  case ArenaId::Parameters:
    return layout.valueBytes();
  case ArenaId::Masters: {
    int64_t bytes = 0;
    for (ParameterGroup group : {ParameterGroup::Decayed, ParameterGroup::Undecayed})
      bytes += layout.masterIsValue(group) ? 0 : masterBytes(layout, group);
    return bytes;
  }
  case ArenaId::Gradients:
    return bothGroups(layout);
  case ArenaId::Moments:
    return int64_t(optimizerStates().size()) * bothGroups(layout);
  default:
    return 0;
  }
}
