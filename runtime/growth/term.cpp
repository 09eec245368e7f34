// The inner loops of a growth: bytes in, f64 arithmetic, bytes out.

#include "runtime/growth/term.h"

#include "runtime/checkpoint/format.h"
#include "runtime/growth/element.h"
#include "runtime/growth/random.h"

#include <array>

namespace tritter {

bool Evaluation::Term::isCopy(schema::DType type) const {
  return kind == schema::TermKind::Source && source.dtype == type &&
         std::all_of(axes.begin(), axes.end(), [](const auto &axis) { return axis->identity; });
}

bool Evaluation::Term::isDisjoint(const Term &other) const {
  for (size_t i = 0; i < axes.size(); ++i)
    if (axes[i]->isDisjoint(*other.axes[i]))
      return true;
  return false;
}

double Evaluation::Term::element(uint64_t index) const {
  switch (kind) {
  case schema::TermKind::Source:
    return loadElement(source.dtype, source.bytes.data(), index);
  case schema::TermKind::Constant:
    return value;
  case schema::TermKind::Normal:
    return value * standardNormal(seed, stream, index);
  }
  return 0;
}

const ReducedSource &Evaluation::Term::reduced(uint64_t mask) const {
  ReducedSource *result;
  {
    std::lock_guard lock(mutex_);
    result = &reduced_[mask];
  }
  std::call_once(result->once, [&] {
    size_t rank = sourceShape.size();
    uint64_t kept = 1, all = 1, averaged = 1;
    result->strides.assign(rank, 0);
    for (size_t i = rank; i-- > 0;) {
      all *= sourceShape[i];
      if (mask >> i & 1) {
        averaged *= sourceShape[i];
        continue;
      }
      result->strides[i] = kept;
      kept *= sourceShape[i];
    }
    result->values.assign(kept, 0);
    std::vector<uint64_t> place(rank, 0);
    for (uint64_t index = 0, at = 0; index < all; ++index) {
      result->values[at] += element(index);
      for (size_t i = rank; i-- > 0;) {
        at += result->strides[i];
        if (++place[i] < sourceShape[i])
          break;
        at -= result->strides[i] * sourceShape[i];
        place[i] = 0;
      }
    }
    for (double &value : result->values)
      value /= double(averaged);
  });
  return *result;
}

TermRow::TermRow(const Evaluation::Term &term) : term_(term), strides_(term.axes.size(), 1) {
  for (size_t i = strides_.size(); i-- > 1;)
    strides_[i - 1] = strides_[i] * term.sourceShape[i];
}

Status TermRow::enter(uint64_t row, std::span<const uint64_t> shape) {
  zero_ = false;
  mask_ = 0;
  Coefficient product;
  size_t rank = term_.axes.size();
  constexpr size_t most = 16;
  std::array<uint64_t, most> coordinates{};
  if (rank > most)
    return error("a tensor has {} axes, {} are the most", rank, most);
  for (size_t i = rank - 1; i-- > 0;) {
    uint64_t coordinate = row % shape[i];
    row /= shape[i];
    const AxisMap &axis = *term_.axes[i];
    const MapRun *run = axis.runOf(coordinate);
    if (run->kind == MapRun::Kind::Zero) {
      zero_ = true;
      return {};
    }
    if (run->kind == MapRun::Kind::Mean)
      mask_ |= uint64_t(1) << i;
    else
      coordinates[i] = uint64_t(run->first + int64_t(coordinate - run->begin) * run->step);
    std::optional<Coefficient> next = product.times(axis.coefficients[run->coefficient]);
    if (!next)
      return error("the coefficients of a tensor's axes multiply to more than 63 bits hold");
    product = *next;
  }
  auto indexIn = [&](const std::vector<uint64_t> &strides) {
    uint64_t index = 0;
    for (size_t i = 0; i + 1 < rank; ++i)
      index += coordinates[i] * strides[i];
    return index;
  };
  elements_ = mask_ ? &term_.reduced(mask_) : nullptr;
  begin_ = indexIn(elements_ ? elements_->strides : strides_);
  if (inner().hasMean) {
    mean_ = &term_.reduced(mask_ | uint64_t(1) << (rank - 1));
    meanIndex_ = indexIn(mean_->strides);
  }
  return scaleBy(product);
}

Status TermRow::scaleBy(const Coefficient &outer) {
  if (outer == outer_)
    return {};
  scaled_.clear();
  if (!outer.isOne())
    for (const Coefficient &coefficient : inner().coefficients) {
      std::optional<Coefficient> next = outer.times(coefficient);
      if (!next)
        return error("the coefficients of a tensor's axes multiply to more than 63 bits hold");
      scaled_.push_back(next->value());
    }
  outer_ = outer;
  return {};
}

void TermRow::add(uint64_t begin, std::span<double> sum, bool first) const {
  auto put = [&](size_t at, double element) { sum[at] = first ? element : sum[at] + element; };
  if (zero_) {
    for (size_t i = 0; i < sum.size(); ++i)
      put(i, 0.0);
    return;
  }
  const std::vector<double> &factors = outer_.isOne() ? inner().factors : scaled_;
  const MapRun *run = inner().runOf(begin);
  for (size_t at = 0; at < sum.size(); ++run) {
    uint64_t inRun = begin + at - run->begin;
    size_t end = at + size_t(std::min<uint64_t>(run->length - inRun, sum.size() - at));
    if (run->kind == MapRun::Kind::Zero) {
      for (; at < end; ++at)
        put(at, 0.0);
      continue;
    }
    double factor = factors[run->coefficient];
    if (run->kind == MapRun::Kind::Mean) {
      for (double mean = factor * mean_->values[meanIndex_]; at < end; ++at)
        put(at, mean);
      continue;
    }
    bool scaled = factor != 1;
    uint64_t index = begin_ + uint64_t(run->first + int64_t(inRun) * run->step);
    auto each = [&](auto &&element) {
      for (; at < end; ++at, index += uint64_t(run->step))
        put(at, scaled ? factor * element(index) : element(index));
    };
    // The type is chosen outside of the loop.
    if (elements_)
      each([data = elements_->values.data()](uint64_t i) { return data[i]; });
    else if (term_.kind == schema::TermKind::Source && term_.source.dtype == schema::DType::F32)
      each([data = term_.source.bytes.data()](uint64_t i) { return loadElement(schema::DType::F32, data, i); });
    else if (term_.kind == schema::TermKind::Source && term_.source.dtype == schema::DType::BF16)
      each([data = term_.source.bytes.data()](uint64_t i) { return loadElement(schema::DType::BF16, data, i); });
    else
      each([this](uint64_t i) { return term_.element(i); });
  }
}

Status Evaluation::evaluate(uint64_t begin, uint64_t end, std::span<std::byte> out) const {
  uint64_t elementSize = elementBytes(dtype_);
  if (begin > end || end > *tensorBytes(shape_, dtype_) / elementSize || out.size() != (end - begin) * elementSize)
    return error("elements {} to {} of a tensor [{}] do not fill {} bytes", begin, end, fmt::join(shape_, ", "),
                 out.size());
  if (terms_.empty()) {
    std::fill(out.begin(), out.end(), std::byte(0));
    return {};
  }
  if (!copiedSource().empty()) {
    if (!out.empty()) // a tensor without elements may have no bytes to point at
      std::memcpy(out.data(), terms_[0]->source.bytes.data() + begin * elementSize, out.size());
    return {};
  }
  std::vector<TermRow> rows;
  for (const std::shared_ptr<const Term> &term : terms_)
    rows.emplace_back(*term);
  constexpr uint64_t pieceSize = 2048;
  double buffer[pieceSize];
  uint64_t columns = shape_.empty() ? 1 : shape_.back();
  uint64_t currentRow = UINT64_MAX;
  for (uint64_t flat = begin; flat < end;) {
    uint64_t row = flat / columns, column = flat % columns;
    if (row != currentRow)
      for (TermRow &term : rows)
        TRITTER_RETURN_IF_ERROR(term.enter(row, shape_));
    currentRow = row;
    std::span<double> sum(buffer, std::min({pieceSize, columns - column, end - flat}));
    for (size_t i = 0; i < rows.size(); ++i)
      rows[i].add(column, sum, i == 0);
    for (double element : sum)
      storeElement(dtype_, out.data(), flat++ - begin, element);
  }
  return {};
}

} // namespace tritter
