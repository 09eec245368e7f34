#ifndef TRITTER_RUNTIME_GROWTH_DERIVATION_H
#define TRITTER_RUNTIME_GROWTH_DERIVATION_H

#include "runtime/base/status.h"
#include "runtime/growth/axis_map.h"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tritter {

/// A stored tensor that derivations read from: row-major, usually memory-mapped.
struct SourceTensor {
  schema::DType dtype;
  std::vector<uint64_t> shape;
  std::span<const std::byte> bytes;
};

/// Finds a source by name; an error where there is none.
using SourceLookup = std::function<Result<SourceTensor>(std::string_view name)>;

/// The values of a tensor, from its derivation: checked, and ready to be evaluated piece by piece on any thread. It
/// reads from what the lookup found and from the reader that made it, as long as they live.
class Evaluation {
public:
  /// Evaluates elements [begin, end) (flat, row-major) into `out`. Each element is computed in f64 and rounded once, so
  /// any split into tiles and threads gives the same bits. A verbatim copy moves bytes.
  Status evaluate(uint64_t begin, uint64_t end, std::span<std::byte> out) const;

  /// Zero everywhere.
  bool isZero() const;
  /// The source that this is a copy of, bit by bit; empty where it is none.
  std::string_view copiedSource() const;
  /// The names of all sources, one for each term that has one.
  const std::vector<std::string> &sources() const { return sourceNames_; }

  struct Term;

private:
  friend class DerivationReader;
  std::vector<uint64_t> shape_;
  schema::DType dtype_ = schema::DType::F32;
  std::vector<std::shared_ptr<const Term>> terms_;
  std::vector<std::string> sourceNames_;
};

/// Reads the derivations that an executable's parameters share.
class DerivationReader {
public:
  explicit DerivationReader(const schema::Derivations *derivations) : derivations_(derivations) {}

  /// What the state of a tensor takes of a derivation.
  enum class Form {
    /// Its values.
    Values,
    /// What grows the squares of values: no two terms may meet in an element, and means have no squares.
    Squares
  };

  /// Derivation number `derivation` with the prefix and the streams of `tensor`, for a tensor of `shape` that is stored
  /// as `dtype`. Not to be called from several threads at once.
  Result<Evaluation> prepare(uint32_t derivation, const schema::TensorDerivation &tensor,
                             std::span<const uint64_t> shape, schema::DType dtype, const SourceLookup &sources,
                             Form form = Form::Values);

private:
  Result<std::shared_ptr<const AxisMap>> map(uint32_t number, Form form);
  Result<std::shared_ptr<Evaluation::Term>> term(const schema::Term &written, std::string_view prefix,
                                                 std::span<const uint64_t> shape, const SourceLookup &sources,
                                                 Form form);

  const schema::Derivations *derivations_;
  /// Maps that were read, by number and form.
  std::map<std::pair<uint32_t, Form>, std::shared_ptr<const AxisMap>> maps_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_GROWTH_DERIVATION_H
