#ifndef TRITTER_TARGET_ARENALAYOUT_H
#define TRITTER_TARGET_ARENALAYOUT_H

#include "tritter/Support/ParameterLayout.h"

namespace mlir::tritter {

/// The arenas of every executable, in the order of an entry's slots.
enum class ArenaId { Parameters, Masters, Gradients, States, Saved, Workspace, Io, Scalars, Constants };
constexpr unsigned arenaCount = 9;
StringRef arenaName(ArenaId arena);

struct ArenaPlace {
  ArenaId arena = ArenaId::Parameters;
  int64_t offset = 0;
};

/// State of one kind that the programs of a module keep for a group of parameters.
struct KeptState {
  std::string kind, group;
  StateGrowth growth = StateGrowth::Zero;
  /// The group's matrix.
  RankedTensorType type;
  /// Bytes from where the arena of states begins.
  int64_t offset = 0;
};

/// Where everything lies that belongs to parameters: values, masters, gradients, and the state that `tritter.state` and
/// `tritter.set_state` name.
class ArenaLayout {
public:
  /// Fails, with a diagnostic, where two operations say different things of a kind of state, or one names a group that
  /// the model has not, or gives it another size.
  static FailureOr<ArenaLayout> get(ModuleOp module, const ParameterLayout &parameters);

  const ParameterLayout &getParameters() const { return *parameters; }
  /// Kind by kind in the order in which programs name them, and in each group by group.
  ArrayRef<KeptState> getStates() const { return states; }

  /// Where a group's storage of a kind begins; nothing for an unknown kind. Masters that are the values have their
  /// place.
  std::optional<ArenaPlace> statePlace(StringRef kind, const ParameterGroup &group) const;
  /// Bytes of the arenas that hold parameters and what belongs to each of them; 0 for the others.
  int64_t bytes(ArenaId arena) const;

private:
  const ParameterLayout *parameters = nullptr;
  SmallVector<KeptState> states;
  int64_t stateBytes = 0;
};

/// Where a parameter's value, master or gradient begins; only the first two for one that is not trained, which are one.
std::optional<ArenaPlace> parameterPlace(const ParameterLayout &layout, const LayoutParameter &parameter,
                                         StringRef kind);

/// Bytes of a tensor of static shape.
int64_t bytesOf(Type tensor);

} // namespace mlir::tritter

#endif // TRITTER_TARGET_ARENALAYOUT_H
