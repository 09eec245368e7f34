// Attention with AVX512 and its products of bf16 pairs (AVX512_BF16).
#include "runtime/device/bfloat16.h"
#include "runtime/device/cpu/attention_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")
#define TRITTER_LANES 16
#include "runtime/device/cpu/attention_tiles.h"

namespace {

/// Words are pairs of bf16, multiplied and added together into f32.
struct Pair {
  static constexpr int64_t pairs = 2;
  static INLINE Vector multiplyAdd(uint32_t a, WordVector b, Vector sum) {
    return Vector(_mm512_dpbf16_ps(__m512(sum), __m512bh(_mm512_set1_epi32(int(a))), __m512bh(b)));
  }
};

/// A row of weights as pairs along it.
INLINE void storeNatural(Pair, uint32_t *words, const float *row) {
  for (int64_t i = 0; i < tileSize; i += 2 * lanes)
    storeWords(words + i / 2, WordVector(_mm512_cvtne2ps_pbh(__m512(load(row + i + lanes)), __m512(load(row + i)))));
}

/// bf16 of a vector, each in the lower half of a word.
INLINE WordVector narrow(Vector values) {
  typedef uint16_t Halves __attribute__((vector_size(32)));
  return __builtin_convertvector(Halves(_mm512_cvtneps_pbh(__m512(values))), WordVector);
}

/// Two rows of weights as pairs down the columns.
INLINE void storeInterleaved(uint32_t *words, const float *row) {
  for (int64_t i = 0; i < tileSize; i += lanes)
    storeWords(words + i, narrow(load(row + i)) | narrow(load(row + tileSize + i)) << 16);
}

template <> struct WeightTiles<Pair> {
  uint32_t *weightsTransposed;
  uint32_t *gradients;
  uint32_t *gradientsTransposed;

  WeightTiles(float *, float *, uint32_t *scratch)
      : weightsTransposed(scratch), gradients(scratch + tileSize * tileSize / 2),
        gradientsTransposed(scratch + tileSize * tileSize) {}

  void convert(const float *p, const float *ds) {
    constexpr int64_t words = tileSize / 2;
    for (int64_t row = 0; row < tileSize; row += 2) {
      storeInterleaved(weightsTransposed + row / 2 * tileSize, p + row * tileSize);
      storeInterleaved(gradientsTransposed + row / 2 * tileSize, ds + row * tileSize);
      storeNatural(Pair(), gradients + row * words, ds + row * tileSize);
      storeNatural(Pair(), gradients + (row + 1) * words, ds + (row + 1) * tileSize);
    }
  }
};

} // namespace

const TileKernels *tritter::avx512Bf16Kernels() {
  if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16")))
    return nullptr;
  return &kernelsOf<Pair, BFloat16>;
}
#else
const tritter::TileKernels *tritter::avx512Bf16Kernels() { return nullptr; }
#endif
