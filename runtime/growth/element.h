#ifndef TRITTER_RUNTIME_GROWTH_ELEMENT_H
#define TRITTER_RUNTIME_GROWTH_ELEMENT_H

#include "runtime/schema/derivation_generated.h"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tritter {

/// Rounds to bf16 once, to nearest even. By way of f32 it would round twice, unless the f32 keeps in its last bit
/// whether anything was cut off (rounding to odd).
inline uint16_t roundToBf16(double value) {
  float narrow = float(value);
  uint32_t bits = std::bit_cast<uint32_t>(narrow);
  if (std::isnan(value))
    return uint16_t(bits >> 16 | 0x40);
  if (double(narrow) != value) {
    if (std::abs(double(narrow)) > std::abs(value))
      --bits;
    bits |= 1;
  }
  return uint16_t((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

inline float bf16ToFloat(uint16_t bits) { return std::bit_cast<float>(uint32_t(bits) << 16); }

/// Element `index` of packed elements of `type`.
inline double loadElement(schema::DType type, const std::byte *data, uint64_t index) {
  auto as = [&](auto zero) {
    std::memcpy(&zero, data + index * sizeof(zero), sizeof(zero));
    return zero;
  };
  switch (type) {
  case schema::DType::F32:
    return as(float());
  case schema::DType::BF16:
    return bf16ToFloat(as(uint16_t()));
  case schema::DType::F64:
    return as(double());
  case schema::DType::I32:
    return as(int32_t());
  }
  return 0;
}

/// Rounds once to `type`, to nearest even.
inline void storeElement(schema::DType type, std::byte *data, uint64_t index, double value) {
  auto as = [&](auto rounded) { std::memcpy(data + index * sizeof(rounded), &rounded, sizeof(rounded)); };
  switch (type) {
  case schema::DType::F32:
    return as(float(value));
  case schema::DType::BF16:
    return as(roundToBf16(value));
  case schema::DType::F64:
    return as(value);
  case schema::DType::I32:
    return as(int32_t(std::nearbyint(value)));
  }
}

} // namespace tritter

#endif // TRITTER_RUNTIME_GROWTH_ELEMENT_H
