#ifndef TRITTER_RUNTIME_BASE_NUMBER_H
#define TRITTER_RUNTIME_BASE_NUMBER_H

#include "runtime/base/status.h"

#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

/// Numbers as people write them, on a command line or between quotes in a configuration: `10000`, `10k`, `1_000`, `1e4`,
/// `1.5M`, `10.0`, `0x10`. Units are k, M, G (or B, a billion) and T, powers of 1000, and Ki, Mi, Gi and Ti, of 1024.
/// `010` is ten. What is no such number is an error that says what was expected; it does not repeat the text.
namespace tritter {

/// A whole number from `least` to `most`; fractions that a unit or an exponent does not take away are refused.
Result<int64_t> parseWhole(std::string_view text, int64_t least, int64_t most);

/// A finite number from `least` to `most`.
Result<double> parseReal(std::string_view text, double least = std::numeric_limits<double>::lowest(),
                         double most = std::numeric_limits<double>::max());

/// The largest whole number that an option of this type holds. Configurations hold signed numbers of 64 bits.
template <std::integral Number>
inline constexpr int64_t largestWhole = sizeof(Number) == 8 ? std::numeric_limits<int64_t>::max()
                                                            : static_cast<int64_t>(std::numeric_limits<Number>::max());
/// The smallest.
template <std::integral Number>
inline constexpr int64_t leastWhole = static_cast<int64_t>(std::numeric_limits<Number>::min());

} // namespace tritter

#endif // TRITTER_RUNTIME_BASE_NUMBER_H
