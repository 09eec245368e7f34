#ifndef TRITTER_TARGET_ARENALAYOUT_H
#define TRITTER_TARGET_ARENALAYOUT_H

#include "tritter/Support/ParameterLayout.h"

namespace mlir::tritter {

/// The arenas of every executable, in the order of an entry's slots.
enum class ArenaId { Parameters, Masters, Gradients, Moments, Saved, Workspace, Io, Scalars, Constants };
constexpr unsigned arenaCount = 9;
StringRef arenaName(ArenaId arena);

struct ArenaPlace {
  ArenaId arena = ArenaId::Parameters;
  int64_t offset = 0;
};

/// The kinds of state that the optimizer keeps for every trained parameter.
ArrayRef<StringRef> optimizerStates();

/// Where the trained group's values of a kind (value, master, gradient, adam.m, adam.v) begin; nothing for an unknown
/// kind. Masters that are the values have their place.
std::optional<ArenaPlace> statePlace(const ParameterLayout &layout, StringRef kind, ParameterGroup group);

/// The same for one parameter; only `value` and `master` for one that is not trained.
std::optional<ArenaPlace> parameterPlace(const ParameterLayout &layout, const LayoutParameter &parameter,
                                         StringRef kind);

/// Bytes of the arenas that hold parameters and what belongs to each of them; 0 for the others.
int64_t parameterArenaBytes(const ParameterLayout &layout, ArenaId arena);

/// Bytes of a tensor of static shape.
int64_t bytesOf(Type tensor);

} // namespace mlir::tritter

#endif // TRITTER_TARGET_ARENALAYOUT_H
