#include "runtime/growth/derivation.h"

#include "runtime/checkpoint/format.h"
#include "runtime/growth/coefficient.h"
#include "runtime/growth/element.h"
#include "runtime/growth/random.h"

#include <algorithm>

namespace tritter {

namespace {

/// `length` coordinates from `begin` of the new axis; coordinate begin + j reads first + j * step.
struct PreparedRun {
  uint64_t begin;
  uint64_t length;
  int64_t first;
  int64_t step;
  /// Which of the axis's distinct coefficients.
  size_t coefficient;

  bool isZero() const { return first < 0; }
};

struct PreparedAxis {
  std::vector<PreparedRun> runs;
  std::vector<Coefficient> coefficients;
  bool identity = false;

  const PreparedRun *runOf(uint64_t coordinate) const {
    return &*std::prev(std::upper_bound(runs.begin(), runs.end(), coordinate,
                                        [](uint64_t c, const PreparedRun &run) { return c < run.begin; }));
  }
};

/// A term with its maps checked, and its place in the row that is being evaluated.
struct PreparedTerm {
  schema::TermKind kind;
  SourceTensor source;
  double value = 0;
  uint64_t seed = 0, stream = 0;
  /// One for each axis of the new tensor; a tensor without axes gets one of length 1.
  std::vector<PreparedAxis> axes;
  /// Elements of the source from one coordinate of an axis to the next.
  std::vector<uint64_t> strides;

  /// Of the current row: nothing of it is read, the flat index where it begins, the coefficients of its inner axis
  /// times those of the outer ones, and which outer ones those were.
  bool rowIsZero = false;
  uint64_t rowBegin = 0;
  std::vector<size_t> outerCoefficients;
  std::vector<Coefficient> coefficients;

