#include "dialects/Growth/Coefficient.h"

#include <cmath>
#include <numeric>
#include <string>

using namespace mlir::growth;

/// Splits `value` into square * square * rest with a square-free rest. After the primes up to the cube root are gone
/// what is left is a prime, a product of two, or the square of one.
static uint64_t takeSquares(uint64_t value, uint64_t &square) {
  square = 1;
  uint64_t rest = 1;
  for (uint64_t prime = 2; prime * prime * prime <= value && prime < (1u << 21); prime += prime == 2 ? 1 : 2) {
    while (value % (prime * prime) == 0) {
      value /= prime * prime;
      square *= prime;
    }
    if (value % prime == 0) {
      value /= prime;
      rest *= prime;
    }
  }
  uint64_t root = uint64_t(std::sqrt((long double)value));
  for (uint64_t candidate = root ? root - 1 : 0; candidate <= root + 1; ++candidate)
    if (candidate > 1 && candidate * candidate == value) {
      square *= candidate;
      return rest;
    }
  return rest * value;
}

std::optional<Coefficient> Coefficient::get(int64_t numerator, int64_t denominator, uint64_t radicand) {
  if (denominator == 0 || radicand == 0 || radicand > INT64_MAX || numerator == INT64_MIN || denominator == INT64_MIN)
    return std::nullopt;
  Coefficient result;
  if (numerator == 0)
    return result;
  uint64_t square;
  result.radicand = takeSquares(radicand, square);
  if (square > INT64_MAX || __builtin_mul_overflow(numerator, int64_t(square), &numerator) || numerator == INT64_MIN)
    return std::nullopt;
  int64_t divisor = std::gcd(numerator, denominator) * (denominator < 0 ? -1 : 1);
  result.numerator = numerator / divisor;
  result.denominator = denominator / divisor;
  return result;
}

std::optional<Coefficient> Coefficient::squareRoot(int64_t numerator, int64_t denominator) {
  if (numerator <= 0 || denominator <= 0)
    return std::nullopt;
  int64_t divisor = std::gcd(numerator, denominator);
  numerator /= divisor;
  denominator /= divisor;
  // sqrt(a/b): the squares of both leave first, so that what is multiplied is small.
  uint64_t above, below;
  uint64_t a = takeSquares(numerator, above), b = takeSquares(denominator, below);
  uint64_t radicand;
  int64_t bottom;
  if (__builtin_mul_overflow(a, b, &radicand) || __builtin_mul_overflow(int64_t(below), int64_t(b), &bottom))
    return std::nullopt;
  return get(int64_t(above), bottom, radicand);
}

std::optional<Coefficient> Coefficient::times(const Coefficient &other) const {
  if (isZero() || other.isZero())
    return Coefficient();
  // sqrt(g a) sqrt(g b) = g sqrt(a b), and a b is square-free again. Cross-reducing first keeps the terms small.
  uint64_t shared = std::gcd(radicand, other.radicand);
  int64_t left = std::gcd(numerator, other.denominator), right = std::gcd(other.numerator, denominator);
  int64_t below;
  __int128 above = __int128(numerator / left) * (other.numerator / right);
  if (__builtin_mul_overflow(denominator / right, other.denominator / left, &below))
    return std::nullopt;
  int64_t common = std::gcd(int64_t(shared), below);
  below /= common;
  if (above > INT64_MAX || above < -INT64_MAX)
    return std::nullopt;
  Coefficient result;
  if (__builtin_mul_overflow(int64_t(above), int64_t(shared) / common, &result.numerator) ||
      __builtin_mul_overflow(radicand / shared, other.radicand / shared, &result.radicand) ||
      result.radicand > INT64_MAX || result.numerator == INT64_MIN)
    return std::nullopt;
  result.denominator = below;
  return result;
}

