// From derivations to evaluations: everything is checked here, before a byte of the result is written.

#include "runtime/growth/derivation.h"

#include "runtime/checkpoint/format.h"
#include "runtime/growth/term.h"

namespace tritter {

bool Evaluation::isZero() const {
  auto isNothing = [](const std::shared_ptr<const Term> &term) {
    return term->kind == schema::TermKind::Constant && term->value == 0;
  };
  return std::all_of(terms_.begin(), terms_.end(), isNothing);
}

std::string_view Evaluation::copiedSource() const {
  return terms_.size() == 1 && terms_[0]->isCopy(dtype_) ? std::string_view(sourceNames_[0]) : std::string_view();
}

Result<std::shared_ptr<const AxisMap>> DerivationReader::map(uint32_t number, Form form) {
  auto found = maps_.find({number, form});
  if (found != maps_.end())
    return found->second;
  std::shared_ptr<const AxisMap> result;
  if (form == Form::Squares) {
    TRITTER_ASSIGN(std::shared_ptr<const AxisMap> values, map(number, Form::Values));
    std::optional<AxisMap> squares = values->squared();
    if (!squares)
      return error("an axis map has a mean, or a coefficient whose square exceeds 63 bits");
    result = std::make_shared<AxisMap>(std::move(*squares));
  } else {
    if (!derivations_ || !derivations_->maps() || number >= derivations_->maps()->size())
      return error("a derivation has axis map number {}, which there is not", number);
    TRITTER_ASSIGN(AxisMap values, AxisMap::read(*derivations_->maps()->Get(number)));
    result = std::make_shared<AxisMap>(std::move(values));
  }
  maps_[{number, form}] = result;
  return result;
}

Result<std::shared_ptr<Evaluation::Term>> DerivationReader::term(const schema::Term &written, std::string_view prefix,
                                                                 std::span<const uint64_t> shape,
                                                                 const SourceLookup &sources, Form form) {
  auto result = std::make_shared<Evaluation::Term>();
  result->kind = written.kind();
  result->value = written.value();
  result->seed = written.seed();
  if (written.shape())
    result->sourceShape.assign(written.shape()->begin(), written.shape()->end());
  bool mapped = written.maps() && written.maps()->size() != 0;
  switch (written.kind()) {
  case schema::TermKind::Source: {
    result->name = prefix.empty() ? "" : std::string(prefix) + ".";
    result->name += written.source() ? written.source()->string_view() : std::string_view();
    TRITTER_ASSIGN(result->source, sources(result->name));
    if (result->source.shape != result->sourceShape)
      return error("source {} has shape [{}], [{}] is expected", result->name, fmt::join(result->source.shape, ", "),
                   fmt::join(result->sourceShape, ", "));
    if (tensorBytes(result->sourceShape, result->source.dtype) != result->source.bytes.size())
      return error("source {} has {} bytes, which its shape contradicts", result->name, result->source.bytes.size());
    break;
  }
  case schema::TermKind::Constant:
    // A constant without a map has no shape to speak of.
    if (!mapped)
      result->sourceShape.assign(shape.begin(), shape.end());
    break;
  case schema::TermKind::Normal:
    break;
  default:
    return error("a derivation has a term of kind {}, which is unknown", int(written.kind()));
  }
  if (result->sourceShape.size() != shape.size() || (mapped && written.maps()->size() != shape.size()))
    return error("a term has {} axes and {} axis maps, its tensor {} axes", result->sourceShape.size(),
                 mapped ? written.maps()->size() : 0, shape.size());
  for (size_t i = 0; i < shape.size(); ++i) {
    std::shared_ptr<const AxisMap> axis;
    if (mapped) {
      TRITTER_ASSIGN(axis, map(written.maps()->Get(unsigned(i)), form));
    }
    uint64_t sourceSize = result->sourceShape[i];
    if (!axis || axis->runs.empty()) {
      if (shape[i] != sourceSize)
        return error("an axis of {} is read as one of {}, without a map", sourceSize, shape[i]);
      axis = std::make_shared<AxisMap>(AxisMap::identityOf(shape[i]));
    }
    if (axis->length != shape[i])
      return error("the runs of an axis map cover {} of its axis of {}", axis->length, shape[i]);
    if (axis->extent > sourceSize)
      return error("an axis map reads outside of its source's axis of {}", sourceSize);
    if (axis->hasMean && sourceSize == 0)
      return error("an axis map takes the mean of an axis of no coordinates");
    result->axes.push_back(std::move(axis));
  }
  if (shape.empty()) {
    result->sourceShape.push_back(1);
    result->axes.push_back(std::make_shared<AxisMap>(AxisMap::identityOf(1)));
  }
  return result;
}

Result<Evaluation> DerivationReader::prepare(uint32_t derivation, const schema::TensorDerivation &tensor,
                                             std::span<const uint64_t> shape, schema::DType dtype,
                                             const SourceLookup &sources, Form form) {
  if (!derivations_ || !derivations_->derivations() || derivation >= derivations_->derivations()->size())
    return error("it derives by number {}, which there is not", derivation);
  if (!tensorBytes(shape, dtype) || elementBytes(dtype) == 0)
    return error("a tensor [{}] cannot be stored", fmt::join(shape, ", "));
  std::string_view prefix = tensor.prefix() ? tensor.prefix()->string_view() : std::string_view();
  Evaluation result;
  result.shape_.assign(shape.begin(), shape.end());
  result.dtype_ = dtype;
  unsigned draws = 0;
  const auto *terms = derivations_->derivations()->Get(derivation)->terms();
  for (unsigned i = 0; terms && i < terms->size(); ++i) {
    TRITTER_ASSIGN(std::shared_ptr<Evaluation::Term> next, term(*terms->Get(i), prefix, shape, sources, form));
    if (next->kind == schema::TermKind::Normal) {
      if (!tensor.streams() || draws >= tensor.streams()->size())
        return error("its draws number {} have no stream", draws);
      next->stream = tensor.streams()->Get(draws++);
    }
    if (next->kind == schema::TermKind::Source)
      result.sourceNames_.push_back(next->name);
    if (form == Form::Squares)
      for (const std::shared_ptr<const Evaluation::Term> &other : result.terms_)
        if (!next->isDisjoint(*other))
          return error("squares of sums are no sums of squares");
    result.terms_.push_back(std::move(next));
  }
  return result;
}

} // namespace tritter
