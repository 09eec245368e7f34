#ifndef TRITTER_RUNTIME_DEVICE_CPU_GEMM_TILE_H
#define TRITTER_RUNTIME_DEVICE_CPU_GEMM_TILE_H

#include "runtime/device/cpu/gemm_panels.h"

/// What blocked_gemm.cpp does with a panel of each operand: a tile of the result, held in registers.
namespace tritter {
namespace {

/// A tile of the result.
struct Tile {
  std::byte *data;
  int64_t stride;
  int64_t rows, columns;
  bool bf16;
  bool add;
  /// Write past the caches.
  bool streams;
};

INLINE __m512 widen(__m256i halves) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

template <typename Op, int64_t vectors>
void multiply(int64_t words, const uint32_t *a, const uint32_t *b, const Tile &tile) {
  int64_t size = tile.bf16 ? 2 : 4;
  for (int64_t row = 0; row < tile.rows && !tile.streams; ++row)
    for (int64_t v = 0; v < vectors; ++v)
      _mm_prefetch(reinterpret_cast<const char *>(tile.data + (row * tile.stride + v * lanes) * size), _MM_HINT_T0);

  __m512 sums[rowsOfPanel][vectors];
#pragma GCC unroll 8
  for (int64_t row = 0; row < rowsOfPanel; ++row)
#pragma GCC unroll 3
    for (int64_t v = 0; v < vectors; ++v)
      sums[row][v] = _mm512_setzero_ps();
  for (int64_t word = 0; word < words; ++word, a += rowsOfPanel, b += columnsOfPanel) {
    __m512i line[vectors];
#pragma GCC unroll 3
    for (int64_t v = 0; v < vectors; ++v)
      line[v] = _mm512_loadu_si512(b + v * lanes);
#pragma GCC unroll 8
    for (int64_t row = 0; row < rowsOfPanel; ++row) {
      __m512i value = _mm512_set1_epi32(int(a[row]));
#pragma GCC unroll 3
      for (int64_t v = 0; v < vectors; ++v)
        sums[row][v] = Op::multiplyAdd(value, line[v], sums[row][v]);
    }
  }

#pragma GCC unroll 8
  for (int64_t row = 0; row < rowsOfPanel; ++row) {
    if (row >= tile.rows)
      break;
#pragma GCC unroll 3
    for (int64_t v = 0; v < vectors; ++v) {
      __mmask16 mask = __mmask16(0xffff >> (lanes - std::min(lanes, tile.columns - v * lanes)));
      std::byte *place = tile.data + (row * tile.stride + v * lanes) * size;
      __m512 sum = sums[row][v];
      if (tile.bf16) {
        if (tile.add)
          sum = _mm512_add_ps(sum, widen(_mm256_maskz_loadu_epi16(mask, place)));
        _mm256_mask_storeu_epi16(place, mask, __m256i(_mm512_cvtneps_pbh(sum)));
      } else {
        if (tile.add)
          sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, place));
        if (tile.streams)
          _mm512_stream_ps(reinterpret_cast<float *>(place), sum);
        else
          _mm512_mask_storeu_ps(place, mask, sum);
      }
    }
  }
}

} // namespace
} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_CPU_GEMM_TILE_H
