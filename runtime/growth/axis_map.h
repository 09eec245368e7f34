#ifndef TRITTER_RUNTIME_GROWTH_AXIS_MAP_H
#define TRITTER_RUNTIME_GROWTH_AXIS_MAP_H

#include "runtime/base/status.h"
#include "runtime/growth/coefficient.h"
#include "runtime/schema/derivation_generated.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tritter {

/// `length` coordinates from `begin` of the new axis; coordinate begin + j reads first + j * step of the old one.
struct MapRun {
  enum class Kind : uint8_t { Copy, Zero, Mean };

  uint64_t begin;
  uint64_t length;
  int64_t first;
  int64_t step;
  /// Which of the map's distinct coefficients.
  size_t coefficient;
  Kind kind;
};

/// An axis map checked and indexed, for any number of tensors that have the axis.
struct AxisMap {
  std::vector<MapRun> runs;
  /// Distinct ones, and what each is rounded to.
  std::vector<Coefficient> coefficients;
  std::vector<double> factors;
  /// Coordinates of the new axis, and of the old one as far as it is read.
  uint64_t length = 0, extent = 0;
  /// Every coordinate is read from itself, unscaled.
  bool identity = false;
  bool hasMean = false;

  static Result<AxisMap> read(const schema::AxisMap &map);
  static AxisMap identityOf(uint64_t size);
  /// What grows the squares of what this map grows; nothing where a mean has none, or a coefficient exceeds 63 bits.
  std::optional<AxisMap> squared() const;

  /// The run of a coordinate below `length`.
  const MapRun *runOf(uint64_t coordinate) const {
    return &*std::prev(std::upper_bound(runs.begin(), runs.end(), coordinate,
                                        [](uint64_t c, const MapRun &run) { return c < run.begin; }));
  }
  /// Whether no coordinate is made of anything by both maps.
  bool isDisjoint(const AxisMap &other) const;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_GROWTH_AXIS_MAP_H
