#ifndef TRITTER_RUNTIME_GROWTH_RANDOM_H
#define TRITTER_RUNTIME_GROWTH_RANDOM_H

#include <array>
#include <cstdint>

namespace tritter {

/// Philox 4x32-10 (Salmon et al., SC 2011), as Random123 defines it.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

/// Draw number `index` of a stream of standard normal draws: Philox with the seed as its key and (index, stream) as
/// its counter gives 52 bits, which the inverse of the normal distribution (Wichura's AS 241, about 16 digits) maps.
///
/// The same bits on every machine: only additions, products, divisions and square roots of doubles, which IEEE 754
/// rounds exactly, and a logarithm of our own; a C library's log, sin and cos differ from one another in the last bit.
double standardNormal(uint64_t seed, uint64_t stream, uint64_t index);

} // namespace tritter

#endif // TRITTER_RUNTIME_GROWTH_RANDOM_H
