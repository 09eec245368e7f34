#ifndef TRITTER_RUNTIME_GROWTH_DERIVATION_BUILDER_H
#define TRITTER_RUNTIME_GROWTH_DERIVATION_BUILDER_H

// Derivations written by hand, for tests.
#include "runtime/executable/derivation_pool.h"

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

inline schema::Run mean(uint64_t length, int64_t numerator = 1, int64_t denominator = 1) {
  return run(length, -2, 0, numerator, denominator);
}

/// A derivation in a pool, of which it is one of several or the only one.
class DerivationBuilder {
public:
  DerivationBuilder &source(std::string name, std::vector<uint64_t> shape, std::vector<Runs> axes = {}) {
    return term(schema::TermKind::Source, std::move(name), std::move(shape), 0, 0, std::move(axes));
  }
  DerivationBuilder &constant(double value, std::vector<uint64_t> shape = {}, std::vector<Runs> axes = {}) {
    return term(schema::TermKind::Constant, "", std::move(shape), value, 0, std::move(axes));
  }
  DerivationBuilder &normal(double deviation, uint64_t seed, uint64_t stream, std::vector<uint64_t> shape,
                            std::vector<Runs> axes = {}) {
    streams_.push_back(stream);
    return term(schema::TermKind::Normal, "", std::move(shape), deviation, seed, std::move(axes));
  }

  /// As a tensor has it that derives by this alone.
  std::unique_ptr<schema::TensorDerivationT> addTo(DerivationPool &pool) const {
    schema::DerivationT derivation;
    for (const Written &written : terms_) {
      auto term = std::make_unique<schema::TermT>(written.term);
      for (const Runs &runs : written.axes)
        term->maps.push_back(pool.addMap(runs));
      derivation.terms.push_back(std::move(term));
    }
    auto result = std::make_unique<schema::TensorDerivationT>();
    result->derivation = pool.add(derivation);
    result->streams = streams_;
    return result;
  }

private:
  struct Written {
    schema::TermT term;
    std::vector<Runs> axes;
  };
  DerivationBuilder &term(schema::TermKind kind, std::string name, std::vector<uint64_t> shape, double value,
                          uint64_t seed, std::vector<Runs> axes) {
    Written written;
    written.term.kind = kind;
    written.term.source = std::move(name);
    written.term.shape = std::move(shape);
    written.term.value = value;
    written.term.seed = seed;
    written.axes = std::move(axes);
    terms_.push_back(std::move(written));
    return *this;
  }

  std::vector<Written> terms_;
  std::vector<uint64_t> streams_;
};

/// A derivation alone, in FlatBuffers.
class PackedDerivation {
public:
  explicit PackedDerivation(const DerivationBuilder &derivation) {
    DerivationPool pool;
    schema::ExecutableT executable;
    executable.parameters.push_back(std::make_unique<schema::ParameterT>());
    executable.parameters.back()->derivation = derivation.addTo(pool);
    executable.derivations = pool.take();
    schema::FinishExecutableBuffer(buffer_, schema::Executable::Pack(buffer_, &executable));
  }
  const schema::Derivations *derivations() const { return root().derivations(); }
  const schema::TensorDerivation &tensor() const { return *root().parameters()->Get(0)->derivation(); }

private:
  const schema::Executable &root() const { return *schema::GetExecutable(buffer_.GetBufferPointer()); }
  flatbuffers::FlatBufferBuilder buffer_;
};

} // namespace tritter::testing_support

#endif // TRITTER_RUNTIME_GROWTH_DERIVATION_BUILDER_H
