// Attention with AVX2.
#include "runtime/device/bfloat16.h"
#include "runtime/device/cpu/attention_kernels.h"

#if defined(__x86_64__)
#pragma GCC target("avx2,fma")
#define TRITTER_LANES 8
#include "runtime/device/cpu/attention_tiles.h"

const TileKernels *tritter::avx2Kernels(bool bf16) {
  if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")))
    return nullptr;
  return bf16 ? &kernelsOf<Single, BFloat16> : &kernelsOf<Single, float>;
}
#else
const tritter::TileKernels *tritter::avx2Kernels(bool) { return nullptr; }
#endif
