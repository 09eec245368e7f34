#ifndef TRITTER_RUNTIME_DATA_PERMUTATION_H
#define TRITTER_RUNTIME_DATA_PERMUTATION_H

#include <array>
#include <cstddef>
#include <cstdint>

namespace tritter {

/// A pseudorandom permutation of 0 .. size - 1 that depends on `key` alone and is never stored: a Feistel network over
/// the next even power of two, walked until it falls inside.
class Permutation {
public:
  Permutation(uint64_t size, uint64_t key);
  /// Where `index` goes; both are below size.
  uint64_t operator()(uint64_t index) const;

private:
  uint64_t size_;
  unsigned halfBits_ = 1;
  std::array<uint64_t, 6> keys_;
};

/// Mixes two words into one (the finaliser of SplitMix64): equal words give equal results on every machine.
uint64_t mixWords(uint64_t a, uint64_t b);

} // namespace tritter

#endif // TRITTER_RUNTIME_DATA_PERMUTATION_H
