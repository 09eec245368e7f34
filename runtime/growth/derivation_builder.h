#ifndef TRITTER_RUNTIME_GROWTH_DERIVATION_BUILDER_H
#define TRITTER_RUNTIME_GROWTH_DERIVATION_BUILDER_H

// Derivations written by hand, for tests.
#include "runtime/schema/derivation_generated.h"

#include <memory>
#include <string>
#include <vector>

namespace tritter::testing_support {

using Runs = std::vector<schema::Run>;

inline schema::Run run(uint64_t length, int64_t first, int64_t step = 1, int64_t numerator = 1, int64_t denominator = 1,
                       uint64_t radicand = 1) {
  return {length, first, step, numerator, denominator, radicand};
}

inline schema::Run zeros(uint64_t length) { return run(length, -1, 0); }

class DerivationBuilder {
public:
  DerivationBuilder &source(std::string name, std::vector<uint64_t> shape, std::vector<Runs> axes = {}) {
    return term(schema::TermKind::Source, std::move(name), std::move(shape), 0, 0, 0, std::move(axes));
  }
  DerivationBuilder &constant(double value, std::vector<uint64_t> shape = {}, std::vector<Runs> axes = {}) {
    return term(schema::TermKind::Constant, "", std::move(shape), value, 0, 0, std::move(axes));
  }
  DerivationBuilder &normal(double deviation, uint64_t seed, uint64_t stream, std::vector<uint64_t> shape,
                            std::vector<Runs> axes = {}) {
    return term(schema::TermKind::Normal, "", std::move(shape), deviation, seed, stream, std::move(axes));
  }

  std::unique_ptr<schema::DerivationT> take() { return std::move(derivation_); }
  /// Lives until the next call, as long as the builder.
  const schema::Derivation &pack() {
    buffer_.Clear();
    buffer_.Finish(schema::Derivation::Pack(buffer_, derivation_.get()));
    return *flatbuffers::GetRoot<schema::Derivation>(buffer_.GetBufferPointer());
  }

private:
  DerivationBuilder &term(schema::TermKind kind, std::string name, std::vector<uint64_t> shape, double value,
                          uint64_t seed, uint64_t stream, std::vector<Runs> axes) {
    auto term = std::make_unique<schema::TermT>();
    term->kind = kind;
    term->source = std::move(name);
    term->shape = std::move(shape);
    term->value = value;
    term->seed = seed;
    term->stream = stream;
    for (Runs &runs : axes) {
      term->axes.push_back(std::make_unique<schema::AxisMapT>());
      term->axes.back()->runs = std::move(runs);
    }
    derivation_->terms.push_back(std::move(term));
    return *this;
  }

  std::unique_ptr<schema::DerivationT> derivation_ = std::make_unique<schema::DerivationT>();
  flatbuffers::FlatBufferBuilder buffer_;
};

} // namespace tritter::testing_support

#endif // TRITTER_RUNTIME_GROWTH_DERIVATION_BUILDER_H
