#ifndef TRITTER_DERIVATION_AXISMAP_H
#define TRITTER_DERIVATION_AXISMAP_H

#include "dialects/Growth/Run.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace mlir::growth {

/// A sparse matrix with one entry in a row at most, in runs of rows: how the coordinates of a new axis are made of
/// those of an old one (its *domain*). Everything here takes time linear in the runs, not in the coordinates, but where
/// a stride keeps coordinates apart.
///
/// What is not representable, would overflow a coefficient, or would take more than `mostRuns` runs gives an empty
/// optional: never an approximation. Coordinates are less than 2^50, as verifiers see to.
class AxisMap {
public:
  static constexpr size_t mostRuns = size_t(1) << 20;

  AxisMap() = default;
  AxisMap(int64_t domain, llvm::ArrayRef<Run> runs);

  static AxisMap identity(int64_t size) { return AxisMap(size, Run::copy(size, 0)); }
  static AxisMap zeros(int64_t length, int64_t domain) { return AxisMap(domain, Run::zero(length)); }
  static AxisMap unknown(int64_t length, int64_t domain) { return AxisMap(domain, Run::unknown(length)); }

  int64_t getDomain() const { return domain; }
  int64_t getLength() const { return length; }
  llvm::ArrayRef<Run> getRuns() const { return runs; }

  bool isIdentity() const;
  /// Whether every row is of this kind.
  bool all(Run::Kind kind) const;
  bool any(Run::Kind kind) const;

  /// Equal as matrices, however the runs are cut.
  bool operator==(const AxisMap &other) const;

  /// This map of an axis that `inner` made: the product of the matrices.
  std::optional<AxisMap> after(const AxisMap &inner) const;
  /// Every coefficient times `factor`.
  std::optional<AxisMap> scaled(const Coefficient &factor) const;
  /// Zero rows after the last, up to `size`.
  AxisMap padded(int64_t size) const;
  /// One after the other, `times` times.
  std::optional<AxisMap> tiled(int64_t times) const;
  /// The coefficient of the first row that is not zero; 1 where there is none.
  Coefficient leading() const;
  /// q where the transpose of this map times it is q times the identity: every old coordinate is copied with squares of
  /// coefficients that sum to q. Rows that are neither copies nor zero have none.
  std::optional<Coefficient> gram() const;

  /// Appends rows; merges them with the last run where they continue it.
  void append(Run run);

private:
  int64_t domain = 0, length = 0;
  llvm::SmallVector<Run, 4> runs;
};

/// Cuts axes of the same length where any of them begins a new run, and calls `visit` with the coordinate and the runs
/// between two cuts, all of one length, in the order of `maps`.
void walkTogether(llvm::ArrayRef<const AxisMap *> maps,
                  llvm::function_ref<void(int64_t at, llvm::ArrayRef<Run> runs)> visit);

/// The sum of matrices of the form coefficient * sum over j of e(a + j stepA) e(b + j stepB)', kept as intervals on
/// diagonals, exact. What is asked in the end is whether it is a multiple of the identity; square roots of different
/// square-free integers are independent over the rationals, so they are summed apart.
///
/// Where strides keep coordinates apart, each is an interval of its own: sums of more than `mostSteps` have no answer.
class DiagonalSum {
public:
  static constexpr size_t mostSteps = size_t(1) << 22;

  void add(int64_t a, int64_t stepA, int64_t b, int64_t stepB, int64_t length, const Coefficient &coefficient);

  /// p where the sum is p times the identity on [0, size); 0 for an empty sum.
  std::optional<Coefficient> multipleOfIdentity(int64_t size);

private:
  /// From coordinate `at` of a diagonal on, the sum is larger by `change`.
  struct Step {
    int64_t diagonal;
    uint64_t radicand;
    int64_t at;
    Coefficient change;
  };
  void addInterval(int64_t diagonal, int64_t begin, int64_t end, const Coefficient &coefficient);

  llvm::SmallVector<Step> steps;
  bool overflowed = false;
};

} // namespace mlir::growth

#endif // TRITTER_DERIVATION_AXISMAP_H
