#ifndef TRITTER_RUNTIME_TRAIN_BIGRAM_EXECUTABLE_H
#define TRITTER_RUNTIME_TRAIN_BIGRAM_EXECUTABLE_H

#include "runtime/executable/executable.h"

#include <cstdint>
#include <vector>

namespace tritter::testing {

/// A model small enough to write by hand: logits = head (embed of the token), trained by AdamW. It has every entry and
/// binding that the trainer knows, so that training is tested where there is no compiler.
struct BigramShape {
  uint64_t vocabulary = 256;
  uint64_t width = 16;
  uint64_t batch = 2;
  uint64_t sequence = 16;
  uint64_t seed = 1;
  bool trainEmbedding = true;
};

/// The bytes of a .texe.
std::vector<std::byte> makeBigramExecutable(const BigramShape &shape);

} // namespace tritter::testing

#endif // TRITTER_RUNTIME_TRAIN_BIGRAM_EXECUTABLE_H
