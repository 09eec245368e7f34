#ifndef TRITTER_RUNTIME_GROWTH_COEFFICIENT_H
#define TRITTER_RUNTIME_GROWTH_COEFFICIENT_H

#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>

namespace tritter {

/// (numerator / denominator) * sqrt(radicand), kept exact while axes' coefficients are multiplied, and rounded when it
/// meets a value: W/2 by one axis and W * 2 by another is W.
struct Coefficient {
  int64_t numerator = 1;
  int64_t denominator = 1;
  uint64_t radicand = 1;

  bool operator==(const Coefficient &) const = default;
  bool isOne() const { return *this == Coefficient(); }

  double value() const {
    double ratio = double(numerator) / double(denominator);
    return radicand == 1 ? ratio : ratio * std::sqrt(double(radicand));
  }

  /// In lowest terms with a positive denominator; nothing where it has none, or is out of range.
  std::optional<Coefficient> reduced() const {
    if (denominator == 0 || radicand == 0 || numerator == INT64_MIN || denominator == INT64_MIN)
      return std::nullopt;
    int64_t divisor = std::gcd(numerator, denominator) * (denominator < 0 ? -1 : 1);
    return Coefficient{numerator / divisor, denominator / divisor, radicand};
  }

  /// The product of two reduced ones; nothing where its terms exceed 63 bits.
  std::optional<Coefficient> times(const Coefficient &other) const {
    // sqrt(g a) sqrt(g b) = g sqrt(a b)
    uint64_t shared = std::gcd(radicand, other.radicand);
    Coefficient product;
    if (__builtin_mul_overflow(numerator, other.numerator, &product.numerator) ||
        __builtin_mul_overflow(product.numerator, shared, &product.numerator) ||
        __builtin_mul_overflow(denominator, other.denominator, &product.denominator) ||
        __builtin_mul_overflow(radicand / shared, other.radicand / shared, &product.radicand))
      return std::nullopt;
    return product.reduced();
  }
};

} // namespace tritter

#endif // TRITTER_RUNTIME_GROWTH_COEFFICIENT_H
