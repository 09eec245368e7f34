#ifndef TRITTER_RUNTIME_GROWTH_TERM_H
#define TRITTER_RUNTIME_GROWTH_TERM_H

// The evaluation of one term of a derivation, row by row.
#include "runtime/growth/derivation.h"

#include <mutex>

namespace tritter {

/// What is read, with some axes in the place of which stands their mean: a tensor that has 1 coordinate on those.
struct ReducedSource {
  std::once_flag once;
  std::vector<double> values;
  /// Elements from one coordinate of an axis to the next; 0 on the axes that are reduced.
  std::vector<uint64_t> strides;
};

struct Evaluation::Term {
  schema::TermKind kind = schema::TermKind::Source;
  std::string name;
  SourceTensor source;
  std::vector<uint64_t> sourceShape;
  double value = 0;
  uint64_t seed = 0, stream = 0;
  /// One for each axis of the new tensor; a tensor without axes gets one of length 1.
  std::vector<std::shared_ptr<const AxisMap>> axes;

  /// A verbatim copy of its source, in the same type.
  bool isCopy(schema::DType type) const;
  /// Whether no element is made of both.
  bool isDisjoint(const Term &other) const;
  /// With the axes in `mask` (bit i: axis i) reduced to their means; computed when first asked for, in one order.
  const ReducedSource &reduced(uint64_t mask) const;
  double element(uint64_t index) const;

private:
  mutable std::mutex mutex_;
  mutable std::map<uint64_t, ReducedSource> reduced_;
};

/// A term's place in the row (along the last axis) that is being evaluated.
class TermRow {
public:
  explicit TermRow(const Evaluation::Term &term);

  /// Enters row number `row`, the rows being counted over all axes but the last.
  Status enter(uint64_t row, std::span<const uint64_t> shape);
  /// Adds the elements from `begin` of the row to `sum`; the first term's are stored instead, so that a copy of -0 is
  /// -0.
  void add(uint64_t begin, std::span<double> sum, bool first) const;

private:
  Status scaleBy(const Coefficient &outer);
  const AxisMap &inner() const { return *term_.axes.back(); }

  const Evaluation::Term &term_;
  std::vector<uint64_t> strides_;
  /// Nothing of the row is read.
  bool zero_ = false;
  /// Which outer axes are at their mean, and the flat index where the row begins.
  uint64_t mask_ = 0, begin_ = 0;
  /// Where the row's elements and its mean lie, once they are not the source's own.
  const ReducedSource *elements_ = nullptr, *mean_ = nullptr;
  uint64_t meanIndex_ = 0;
  /// The product of the outer axes' coefficients, and the inner ones times that, rounded.
  Coefficient outer_;
  std::vector<double> scaled_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_GROWTH_TERM_H
