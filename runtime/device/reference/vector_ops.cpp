#include "runtime/device/reference/vector_ops.h"
#include "runtime/device/bfloat16.h"
#include "runtime/device/multiversion.h"

#include <bit>
#include <cmath>
#include <type_traits>

using namespace tritter;
using schema::DType;
using schema::Opcode;

#define INLINE inline __attribute__((always_inline))

/// exp in f32 without branches, so that loops of it become vector code; within 1 unit in the last place.
static INLINE float exponential(float x) {
  constexpr float shifter = 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer in the low bits.
  float clamped = x < -104.0f ? -104.0f : x;
  clamped = clamped > 89.0f ? 89.0f : clamped;
  float shifted = clamped * 1.44269504f + shifter;
  float n = shifted - shifter;
  float r = clamped - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // 2^n in two factors, as n alone may be beyond the exponents of normal numbers.
  int32_t exponent = std::bit_cast<int32_t>(shifted) - std::bit_cast<int32_t>(shifter);
  int32_t half = exponent >> 1;
  float low = std::bit_cast<float>((half + 127) << 23);
  float high = std::bit_cast<float>((exponent - half + 127) << 23);
  float result = p * low * high;
  return x != x ? x : result;
}
static INLINE double exponential(double x) { return std::exp(x); }

/// NaN wins, as in arith.maximumf.
template <typename T> static INLINE T maximum(T a, T b) { return a > b || a != a ? a : b; }
template <typename T> static INLINE T minimum(T a, T b) { return a < b || a != a ? a : b; }

#define LOOP(expression)                                                                                               \
  do {                                                                                                                 \
    _Pragma("GCC ivdep") for (int64_t i = 0; i < count; ++i) result[i] = T(expression);                                \
  } while (false);                                                                                                     \
  break

template <typename T>
static INLINE void apply(Opcode opcode, int64_t count, T *result, const T *a, const T *b, const T *c) {
  switch (opcode) {
  case Opcode::Add:
    LOOP(a[i] + b[i]);
  case Opcode::Subtract:
    LOOP(a[i] - b[i]);
  case Opcode::Multiply:
    LOOP(a[i] * b[i]);
  case Opcode::Divide:
    LOOP(a[i] / b[i]);
  case Opcode::Maximum:
    LOOP(maximum(a[i], b[i]));
  case Opcode::Minimum:
    LOOP(minimum(a[i], b[i]));
  case Opcode::Fma:
    LOOP(std::fma(a[i], b[i], c[i]));
  case Opcode::Negate:
    LOOP(-a[i]);
  case Opcode::Absolute:
    LOOP(std::abs(a[i]));
  case Opcode::Reciprocal:
    LOOP(T(1) / a[i]);
  case Opcode::Exp:
    LOOP(exponential(a[i]));
  case Opcode::Log:
    LOOP(std::log(a[i]));
  case Opcode::Sqrt:
    LOOP(std::sqrt(a[i]));
  case Opcode::Rsqrt:
    LOOP(T(1) / std::sqrt(a[i]));
  case Opcode::Tanh:
    LOOP(std::tanh(a[i]));
  case Opcode::Erf:
    LOOP(std::erf(a[i]));
  case Opcode::Sin:
    LOOP(std::sin(a[i]));
  case Opcode::Cos:
    LOOP(std::cos(a[i]));
  case Opcode::Power:
    LOOP(std::pow(a[i], b[i]));
  case Opcode::Less:
    LOOP(a[i] < b[i] ? 1 : 0);
  case Opcode::LessEqual:
    LOOP(a[i] <= b[i] ? 1 : 0);
  case Opcode::Equal:
    LOOP(a[i] == b[i] ? 1 : 0);
  case Opcode::NotEqual:
    LOOP(a[i] != b[i] ? 1 : 0);
  case Opcode::And:
    LOOP((a[i] != 0) & (b[i] != 0) ? 1 : 0);
  case Opcode::Or:
    LOOP((a[i] != 0) | (b[i] != 0) ? 1 : 0);
  case Opcode::Select:
    LOOP(a[i] != 0 ? b[i] : c[i]);
  default: // Loads, stores, indices and reductions have functions of their own.
    break;
  }
}

