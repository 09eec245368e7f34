#ifndef TRITTER_RUNTIME_CHECKPOINT_FINITE_H
#define TRITTER_RUNTIME_CHECKPOINT_FINITE_H

#include "runtime/schema/checkpoint_generated.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace tritter {

/// The index of the first of packed elements of `type` that is infinite or no number; nothing where all are finite.
std::optional<uint64_t> firstNotFinite(schema::DType type, std::span<const std::byte> elements);

} // namespace tritter

#endif // TRITTER_RUNTIME_CHECKPOINT_FINITE_H
