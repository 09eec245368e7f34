#ifndef TRITTER_RUNTIME_TRAIN_CONVERT_H
#define TRITTER_RUNTIME_TRAIN_CONVERT_H

#include "runtime/schema/derivation_generated.h"

#include <cstddef>
#include <span>

namespace tritter {

/// Converts elements of one floating-point type to another, rounding to nearest, ties to even. Both spans hold the same
/// number of elements.
void convert(std::span<const std::byte> from, schema::DType fromType, std::span<std::byte> to, schema::DType toType);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_CONVERT_H