#undef LOOP

TRITTER_MULTIVERSION
void tritter::applyVector(Opcode opcode, int64_t count, float *result, const float *a, const float *b, const float *c) {
  apply(opcode, count, result, a, b, c);
}
TRITTER_MULTIVERSION
void tritter::applyVector(Opcode opcode, int64_t count, double *result, const double *a, const double *b,
                          const double *c) {
  apply(opcode, count, result, a, b, c);
}

template <typename T> static INLINE void reduce(Opcode opcode, int64_t count, T *lanes, const T *values) {
  int64_t i = 0;
  bool add = opcode == Opcode::ReduceAdd;
  for (; i + reductionLanes <= count; i += reductionLanes)
    for (int64_t lane = 0; lane < reductionLanes; ++lane)
      lanes[lane] = add ? lanes[lane] + values[i + lane] : maximum(lanes[lane], values[i + lane]);
  for (int64_t lane = 0; i < count; ++i, ++lane)
    lanes[lane] = add ? lanes[lane] + values[i] : maximum(lanes[lane], values[i]);
}

TRITTER_MULTIVERSION
void tritter::reduceVector(Opcode opcode, int64_t count, float *lanes, const float *values) {
  reduce(opcode, count, lanes, values);
}
TRITTER_MULTIVERSION
void tritter::reduceVector(Opcode opcode, int64_t count, double *lanes, const double *values) {
  reduce(opcode, count, lanes, values);
}

template <typename From, typename To> static INLINE To convert(From value) {
  if constexpr (std::is_same_v<From, BFloat16> || std::is_same_v<To, BFloat16>)
    return To(float(value));
  else
    return To(value);
}

template <typename From, typename To>
static INLINE void loadAs(int64_t count, int64_t stride, To *result, const void *source) {
  auto *from = static_cast<const From *>(source);
  if (stride == 1)
    for (int64_t i = 0; i < count; ++i)
      result[i] = convert<From, To>(from[i]);
  else
    for (int64_t i = 0; i < count; ++i)
      result[i] = convert<From, To>(from[i * stride]);
}

template <typename To>
static INLINE void load(DType type, int64_t count, int64_t stride, To *result, const void *source) {
  switch (type) {
  case DType::F32:
    return loadAs<float>(count, stride, result, source);
  case DType::BF16:
    return loadAs<BFloat16>(count, stride, result, source);
  case DType::F64:
    return loadAs<double>(count, stride, result, source);
  case DType::I32:
    return loadAs<int32_t>(count, stride, result, source);
  }
}

template <typename To, typename From>
static INLINE void storeAs(int64_t count, int64_t stride, void *destination, const From *values) {
  auto *to = static_cast<To *>(destination);
  if (stride == 1)
    for (int64_t i = 0; i < count; ++i)
      to[i] = convert<From, To>(values[i]);
  else
    for (int64_t i = 0; i < count; ++i)
      to[i * stride] = convert<From, To>(values[i]);
}

template <typename From>
static INLINE void store(DType type, int64_t count, int64_t stride, void *destination, const From *values) {
  switch (type) {
  case DType::F32:
    return storeAs<float>(count, stride, destination, values);
  case DType::BF16:
    return storeAs<BFloat16>(count, stride, destination, values);
  case DType::F64:
    return storeAs<double>(count, stride, destination, values);
  case DType::I32:
    return storeAs<int32_t>(count, stride, destination, values);
  }
}

TRITTER_MULTIVERSION
void tritter::loadVector(DType type, int64_t count, int64_t stride, float *result, const void *source) {
  load(type, count, stride, result, source);
}
TRITTER_MULTIVERSION
void tritter::loadVector(DType type, int64_t count, int64_t stride, double *result, const void *source) {
  load(type, count, stride, result, source);
}
TRITTER_MULTIVERSION
void tritter::storeVector(DType type, int64_t count, int64_t stride, void *destination, const float *values) {
  store(type, count, stride, destination, values);
}
TRITTER_MULTIVERSION
void tritter::storeVector(DType type, int64_t count, int64_t stride, void *destination, const double *values) {
  store(type, count, stride, destination, values);
}
