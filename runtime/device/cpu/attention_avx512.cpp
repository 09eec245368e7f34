// Attention with AVX512.
#include "runtime/device/bfloat16.h"
#include "runtime/device/cpu/attention_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
#define TRITTER_LANES 16
#include "runtime/device/cpu/attention_tiles.h"

const TileKernels *tritter::avx512Kernels(bool bf16) {
  if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")))
    return nullptr;
  return bf16 ? &kernelsOf<Single, BFloat16> : &kernelsOf<Single, float>;
}
#else
const tritter::TileKernels *tritter::avx512Kernels(bool) { return nullptr; }
#endif
