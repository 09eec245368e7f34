// Intertwining, inferred: which rows of W' P are multiples of which rows of W, as an identity in all tensors that W' is
// made of.

#include "tritter/Proof/Relations.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace mlir::growth;

namespace {
/// coefficient * sum over j < length of e(a + j stepA) e(b + j stepB)': a part of B' P for a term A S B'.
struct Segment {
  int64_t a, stepA, b, stepB, length;
  Coefficient coefficient;
};

/// The terms that reach a row, with the coefficients that they reach it with.
using Active = SmallVector<std::pair<unsigned, Coefficient>, 2>;

class RowInference {
public:
  RowInference(const Derivation &derivation, unsigned rowAxis, const AxisMap *input, Value base,
               const RuleContext &context);

  RowRelation run();

private:
  void multiply(unsigned index);
  Run inferRow(ArrayRef<Run> parts);
  std::optional<Coefficient> sum(const Active &group);
  double magnitude(const Active &group);
  bool isWithinLimits(ArrayRef<Active> groups, const Active &active, const Run &row);
  bool isStoredExactly(const Active &active);
  bool computeStoredExactly(const Active &active);
  bool sameRow(unsigned i, unsigned j, ArrayRef<Run> parts) const;
  bool unknownAlone(const Active &group);
  std::string why(const Active &group);
  void explain(std::string reason, bool inputsFault);

  const Derivation &derivation;
  unsigned rowAxis;
  const AxisMap *input;
  Value base;
  const RuleContext &context;
  /// Rows and columns of W; no column is known beyond them.
  int64_t rows = 0, columns = 1;
  SmallVector<bool> isBase;
  /// B' P of each term.
  SmallVector<SmallVector<Segment, 2>, 2> products;
  SmallVector<std::pair<Active, std::optional<Coefficient>>> sums;
  SmallVector<std::pair<Active, double>> magnitudes;
  SmallVector<std::pair<Active, bool>> stored;
  RowRelation result;
};
} // namespace

RowInference::RowInference(const Derivation &derivation, unsigned rowAxis, const AxisMap *input, Value base,
                           const RuleContext &context)
    : derivation(derivation), rowAxis(rowAxis), input(input), base(base), context(context) {
  if (base) {
    auto type = cast<RankedTensorType>(base.getType());
    rows = type.getDimSize(rowAxis);
    if (input)
      columns = type.getDimSize(1 - rowAxis);
  } else if (input) {
    columns = input->getDomain();
  }
  for (auto [index, term] : llvm::enumerate(derivation.terms)) {
    isBase.push_back(base && context.reads(term, base));
    products.emplace_back();
    multiply(index);
  }
}

/// What is not a coordinate of the base has a number of its own after the last, which no row of W has: so it must
/// cancel, whatever it is. `columns` is the mean of the old coordinates, those after it are the unknown ones.
void RowInference::multiply(unsigned index) {
  if (!input) {
    products[index].push_back({0, 1, 0, 1, 1, 1});
    return;
  }
  const Term &term = derivation.terms[index];
  const AxisMap &map = term.axes[1 - rowAxis];
  walkTogether({&map, input}, [&](int64_t at, ArrayRef<Run> parts) {
    const Run &weight = parts[0], &value = parts[1];
    if (weight.kind == Run::Kind::Zero || value.kind == Run::Kind::Zero)
      return;
    Segment segment{weight.first, weight.step, value.first, value.step, weight.length, weight.coefficient};
    if (term.kind == Term::Kind::Constant || weight.kind == Run::Kind::Mean) {
      // All columns of a constant are one; the mean of S's columns is none of them.
      segment.a = term.kind == Term::Kind::Constant ? 0 : map.getDomain();
      segment.stepA = 0;
    }
    if (value.kind == Run::Kind::Mean) {
      segment.b = columns;
      segment.stepB = 0;
    } else if (value.kind != Run::Kind::Copy) {
      segment.b = columns + 1 + at;
      segment.stepB = 1;
    }
    if (value.kind == Run::Kind::Copy || value.kind == Run::Kind::Mean) {
      std::optional<Coefficient> product = weight.coefficient.times(value.coefficient);
      // Out of range: as if it met something unknown.
      if (product)
        segment.coefficient = *product;
      else
        segment.b = columns + 1 + at, segment.stepB = 1;
    }
    products[index].push_back(segment);
  });
}

