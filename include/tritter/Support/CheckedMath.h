#ifndef TRITTER_SUPPORT_CHECKEDMATH_H
#define TRITTER_SUPPORT_CHECKEDMATH_H

#include "mlir/IR/BuiltinTypes.h"

#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

#include <optional>

/// Arithmetic on sizes that people write, and the bounds that keep what is planned from them within 64 bits. Verifiers
/// hold every tensor to them, so that whatever runs after a verifier may multiply a size by a width in bits.
namespace mlir::tritter {

/// Heads that attention may have.
inline constexpr int64_t mostHeads = int64_t(1) << 16;
/// Elements that a parameter may have: a terabyte of f32.
inline constexpr int64_t mostParameterElements = int64_t(1) << 38;
/// Elements that all parameters of a model may have together.
inline constexpr int64_t mostModelElements = int64_t(1) << 48;
/// Elements that any other tensor may have, and a kernel's iteration space.
inline constexpr int64_t mostTensorElements = int64_t(1) << 50;

/// The largest of the sizes that a decoder is declared by, but for its layers: hidden, heads, vocab.
inline constexpr int64_t mostDecoderSize = int64_t(1) << 24;

/// The product, where it is less than 2^63.
inline std::optional<int64_t> checkedProduct(ArrayRef<int64_t> factors) {
  std::optional<int64_t> product = 1;
  for (int64_t factor : factors)
    if (!(product = llvm::checkedMul(*product, factor)))
      return std::nullopt;
  return product;
}

/// The sum, where it is less than 2^63.
inline std::optional<int64_t> checkedSum(int64_t a, int64_t b) { return llvm::checkedAdd(a, b); }

/// The number of elements along the axes whose lengths are known, where it is `most` or less.
inline std::optional<int64_t> countElements(ArrayRef<int64_t> shape, int64_t most = mostTensorElements) {
  int64_t elements = 1;
  for (int64_t size : shape) {
    if (ShapedType::isDynamic(size))
      continue;
    if (size > 0 && elements > most / size)
      return std::nullopt;
    elements *= size;
  }
  return elements;
}

/// The product, or the largest number where it is not less: for counts that are only printed.
inline uint64_t saturatingProduct(ArrayRef<uint64_t> factors) {
  uint64_t product = 1;
  for (uint64_t factor : factors)
    product = llvm::SaturatingMultiply(product, factor);
  return product;
}

} // namespace mlir::tritter

#endif // TRITTER_SUPPORT_CHECKEDMATH_H
