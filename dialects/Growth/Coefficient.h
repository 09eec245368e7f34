#ifndef TRITTER_DIALECTS_GROWTH_COEFFICIENT_H
#define TRITTER_DIALECTS_GROWTH_COEFFICIENT_H

#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <optional>

namespace mlir::growth {

/// The exact number (numerator / denominator) * sqrt(radicand): in lowest terms, the denominator positive, the radicand
/// square-free (1 for a rational number, also for 0). Two coefficients are equal as numbers exactly where they are
/// equal field by field.
///
/// Closed under products; a sum exists only where the radicands are equal. What does not fit into 63 bits has no value:
/// every operation that may run out of range says so by an empty optional, and is never rounded or wrapped.
class Coefficient {
public:
  constexpr Coefficient(int64_t integer = 0) : numerator(integer) {}

  /// numerator / denominator * sqrt(radicand); empty for a denominator or radicand of 0, or out of range.
  static std::optional<Coefficient> get(int64_t numerator, int64_t denominator, uint64_t radicand = 1);
  /// The square root of numerator / denominator, both positive.
  static std::optional<Coefficient> squareRoot(int64_t numerator, int64_t denominator);
  /// `2`, `-1/2`, `sqrt(2/3)`, `-sqrt(2)`: what `print` writes.
  static std::optional<Coefficient> parse(llvm::StringRef text);

  int64_t getNumerator() const { return numerator; }
  int64_t getDenominator() const { return denominator; }
  uint64_t getRadicand() const { return radicand; }

  bool isZero() const { return numerator == 0; }
  bool isOne() const { return *this == Coefficient(1); }
  bool isRational() const { return radicand == 1; }
  bool isPositive() const { return numerator > 0; }

  std::optional<Coefficient> times(const Coefficient &other) const;
  std::optional<Coefficient> plus(const Coefficient &other) const;
  /// 1 / this; empty for 0.
  std::optional<Coefficient> inverse() const;
  Coefficient negated() const;

  /// The nearest double, up to the rounding of a division, a square root and a product.
  double toDouble() const;
  /// Whether a product of any number of `significand` bits with this one is a number of that many bits, exponents
  /// aside: this is plus or minus a power of two, or zero.
  bool isPowerOfTwo() const;

  void print(llvm::raw_ostream &stream) const;
  std::string str() const;

  bool operator==(const Coefficient &other) const = default;
  friend llvm::hash_code hash_value(const Coefficient &value) {
    return llvm::hash_combine(value.numerator, value.denominator, value.radicand);
  }

private:
  int64_t numerator = 0;
  int64_t denominator = 1;
  uint64_t radicand = 1;
};

inline llvm::raw_ostream &operator<<(llvm::raw_ostream &stream, const Coefficient &value) {
  value.print(stream);
  return stream;
}

} // namespace mlir::growth

#endif // TRITTER_DIALECTS_GROWTH_COEFFICIENT_H
