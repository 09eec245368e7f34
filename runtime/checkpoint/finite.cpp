#include "runtime/checkpoint/finite.h"

#include <algorithm>
#include <cstring>

namespace tritter {

/// What is not finite has every bit of its exponent set.
template <typename Bits> static std::optional<uint64_t> find(std::span<const std::byte> elements, Bits exponent) {
  constexpr uint64_t block = 4096;
  uint64_t count = elements.size() / sizeof(Bits);
  auto at = [&](uint64_t i) {
    Bits bits;
    std::memcpy(&bits, elements.data() + i * sizeof(Bits), sizeof(Bits));
    return bits;
  };
  for (uint64_t begin = 0; begin < count; begin += block) {
    uint64_t end = std::min(begin + block, count);
    // Without a branch, for the vectoriser.
    bool found = false;
    for (uint64_t i = begin; i < end; ++i)
      found |= (at(i) & exponent) == exponent;
    for (uint64_t i = begin; found && i < end; ++i)
      if ((at(i) & exponent) == exponent)
        return i;
  }
  return std::nullopt;
}

std::optional<uint64_t> firstNotFinite(schema::DType type, std::span<const std::byte> elements) {
  switch (type) {
  case schema::DType::F32:
    return find<uint32_t>(elements, 0x7F800000);
  case schema::DType::BF16:
    return find<uint16_t>(elements, 0x7F80);
  case schema::DType::F64:
    return find<uint64_t>(elements, 0x7FF0000000000000);
  case schema::DType::I32:
    break;
  }
  return std::nullopt;
}

} // namespace tritter