void RowInference::explain(std::string reason, bool inputsFault) {
  if (result.reason.empty() || (result.inputsFault && !inputsFault)) {
    result.reason = std::move(reason);
    result.inputsFault = inputsFault;
  }
}

bool RowInference::sameRow(unsigned i, unsigned j, ArrayRef<Run> parts) const {
  const Term &a = derivation.terms[i], &b = derivation.terms[j];
  if (!(isBase[i] && isBase[j]) && !a.sameTensor(b))
    return false;
  if (a.kind == Term::Kind::Constant)
    return true;
  Run other = parts[j];
  other.coefficient = parts[i].coefficient;
  return parts[i].agrees(other);
}

/// p where the group's terms make p times a row of W; 0 where they cancel; empty where they make anything else.
std::optional<Coefficient> RowInference::sum(const Active &group) {
  for (auto &[key, value] : sums)
    if (key == group)
      return value;
  DiagonalSum total;
  bool good = true;
  for (auto &[term, factor] : group)
    for (const Segment &segment : products[term]) {
      std::optional<Coefficient> product = segment.coefficient.times(factor);
      good &= product.has_value();
      if (product)
        total.add(segment.a, segment.stepA, segment.b, segment.stepB, segment.length, *product);
    }
  std::optional<Coefficient> value;
  if (good)
    value = total.multipleOfIdentity(columns);
  if (value && !value->isZero() && !isBase[group.front().first])
    value.reset();
  sums.push_back({group, value});
  return value;
}

/// The largest sum of absolute values that a group's terms bring together over one coordinate of the input, where the
/// elements of W are 1. Runs of one stride are told apart by where they begin; those of several strides are taken to
/// meet, so that the sum may be too large, never too small.
double RowInference::magnitude(const Active &group) {
  for (auto &[key, value] : magnitudes)
    if (key == group)
      return value;
  struct Change {
    int64_t stride, phase, at;
    double weight;
  };
  SmallVector<Change> changes;
  for (auto &[index, factor] : group) {
    const Term &term = derivation.terms[index];
    // What is not the base's is compared with weights that keep magnitudes: of deviation 1 / sqrt(columns).
    double unit = term.kind == Term::Kind::Normal || term.kind == Term::Kind::Constant
                      ? std::abs(term.value) * std::sqrt(double(input ? term.type.getDimSize(1 - rowAxis) : 1))
                      : 1;
    for (const Segment &segment : products[index]) {
      double weight = unit * std::abs(factor.toDouble() * segment.coefficient.toDouble());
      int64_t stride = segment.length == 1 ? 1 : std::abs(segment.stepB);
      if (stride == 0) {
        changes.append({{1, 0, segment.b, weight * segment.length}, {1, 0, segment.b + 1, -weight * segment.length}});
        continue;
      }
      int64_t first = std::min(segment.b, segment.b + (segment.length - 1) * segment.stepB);
      int64_t begin = first / stride;
      changes.append(
          {{stride, first % stride, begin, weight}, {stride, first % stride, begin + segment.length, -weight}});
    }
  }
  // What ends comes before what begins at the same place, being negative.
  llvm::sort(changes, [](const Change &a, const Change &b) {
    return std::tuple(a.stride, a.phase, a.at, a.weight) < std::tuple(b.stride, b.phase, b.at, b.weight);
  });
  double total = 0, most = 0, sum = 0;
  for (auto [index, change] : llvm::enumerate(changes)) {
    if (index > 0 && change.stride != changes[index - 1].stride) {
      total += most;
      most = 0;
    }
    if (index > 0 &&
        std::tuple(change.stride, change.phase) != std::tuple(changes[index - 1].stride, changes[index - 1].phase))
      sum = 0;
    sum += change.weight;
    most = std::max(most, sum);
  }
  total += most;
  magnitudes.push_back({group, total});
  return total;
}

