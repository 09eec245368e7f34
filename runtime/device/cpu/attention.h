#ifndef TRITTER_RUNTIME_DEVICE_CPU_ATTENTION_H
#define TRITTER_RUNTIME_DEVICE_CPU_ATTENTION_H

#include "runtime/device/executor.h"

namespace tritter {

struct TileKernels;

/// Attention in tiles of 64 queries by 64 keys: the T x T matrix is never in memory (FlashAttention's order). f32 and
/// bf16; the same bits for any number of threads. Keeps its scratch memory from call to call.
class TiledAttention {
public:
  /// With the best kernels for this processor, or with these (of the right type) alone.
  explicit TiledAttention(const TileKernels *kernels = nullptr) : kernels_(kernels) {}

  void forward(const schema::Attention &attention, const AttentionPointers &pointers);
  void backward(const schema::AttentionBackward &backward, const AttentionBackwardPointers &pointers);

private:
  /// `count` words, 64-byte aligned, kept until more are asked for.
  uint32_t *scratch(size_t count);

  const TileKernels *kernels_;
  std::unique_ptr<Arena> scratch_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_CPU_ATTENTION_H