std::optional<Coefficient> Coefficient::plus(const Coefficient &other) const {
  if (isZero())
    return other;
  if (other.isZero())
    return *this;
  if (radicand != other.radicand)
    return std::nullopt;
  int64_t divisor = std::gcd(denominator, other.denominator);
  __int128 above =
      __int128(numerator) * (other.denominator / divisor) + __int128(other.numerator) * (denominator / divisor);
  __int128 below = __int128(denominator) * (other.denominator / divisor);
  if (above == 0)
    return Coefficient();
  __int128 a = above < 0 ? -above : above, b = below;
  while (b) {
    __int128 next = a % b;
    a = b;
    b = next;
  }
  above /= a;
  below /= a;
  if (above > INT64_MAX || above < -INT64_MAX || below > INT64_MAX)
    return std::nullopt;
  Coefficient result;
  result.numerator = int64_t(above);
  result.denominator = int64_t(below);
  result.radicand = radicand;
  return result;
}

std::optional<Coefficient> Coefficient::inverse() const {
  if (isZero())
    return std::nullopt;
  // 1 / (n/d sqrt(r)) = d/(n r) sqrt(r), and d may share factors with r.
  int64_t common = std::gcd(denominator, int64_t(radicand)), below;
  if (__builtin_mul_overflow(numerator, int64_t(radicand) / common, &below))
    return std::nullopt;
  Coefficient result;
  result.numerator = below < 0 ? -(denominator / common) : denominator / common;
  result.denominator = below < 0 ? -below : below;
  result.radicand = radicand;
  return result;
}

Coefficient Coefficient::negated() const {
  Coefficient result = *this;
  result.numerator = -numerator;
  return result;
}

double Coefficient::toDouble() const {
  double ratio = double(numerator) / double(denominator);
  return radicand == 1 ? ratio : ratio * std::sqrt(double(radicand));
}

bool Coefficient::isPowerOfTwo() const {
  auto power = [](int64_t value) { return (value & (value - 1)) == 0; };
  return isZero() || (isRational() && power(std::abs(numerator)) && power(denominator));
}

void Coefficient::print(llvm::raw_ostream &stream) const {
  auto fraction = [&](__int128 above, __int128 below) {
    stream << int64_t(above);
    if (below != 1)
      stream << '/' << int64_t(below);
  };
  if (isRational())
    return fraction(numerator, denominator);
  if (numerator < 0)
    stream << '-';
  // sqrt(n^2 r / d^2) where that fits, else q*sqrt(r).
  int64_t above = std::abs(numerator), squareAbove, squareBelow;
  if (!__builtin_mul_overflow(above, above, &squareAbove) &&
      !__builtin_mul_overflow(denominator, denominator, &squareBelow)) {
    int64_t common = std::gcd(squareBelow, int64_t(radicand));
    if (!__builtin_mul_overflow(squareAbove, int64_t(radicand) / common, &squareAbove)) {
      stream << "sqrt(";
      fraction(squareAbove, squareBelow / common);
      stream << ')';
      return;
    }
  }
  fraction(above, denominator);
  stream << "*sqrt(" << radicand << ')';
}

std::string Coefficient::str() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  print(stream);
  return text;
}

std::optional<Coefficient> Coefficient::parse(llvm::StringRef text) {
  auto fraction = [](llvm::StringRef part, int64_t &above, int64_t &below) {
    auto [first, second] = part.split('/');
    below = 1;
    return !first.getAsInteger(10, above) && (!part.contains('/') || !second.getAsInteger(10, below)) && above >= 0 &&
           below > 0;
  };
  bool negative = text.consume_front("-");
  std::optional<Coefficient> result = Coefficient(1);
  size_t root = text.find("sqrt(");
  int64_t above, below;
  if (root != llvm::StringRef::npos) {
    llvm::StringRef inside = text.drop_front(root + 5);
    if (!inside.consume_back(")") || !fraction(inside, above, below))
      return std::nullopt;
    result = squareRoot(above, below);
    text = text.take_front(root);
    if (!text.empty() && !text.consume_back("*"))
      return std::nullopt;
    if (result && !text.empty()) {
      if (!fraction(text, above, below))
        return std::nullopt;
      std::optional<Coefficient> factor = get(above, below);
      result = factor ? result->times(*factor) : std::nullopt;
    }
  } else {
    if (!fraction(text, above, below))
      return std::nullopt;
    result = get(above, below);
  }
  return result && negative ? result->negated() : result;
}