/// Whether rounding leaves enough of a row; keeps how much it takes.
bool RowInference::isWithinLimits(ArrayRef<Active> groups, const Active &active, const Run &row) {
  double terms = 0;
  for (const Active &group : groups)
    terms += magnitude(group);
  double growth = terms / (row.kind == Run::Kind::Zero ? 1 : std::abs(row.coefficient.toDouble()));
  double error = isStoredExactly(active) ? 0 : unitRoundoff(derivation.type.getElementType()) * growth;
  SmallString<128> reason;
  llvm::raw_svector_ostream text(reason);
  if (growth > cancellationLimit * (1 + 1e-9))
    text << llvm::format("has terms %.2g times as large as what is left of them: more than %g times takes too many of "
                         "its digits",
                         growth, cancellationLimit);
  else if (error > errorLimit)
    text << llvm::format("is rounded by %.2g of its result where it is stored, more than %g", error, errorLimit);
  if (reason.empty())
    result.error = std::max(result.error, error);
  else
    explain(reason.str().str(), false);
  return reason.empty();
}

/// Whether the group fails only because of coordinates of the input that nothing is known of.
bool RowInference::unknownAlone(const Active &group) {
  if (!input || !input->any(Run::Kind::Unknown))
    return false;
  for (auto &[term, factor] : group)
    for (const Segment &segment : products[term])
      if (segment.b > columns)
        return true;
  return false;
}

std::string RowInference::why(const Active &group) {
  const Term &term = derivation.terms[group.front().first];
  if (unknownAlone(group))
    return "reads coordinates of its input that nothing is known of";
  if (isBase[group.front().first])
    return input ? "has columns over the copies of a coordinate that do not add up to a multiple of the base's"
                 : "is no multiple of the base's";
  if (term.kind == Term::Kind::Constant)
    return "adds a constant that the base has not";
  if (term.kind != Term::Kind::Source)
    return "adds values that are not the base's, and neither meet zeros nor cancel";
  if (term.model != context.baseName())
    return "is derived from @" + term.model.getValue().str() + ", not from @" + context.baseName().getValue().str() +
           " (--growth-normalise folds a growth of a growth)";
  auto parameter = base ? base.getDefiningOp<tritter::ParamOp>() : nullptr;
  if (parameter && parameter.getPathAttr() == term.path && parameter.getType() != term.type)
    return "reads a tensor of another shape or type than the base's";
  if (parameter && parameter.getPathAttr() == term.path)
    return "is derived from another layer's";
  return "is derived from " + term.path.getValue().str() +
         (parameter ? ", not from " + parameter.getPath().str() : std::string(", which nothing here reads"));
}

Run RowInference::inferRow(ArrayRef<Run> parts) {
  int64_t length = parts.front().length;
  SmallVector<Active, 2> groups;
  Active active;
  bool masked = false;
  for (unsigned i = 0; i < parts.size(); ++i) {
    if (parts[i].kind == Run::Kind::Zero)
      continue;
    const Term &term = derivation.terms[i];
    masked |= !input && term.kind == Term::Kind::Constant && term.value < 0 && std::isinf(term.value) &&
              parts[i].coefficient.isPositive();
    active.push_back({i, parts[i].coefficient});
    auto group = llvm::find_if(groups, [&](const Active &other) { return sameRow(other.front().first, i, parts); });
    if (group == groups.end())
      groups.push_back({active.back()});
    else
      group->push_back(active.back());
  }
  if (masked && active.size() == 1)
    return Run::masked(length);

  Run row = Run::zero(length);
  for (const Active &group : groups) {
    std::optional<Coefficient> multiple = sum(group);
    if (multiple && multiple->isZero())
      continue;
    if (!multiple) {
      explain(why(group), unknownAlone(group));
      return Run::unknown(length);
    }
    if (row.kind != Run::Kind::Zero) {
      explain("mixes different rows of the base's", false);
      return Run::unknown(length);
    }
    row = parts[group.front().first];
    row.coefficient = *multiple;
  }
  return isWithinLimits(groups, active, row) ? row : Run::unknown(length);
}

