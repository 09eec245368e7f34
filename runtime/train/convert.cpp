#include "runtime/train/convert.h"

#include "runtime/device/bfloat16.h"

#include <cstring>

using namespace tritter;
using schema::DType;

namespace {

template <typename T> T load(const std::byte *at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}
/// bf16 goes through f32 both ways; f64 to bf16 rounds twice, which no path of ours takes.
template <typename To, typename From> To as(From value) {
  if constexpr (std::is_same_v<From, BFloat16>)
    return as<To>(static_cast<float>(value));
  else if constexpr (std::is_same_v<To, BFloat16>)
    return BFloat16(static_cast<float>(value));
  else
    return static_cast<To>(value);
}

template <typename From, typename To> void convertAs(std::span<const std::byte> from, std::span<std::byte> to) {
  size_t count = from.size() / sizeof(From);
  for (size_t i = 0; i < count; ++i) {
    To value = as<To>(load<From>(from.data() + i * sizeof(From)));
    std::memcpy(to.data() + i * sizeof(To), &value, sizeof(To));
  }
}

template <typename From> void convertFrom(std::span<const std::byte> from, std::span<std::byte> to, DType toType) {
  switch (toType) {
  case DType::F32:
    return convertAs<From, float>(from, to);
  case DType::BF16:
    return convertAs<From, BFloat16>(from, to);
  case DType::F64:
    return convertAs<From, double>(from, to);
  case DType::I32:
    return convertAs<From, int32_t>(from, to);
  }
}

} // namespace

void tritter::convert(std::span<const std::byte> from, DType fromType, std::span<std::byte> to, DType toType) {
  if (fromType == toType) {
    std::memcpy(to.data(), from.data(), from.size());
    return;
  }
  switch (fromType) {
  case DType::F32:
    return convertFrom<float>(from, to, toType);
  case DType::BF16:
    return convertFrom<BFloat16>(from, to, toType);
  case DType::F64:
    return convertFrom<double>(from, to, toType);
  case DType::I32:
    return convertFrom<int32_t>(from, to, toType);
  }
}
