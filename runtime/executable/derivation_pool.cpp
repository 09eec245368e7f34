#include "runtime/executable/derivation_pool.h"

#include <algorithm>

namespace tritter {

uint32_t DerivationPool::addMap(const std::vector<schema::Run> &runs) {
  std::string content(reinterpret_cast<const char *>(runs.data()), runs.size() * sizeof(schema::Run));
  auto [found, added] = maps_.try_emplace(std::move(content), uint32_t(derivations_.maps.size()));
  if (added) {
    derivations_.maps.push_back(std::make_unique<schema::AxisMapT>());
    derivations_.maps.back()->runs = runs;
  }
  return found->second;
}

uint32_t DerivationPool::add(const schema::DerivationT &derivation) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Derivation::Pack(builder, &derivation));
  std::string content(reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize());
  auto [found, added] = known_.try_emplace(std::move(content), uint32_t(derivations_.derivations.size()));
  if (added) {
    derivations_.derivations.push_back(std::make_unique<schema::DerivationT>());
    flatbuffers::GetRoot<schema::Derivation>(builder.GetBufferPointer())
        ->UnPackTo(derivations_.derivations.back().get());
  }
  return found->second;
}

namespace {
/// What numbers became, in the order of the old ones.
struct Numbers {
  std::vector<uint32_t> maps, derivations;
};
} // namespace

/// A number that there never was stays one.
static uint32_t renumber(uint32_t old, const std::vector<uint32_t> &numbers) {
  return old < numbers.size() ? numbers[old] : UINT32_MAX;
}

/// Adds every map and derivation of `from`.
static Numbers addAll(DerivationPool &pool, const schema::DerivationsT &from) {
  Numbers numbers;
  for (const std::unique_ptr<schema::AxisMapT> &map : from.maps)
    numbers.maps.push_back(pool.addMap(map->runs));
  for (const std::unique_ptr<schema::DerivationT> &derivation : from.derivations) {
    schema::DerivationT renumbered;
    for (const std::unique_ptr<schema::TermT> &term : derivation->terms) {
      flatbuffers::FlatBufferBuilder builder;
      builder.Finish(schema::Term::Pack(builder, term.get()));
      auto copy = std::make_unique<schema::TermT>();
      flatbuffers::GetRoot<schema::Term>(builder.GetBufferPointer())->UnPackTo(copy.get());
      for (uint32_t &map : copy->maps)
        map = renumber(map, numbers.maps);
      renumbered.terms.push_back(std::move(copy));
    }
    numbers.derivations.push_back(pool.add(renumbered));
  }
  return numbers;
}

void DerivationPool::adopt(schema::ExecutableT &executable) {
  Numbers numbers;
  if (executable.derivations)
    numbers = addAll(*this, *executable.derivations);
  for (const std::unique_ptr<schema::ParameterT> &parameter : executable.parameters)
    if (schema::TensorDerivationT *derivation = parameter->derivation.get()) {
      derivation->derivation = renumber(derivation->derivation, numbers.derivations);
      if (derivation->adjoint)
        derivation->adjoint = renumber(*derivation->adjoint, numbers.derivations);
    }
  if (executable.growth)
    for (const std::unique_ptr<schema::GrowthAxisT> &axis : executable.growth->axes)
      axis->map = renumber(axis->map, numbers.maps);
  executable.derivations = nullptr;
}

std::unique_ptr<schema::DerivationsT> DerivationPool::take() {
  return std::make_unique<schema::DerivationsT>(std::move(derivations_));
}

DerivationPool DerivationPool::from(const schema::DerivationsT *derivations) {
  DerivationPool pool;
  if (derivations)
    addAll(pool, *derivations);
  return pool;
}

static bool isCopy(const schema::DerivationT &derivation) {
  return derivation.terms.size() == 1 && derivation.terms[0]->kind == schema::TermKind::Source &&
         std::all_of(derivation.terms[0]->axes_v1.begin(), derivation.terms[0]->axes_v1.end(),
                     [](const std::unique_ptr<schema::AxisMapT> &map) { return map->runs.empty(); });
}

void internDerivations(schema::ExecutableT &executable) {
  DerivationPool pool;
  for (const std::unique_ptr<schema::ParameterT> &parameter : executable.parameters) {
    if (!parameter->derivation_v1)
      continue;
    schema::DerivationT derivation = std::move(*parameter->derivation_v1);
    parameter->derivation_v1 = nullptr;
    bool copy = isCopy(derivation);
    parameter->derivation = std::make_unique<schema::TensorDerivationT>();
    for (const std::unique_ptr<schema::TermT> &term : derivation.terms) {
      for (const std::unique_ptr<schema::AxisMapT> &map : term->axes_v1)
        term->maps.push_back(pool.addMap(map->runs));
      term->axes_v1.clear();
      if (term->kind == schema::TermKind::Normal)
        parameter->derivation->streams.push_back(term->stream_v1);
      term->stream_v1 = 0;
    }
    parameter->derivation->derivation = pool.add(derivation);
    if (copy)
      parameter->derivation->adjoint = parameter->derivation->derivation;
  }
  executable.derivations = pool.take();
}

} // namespace tritter
