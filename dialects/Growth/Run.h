#ifndef TRITTER_DIALECTS_GROWTH_RUN_H
#define TRITTER_DIALECTS_GROWTH_RUN_H

#include "dialects/Growth/Coefficient.h"

namespace mlir::growth {

/// `length` consecutive coordinates of a new axis, and what each of them is of the old one's.
struct Run {
  enum class Kind : uint8_t {
    /// Coordinate j is `coefficient` times old coordinate `first + j * step`. The coefficient is not zero.
    Copy,
    Zero,
    /// `coefficient` times the mean of all old coordinates.
    Mean,
    /// Finite, and otherwise anything. In facts of the proof only, never in a derivation.
    Unknown,
    /// Minus infinity: a logit that is masked. In facts of the proof only.
    Masked
  };

  int64_t length = 0;
  Kind kind = Kind::Zero;
  int64_t first = 0;
  int64_t step = 0;
  Coefficient coefficient;

  static Run copy(int64_t length, int64_t first, int64_t step = 1, Coefficient coefficient = 1) {
    return coefficient.isZero() ? zero(length) : Run{length, Kind::Copy, first, step, coefficient};
  }
  static Run zero(int64_t length) { return {length, Kind::Zero, 0, 0, 0}; }
  static Run mean(int64_t length, Coefficient coefficient = 1) {
    return coefficient.isZero() ? zero(length) : Run{length, Kind::Mean, 0, 0, coefficient};
  }

  static Run unknown(int64_t length) { return {length, Kind::Unknown, 0, 0, 0}; }
  static Run masked(int64_t length) { return {length, Kind::Masked, 0, 0, 0}; }

  /// The part of the run that begins `offset` coordinates after its start.
  Run slice(int64_t offset, int64_t size) const {
    Run part = *this;
    part.first += kind == Kind::Copy ? offset * step : 0;
    part.length = size;
    return part;
  }

  /// Whether it says the same of its first `length` coordinates as `other` of its own.
  bool agrees(const Run &other) const {
    int64_t shared = length < other.length ? length : other.length;
    return kind == other.kind && coefficient == other.coefficient && first == other.first &&
           (kind != Kind::Copy || shared == 1 || step == other.step);
  }

  bool operator==(const Run &) const = default;
  friend llvm::hash_code hash_value(const Run &run) {
    return llvm::hash_combine(run.length, uint8_t(run.kind), run.first, run.step, run.coefficient);
  }
};

} // namespace mlir::growth

#endif // TRITTER_DIALECTS_GROWTH_RUN_H
