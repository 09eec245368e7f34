#ifndef TRITTER_GROWTH_DEPTHPLAN_H
#define TRITTER_GROWTH_DEPTHPLAN_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <optional>
#include <string>

/// Which layers a deeper model has: arithmetic, without IR.
namespace mlir::tritter {

enum class DepthStrategy { LlamaPro, Solar, Stack, Interpolate };

ArrayRef<DepthStrategy> depthStrategies();

/// As options spell it: llama-pro, solar, stack, interpolate.
StringRef stringifyDepthStrategy(DepthStrategy strategy);

/// The strategy that options spell so, if any.
std::optional<DepthStrategy> symbolizeDepthStrategy(StringRef name);

/// A layer of the new model.
struct PlannedLayer {
  /// The base's layer that it is a copy of.
  int64_t origin = 0;
  /// Whether that one was used already, so that this is one layer more.
  bool added = false;
  /// Whether its branches end in zero products.
  bool identity = false;
};

/// The layers of a model of `layers` layers grown from one of `baseLayers`. `removal` is solar's m, or nothing where it
/// follows. Where there is no such growth, `error` gets a sentence that says what there is.
std::optional<SmallVector<PlannedLayer>> planDepth(DepthStrategy strategy, int64_t baseLayers, int64_t layers,
                                                   std::optional<int64_t> removal, std::string &error);

} // namespace mlir::tritter

#endif // TRITTER_GROWTH_DEPTHPLAN_H