  Status enterRow(uint64_t row, std::span<const uint64_t> shape);
  void add(uint64_t begin, std::span<double> sum, bool first) const;
  bool copies(schema::DType type) const;
};

} // namespace

static Result<PreparedAxis> prepareAxis(const schema::AxisMap *map, uint64_t size, uint64_t sourceSize) {
  PreparedAxis axis;
  if (!map || !map->runs() || map->runs()->size() == 0) {
    if (size != sourceSize)
      return error("an axis of {} is read as one of {}, without a map", sourceSize, size);
    axis.identity = true;
    axis.coefficients.push_back({});
    axis.runs.push_back({0, size, 0, 1, 0});
    return axis;
  }
  uint64_t begin = 0;
  for (const schema::Run *run : *map->runs()) {
    if (run->length() == 0)
      continue;
    if (run->length() > size - begin)
      return error("the runs of an axis map cover more than its axis of {}", size);
    PreparedRun prepared{begin, run->length(), run->first(), run->step(), 0};
    begin += run->length();
    if (prepared.isZero()) {
      prepared.first = -1;
    } else {
      __int128 last = __int128(run->first()) + __int128(run->length() - 1) * run->step();
      if (run->first() >= __int128(sourceSize) || last < 0 || last >= __int128(sourceSize))
        return error("an axis map reads outside of its source's axis of {}", sourceSize);
      Coefficient written{run->numerator(), run->denominator(), run->radicand()};
      std::optional<Coefficient> coefficient = written.reduced();
      if (!coefficient)
        return error("an axis map has the coefficient ({} / {}) sqrt({}), which is no number", written.numerator,
                     written.denominator, written.radicand);
      // From the back: neighbours mostly share theirs.
      auto &known = axis.coefficients;
      auto found = std::find(known.rbegin(), known.rend(), *coefficient);
      prepared.coefficient = size_t(known.rend() - found) - 1;
      if (found == known.rend()) {
        prepared.coefficient = known.size();
        known.push_back(*coefficient);
      }
    }
    axis.runs.push_back(prepared);
  }
  if (begin != size)
    return error("the runs of an axis map cover {} of its axis of {}", begin, size);
  return axis;
}

static Result<PreparedTerm> prepareTerm(const schema::Term &term, std::span<const uint64_t> shape,
                                        const SourceLookup &sources) {
  PreparedTerm prepared;
  prepared.kind = term.kind();
  prepared.value = term.value();
  prepared.seed = term.seed();
  prepared.stream = term.stream();
  std::vector<uint64_t> sourceShape;
  if (term.shape())
    sourceShape.assign(term.shape()->begin(), term.shape()->end());
  switch (term.kind()) {
  case schema::TermKind::Source: {
    std::string_view name = term.source() ? term.source()->string_view() : std::string_view();
    TRITTER_ASSIGN(prepared.source, sources(name));
    if (prepared.source.shape != sourceShape)
      return error("source {} has shape [{}], [{}] is expected", name, fmt::join(prepared.source.shape, ", "),
                   fmt::join(sourceShape, ", "));
    if (tensorBytes(sourceShape, prepared.source.dtype) != prepared.source.bytes.size())
      return error("source {} has {} bytes, which its shape contradicts", name, prepared.source.bytes.size());
    break;
  }
  case schema::TermKind::Constant:
    // A constant without a map has no shape to speak of.
    if (!term.axes() || term.axes()->size() == 0)
      sourceShape.assign(shape.begin(), shape.end());
    break;
  case schema::TermKind::Normal:
    break;
  default:
    return error("a derivation has a term of kind {}, which is unknown", int(term.kind()));
  }
  bool mapped = term.axes() && term.axes()->size() != 0;
  if (sourceShape.size() != shape.size() || (mapped && term.axes()->size() != shape.size()))
    return error("a term has {} axes and {} axis maps, its tensor {} axes", sourceShape.size(),
                 mapped ? term.axes()->size() : 0, shape.size());

  prepared.strides.assign(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    prepared.strides[i - 1] = prepared.strides[i] * sourceShape[i];
  for (size_t i = 0; i < shape.size(); ++i) {
    TRITTER_ASSIGN(PreparedAxis axis,
                   prepareAxis(mapped ? term.axes()->Get(unsigned(i)) : nullptr, shape[i], sourceShape[i]));
    prepared.axes.push_back(std::move(axis));
  }
  if (shape.empty()) {
    prepared.axes.push_back(*prepareAxis(nullptr, 1, 1));
    prepared.strides.push_back(1);
  }
  return prepared;
}

/// A verbatim copy of its source, in the same type.
bool PreparedTerm::copies(schema::DType type) const {
  return kind == schema::TermKind::Source && source.dtype == type &&
         std::all_of(axes.begin(), axes.end(), [](const PreparedAxis &axis) { return axis.identity; });
}

Status PreparedTerm::enterRow(uint64_t row, std::span<const uint64_t> shape) {
  rowIsZero = false;
  rowBegin = 0;
  std::vector<size_t> outer;
  for (size_t i = axes.size() - 1; i-- > 0;) {
    uint64_t coordinate = row % shape[i];
    row /= shape[i];
    const PreparedRun *run = axes[i].runOf(coordinate);
    if (run->isZero()) {
      rowIsZero = true;
      return {};
    }
    rowBegin += uint64_t(run->first + int64_t(coordinate - run->begin) * run->step) * strides[i];
    outer.push_back(run->coefficient);
  }
  if (!coefficients.empty() && outer == outerCoefficients)
    return {};
  Coefficient product;
  for (size_t i = 0; i < outer.size(); ++i) {
    std::optional<Coefficient> next = product.times(axes[axes.size() - 2 - i].coefficients[outer[i]]);
    if (!next)
      return error("the coefficients of a tensor's axes multiply to more than 63 bits hold");
    product = *next;
  }
  coefficients.clear();
  for (const Coefficient &inner : axes.back().coefficients) {
    std::optional<Coefficient> next = product.times(inner);
    if (!next)
      return error("the coefficients of a tensor's axes multiply to more than 63 bits hold");
    coefficients.push_back(*next);
  }
  outerCoefficients = std::move(outer);
  return {};
}

/// Adds the term's elements from `begin` of the row to `sum`; the first term's are stored instead, so that a copy of
/// -0 is -0.
void PreparedTerm::add(uint64_t begin, std::span<double> sum, bool first) const {
  auto put = [&](size_t at, double element) { sum[at] = first ? element : sum[at] + element; };
  if (rowIsZero) {
    for (size_t i = 0; i < sum.size(); ++i)
      put(i, 0.0);
    return;
  }
  const PreparedRun *run = axes.back().runOf(begin);
  for (size_t at = 0; at < sum.size(); ++run) {
    uint64_t inRun = begin + at - run->begin;
    size_t end = at + size_t(std::min<uint64_t>(run->length - inRun, sum.size() - at));
    if (run->isZero()) {
      for (; at < end; ++at)
        put(at, 0.0);
      continue;
    }
    bool scaled = !coefficients[run->coefficient].isOne();
    double factor = coefficients[run->coefficient].value();
    uint64_t index = rowBegin + uint64_t(run->first + int64_t(inRun) * run->step);
    auto each = [&](auto &&element) {
      for (; at < end; ++at, index += uint64_t(run->step))
        put(at, scaled ? factor * element(index) : element(index));
    };
    switch (kind) {
    case schema::TermKind::Source:
      // The type is chosen outside of the loop.
      if (source.dtype == schema::DType::F32)
        each([data = source.bytes.data()](uint64_t i) { return loadElement(schema::DType::F32, data, i); });
      else if (source.dtype == schema::DType::BF16)
        each([data = source.bytes.data()](uint64_t i) { return loadElement(schema::DType::BF16, data, i); });
      else
        each([this](uint64_t i) { return loadElement(source.dtype, source.bytes.data(), i); });
      break;
    case schema::TermKind::Constant:
      each([this](uint64_t) { return value; });
      break;
    case schema::TermKind::Normal:
      each([this](uint64_t i) { return value * standardNormal(seed, stream, i); });
      break;
    }
  }
}

Status evaluateDerivation(const schema::Derivation &derivation, std::span<const uint64_t> shape, schema::DType dtype,
                          const SourceLookup &sources, uint64_t begin, uint64_t end, std::span<std::byte> out) {
  uint64_t elementSize = elementBytes(dtype);
  std::optional<uint64_t> total = tensorBytes(shape, dtype);
  if (!total || elementSize == 0 || begin > end || end > *total / elementSize ||
      out.size() != (end - begin) * elementSize)
    return error("elements {} to {} of a tensor [{}] do not fill {} bytes", begin, end, fmt::join(shape, ", "),
                 out.size());
  std::vector<PreparedTerm> terms;
  if (derivation.terms())
    for (const schema::Term *term : *derivation.terms()) {
      TRITTER_ASSIGN(PreparedTerm prepared, prepareTerm(*term, shape, sources));
      terms.push_back(std::move(prepared));
    }
  if (terms.empty()) {
    std::fill(out.begin(), out.end(), std::byte(0));
    return {};
  }
  if (terms.size() == 1 && terms[0].copies(dtype)) {
    std::memcpy(out.data(), terms[0].source.bytes.data() + begin * elementSize, out.size());
    return {};
  }

  constexpr uint64_t pieceSize = 2048;
  double buffer[pieceSize];
  uint64_t columns = shape.empty() ? 1 : shape.back();
  uint64_t currentRow = UINT64_MAX;
  for (uint64_t flat = begin; flat < end;) {
    uint64_t row = flat / columns, column = flat % columns;
    if (row != currentRow)
      for (PreparedTerm &term : terms)
        TRITTER_RETURN_IF_ERROR(term.enterRow(row, shape));
    currentRow = row;
    std::span<double> sum(buffer, std::min({pieceSize, columns - column, end - flat}));
    for (size_t i = 0; i < terms.size(); ++i)
      terms[i].add(column, sum, i == 0);
    for (double element : sum)
      storeElement(dtype, out.data(), flat++ - begin, element);
  }
  return {};
}

} // namespace tritter
