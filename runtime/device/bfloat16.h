#ifndef TRITTER_RUNTIME_DEVICE_BFLOAT16_H
#define TRITTER_RUNTIME_DEVICE_BFLOAT16_H

#include <bit>
#include <cstdint>

namespace tritter {

/// The upper half of an f32.
struct BFloat16 {
  uint16_t bits;

  BFloat16() = default;
  /// Rounds to nearest, ties to even; NaN stays NaN.
  explicit BFloat16(float value) {
    uint32_t word = std::bit_cast<uint32_t>(value);
    uint32_t rounded = (word + 0x7fff + ((word >> 16) & 1)) >> 16;
    bits = uint16_t((word & 0x7fffffff) > 0x7f800000 ? (word >> 16) | 0x40 : rounded);
  }
  explicit operator float() const { return std::bit_cast<float>(uint32_t(bits) << 16); }
};

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_BFLOAT16_H
