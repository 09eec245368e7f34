#include "runtime/data/permutation.h"

using namespace tritter;

static uint64_t finalise(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

uint64_t tritter::mixWords(uint64_t a, uint64_t b) {
  return finalise(finalise(a + 0x9e3779b97f4a7c15ull) ^ (b + 0xd1b54a32d192ed03ull));
}

Permutation::Permutation(uint64_t size, uint64_t key) : size_(size) {
  while (halfBits_ < 31 && (uint64_t(1) << (2 * halfBits_)) < size)
    ++halfBits_;
  for (std::size_t round = 0; round < keys_.size(); ++round)
    keys_[round] = mixWords(key, round);
}

uint64_t Permutation::operator()(uint64_t index) const {
  const uint64_t mask = (uint64_t(1) << halfBits_) - 1;
  do {
    uint64_t left = index >> halfBits_, right = index & mask;
    for (uint64_t key : keys_) {
      uint64_t next = left ^ (finalise(right + key) & mask);
      left = right;
      right = next;
    }
    index = left << halfBits_ | right;
  } while (index >= size_);
  return index;
}
