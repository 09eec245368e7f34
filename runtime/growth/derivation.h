#ifndef TRITTER_RUNTIME_GROWTH_DERIVATION_H
#define TRITTER_RUNTIME_GROWTH_DERIVATION_H

#include "runtime/base/status.h"
#include "runtime/schema/derivation_generated.h"

#include <cstddef>
#include <functional>
#include <span>
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

/// Evaluates elements [begin, end) (flat, row-major) of a tensor of `shape` into `out`, as `dtype`. Each element is
/// computed in f64 and rounded once, so any split into tiles and threads gives the same bits. A verbatim copy moves
/// bytes.
Status evaluateDerivation(const schema::Derivation &derivation, std::span<const uint64_t> shape, schema::DType dtype,
                          const SourceLookup &sources, uint64_t begin, uint64_t end, std::span<std::byte> out);

} // namespace tritter

#endif // TRITTER_RUNTIME_GROWTH_DERIVATION_H