/// Whether every number of `from` is one of `to`.
static bool widens(Type from, Type to) {
  const llvm::fltSemantics &a = cast<FloatType>(from).getFloatSemantics(), &b = cast<FloatType>(to).getFloatSemantics();
  return llvm::APFloat::isRepresentableBy(a, b);
}

static bool isRepresentable(double value, Type type) {
  llvm::APFloat number(value);
  bool lost = false;
  number.convert(cast<FloatType>(type).getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &lost);
  return !lost;
}

bool RowInference::isStoredExactly(const Active &active) {
  for (auto &[key, value] : stored)
    if (key == active)
      return value;
  bool value = computeStoredExactly(active);
  stored.push_back({active, value});
  return value;
}

/// An element that the result depends on is stored exactly where one term alone makes it, with a power of two.
bool RowInference::computeStoredExactly(const Active &active) {
  auto isExact = [&](unsigned index, std::optional<Coefficient> coefficient, bool mean) {
    const Term &term = derivation.terms[index];
    if (!coefficient || !coefficient->isPowerOfTwo() || mean)
      return false;
    if (term.kind == Term::Kind::Constant)
      return isRepresentable(term.value * coefficient->toDouble(), derivation.type.getElementType());
    // Draws are what they are stored as.
    return term.kind != Term::Kind::Source || widens(term.type.getElementType(), derivation.type.getElementType());
  };
  auto isMean = [&](unsigned index, unsigned axis) { return derivation.terms[index].axes[axis].any(Run::Kind::Mean); };
  if (active.empty())
    return true;
  if (!input)
    return active.size() == 1 && isExact(active[0].first, active[0].second, isMean(active[0].first, rowAxis));
  SmallVector<const AxisMap *, 4> maps{input};
  for (auto &[index, coefficient] : active)
    maps.push_back(&derivation.terms[index].axes[1 - rowAxis]);
  bool exact = true;
  walkTogether(maps, [&](int64_t, ArrayRef<Run> parts) {
    if (parts[0].kind == Run::Kind::Zero)
      return;
    unsigned made = 0;
    for (auto [entry, part] : llvm::zip_equal(active, parts.drop_front())) {
      if (part.kind == Run::Kind::Zero)
        continue;
      ++made;
      bool mean = part.kind == Run::Kind::Mean || isMean(entry.first, rowAxis);
      exact = exact && isExact(entry.first, part.coefficient.times(entry.second), mean);
    }
    exact = exact && made <= 1;
  });
  return exact;
}

RowRelation RowInference::run() {
  int64_t length = derivation.type.getDimSize(rowAxis);
  result.verbatim = derivation.terms.size() == 1 && isBase[0] && derivation.terms[0].isVerbatim();
  AxisMap inferred(rows, {});
  if (derivation.terms.empty()) {
    result.rows = AxisMap::zeros(length, rows);
    return result;
  }
  SmallVector<const AxisMap *, 2> maps;
  for (const Term &term : derivation.terms)
    maps.push_back(&term.axes[rowAxis]);
  walkTogether(maps, [&](int64_t, ArrayRef<Run> parts) { inferred.append(inferRow(parts)); });
  result.rows = std::move(inferred);
  return result;
}

RowRelation mlir::growth::relateRows(const Derivation &derivation, unsigned rowAxis, const AxisMap *input, Value base,
                                     const RuleContext &context) {
  return RowInference(derivation, rowAxis, input, base, context).run();
}
