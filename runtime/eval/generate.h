#ifndef TRITTER_RUNTIME_EVAL_GENERATE_H
#define TRITTER_RUNTIME_EVAL_GENERATE_H

#include "runtime/base/status.h"
#include "runtime/train/model_program.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace tritter {

struct SamplingOptions {
  /// 0: always the most likely token.
  double temperature = 0.8;
  /// Only the k most likely tokens; 0: all.
  uint32_t topK = 0;
  /// Only the most likely tokens that have this probability together.
  double topP = 1;
  uint64_t seed = 1;
};

/// Draws from logits; the same seed gives the same draws on every machine.
class TokenSampler {
public:
  explicit TokenSampler(const SamplingOptions &options) : options_(options), state_(options.seed) {}
  int32_t next(std::span<const float> logits);

private:
  double uniform();
  SamplingOptions options_;
  uint64_t state_;
  uint64_t draws_ = 0;
};

/// Continues `tokens` by up to `count` more, each handed to `emit` (which returns false to end). The program has batch
/// 1 and the entry `logits`; what is longer than its sequence is seen from its last half on. Every token costs a whole
/// forward pass: nothing is kept between them.
Status generate(ModelProgram &program, std::vector<int32_t> tokens, uint64_t count, TokenSampler &sampler,
                const std::function<bool(int32_t token)> &emit);

} // namespace tritter

#endif // TRITTER_RUNTIME_EVAL_GENERATE_H
