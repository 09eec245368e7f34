// Which arenas there are, and where parameters and their states lie in them.

#include "tritter/Target/ArenaLayout.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::tritter;

StringRef tritter::arenaName(ArenaId arena) {
  static constexpr StringRef names[arenaCount] = {"parameters", "masters", "gradients", "states",   "saved",
                                                  "workspace",  "io",      "scalars",   "constants"};
  return names[size_t(arena)];
}

int64_t tritter::bytesOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.getNumElements() * tensor.getElementTypeBitWidth() / 8;
}

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

/// What the operations that name a kind say of it.
static LogicalResult agree(StateOp op, StateOp first) {
  auto element = [](StateOp state) { return cast<RankedTensorType>(state.getType()).getElementType(); };
  if (op.getGrowth() == first.getGrowth() && element(op) == element(first))
    return success();
  InFlightDiagnostic diagnostic = op.emitOpError() << "reads " << op.getKindAttr() << " in " << element(op)
                                                   << ", growing " << stringifyStateGrowth(*op.getGrowth())
                                                   << "; it is one kind of state, kept in one way";
  diagnostic.attachNote(first.getLoc()) << "here it is in " << element(first) << ", growing "
                                        << stringifyStateGrowth(*first.getGrowth());
  return diagnostic;
}

FailureOr<ArenaLayout> ArenaLayout::get(ModuleOp module, const ParameterLayout &parameters) {
  ArenaLayout layout;
  layout.parameters = &parameters;
  // By kind: the operations that read it, by group.
  llvm::MapVector<StringRef, llvm::StringMap<StateOp>> kinds;
  llvm::StringMap<StateOp> firsts;
  WalkResult walk = module.walk([&](Operation *op) -> WalkResult {
    auto state = dyn_cast<StateOp>(op);
    auto set = dyn_cast<SetStateOp>(op);
    if (!state && !set)
      return WalkResult::advance();
    StringAttr groupName = state ? state.getGroupAttr() : set.getGroupAttr();
    const ParameterGroup *group = parameters.group(groupName);
    if (!group)
      return op->emitOpError() << "names the group " << groupName << ", in which the model trains nothing";
    auto type = cast<RankedTensorType>(state ? state.getType() : set.getValue().getType());
    if (RankedTensorType expected = group->matrix(type.getElementType()); type != expected)
      return op->emitOpError() << "is of all parameters of the group " << groupName << ", " << expected << ", found "
                               << type;
    if (!state || !state.isKept())
      return WalkResult::advance();
    if (failed(agree(state, firsts.try_emplace(state.getKind(), state).first->second)))
      return WalkResult::interrupt();
    kinds[state.getKind()].try_emplace(groupName.getValue(), state);
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  for (auto &[kind, byGroup] : kinds)
    for (const ParameterGroup &group : parameters.getGroups()) {
      auto found = byGroup.find(group.name);
      if (found == byGroup.end())
        continue;
      StateOp state = found->second;
      auto type = cast<RankedTensorType>(state.getType());
      layout.states.push_back({kind.str(), group.name, *state.getGrowth(), type, layout.stateBytes});
      layout.stateBytes += bytesOf(type);
    }
  return layout;
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

/// Where a parameter's value, master or gradient lies.
static std::optional<ArenaPlace> ownPlace(StringRef kind, const ParameterGroup &group) {
  if (kind == "value" || (kind == "master" && group.masterIsValue()))
    return ArenaPlace{ArenaId::Parameters, group.valueOffset};
  if (kind == "master")
    return ArenaPlace{ArenaId::Masters, group.masterOffset};
  if (kind == "gradient")
    return ArenaPlace{ArenaId::Gradients, group.gradientOffset};
  return std::nullopt;
}

std::optional<ArenaPlace> ArenaLayout::statePlace(StringRef kind, const ParameterGroup &group) const {
  if (std::optional<ArenaPlace> own = ownPlace(kind, group))
    return own;
  for (const KeptState &state : states)
    if (state.kind == kind && state.group == group.name)
      return ArenaPlace{ArenaId::States, state.offset};
  return std::nullopt;
}

std::optional<ArenaPlace> tritter::parameterPlace(const ParameterLayout &layout, const LayoutParameter &parameter,
                                                  StringRef kind) {
  if (kind == "value" || (kind == "master" && !parameter.trainable))
    return ArenaPlace{ArenaId::Parameters, parameter.valueBytes};
  if (!parameter.trainable)
    return std::nullopt;
  const ParameterGroup &group = layout.groupOf(parameter);
  std::optional<ArenaPlace> place = ownPlace(kind, group);
  if (place)
    place->offset += parameter.offset * group.masterType.getIntOrFloatBitWidth() / 8;
  return place;
}

int64_t ArenaLayout::bytes(ArenaId arena) const {
  switch (arena) {
  case ArenaId::Parameters:
    return parameters->getValueBytes();
  case ArenaId::Masters:
    return parameters->getMasterBytes();
  case ArenaId::Gradients:
    return parameters->getGradientBytes();
  case ArenaId::States:
    return stateBytes;
  default:
    return 0;
  }
}
