#ifndef TRITTER_RUNTIME_DEVICE_CPU_GEMM_PANELS_H
#define TRITTER_RUNTIME_DEVICE_CPU_GEMM_PANELS_H

#include <cstddef>
#include <cstdint>
#include <immintrin.h>

/// How blocked_gemm.cpp lays operands out, and packs them. For that file alone, which asks first whether the processor
/// has these instructions.
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")

#define INLINE inline __attribute__((always_inline))

namespace tritter {
namespace {

// Operands are read as words of 32 bits: an f32, or a pair of bf16 neighbours along k. A panel holds, for every word
// along k, one word of each of its rows of a (columns of b).
constexpr int64_t lanes = 16;
constexpr int64_t rowsOfPanel = 8;
constexpr int64_t vectorsOfPanel = 3;
constexpr int64_t columnsOfPanel = vectorsOfPanel * lanes;

struct Float {
  static constexpr int64_t pairs = 1;
  static INLINE __m512 multiplyAdd(__m512i a, __m512i b, __m512 sum) {
    return _mm512_fmadd_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), sum);
  }
};

struct BFloatPair {
  static constexpr int64_t pairs = 2;
  static INLINE __m512 multiplyAdd(__m512i a, __m512i b, __m512 sum) {
    return _mm512_dpbf16_ps(sum, __m512bh(a), __m512bh(b));
  }
};

/// Words from one panel to the next: a cache line more than there are, or panels of a power of two would meet in few
/// sets of the cache.
constexpr int64_t panelStride(int64_t words, int64_t width) { return words * width + lanes; }

INLINE void transpose(__m512i (&r)[16]) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4)
    for (int j = 0; j < 2; ++j) {
      r[i + 2 * j] = _mm512_unpacklo_epi64(t[i + j], t[i + j + 2]);
      r[i + 2 * j + 1] = _mm512_unpackhi_epi64(t[i + j], t[i + j + 2]);
    }
  for (int i = 0; i < 16; i += 8)
    for (int j = 0; j < 4; ++j) {
      t[i + j] = _mm512_shuffle_i32x4(r[i + j], r[i + j + 4], 0x88);
      t[i + j + 4] = _mm512_shuffle_i32x4(r[i + j], r[i + j + 4], 0xdd);
    }
  for (int j = 0; j < 8; ++j) {
    r[j] = _mm512_shuffle_i32x4(t[j], t[j + 8], 0x88);
    r[j + 8] = _mm512_shuffle_i32x4(t[j], t[j + 8], 0xdd);
  }
}

/// Where sixteen neighbours (rows of a, columns of b) go: one vector for each word along k.
struct PanelOfA {
  static INLINE uint32_t *place(uint32_t *panels, int64_t depth, int64_t first) {
    return panels + first / rowsOfPanel * panelStride(depth, rowsOfPanel);
  }
  static INLINE void put(uint32_t *place, int64_t depth, int64_t word, __m512i values) {
    place += word * rowsOfPanel;
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(place), _mm512_castsi512_si256(values));
    _mm256_storeu_si256(reinterpret_cast<__m256i *>(place + panelStride(depth, rowsOfPanel)),
                        _mm512_extracti64x4_epi64(values, 1));
  }
  /// Two words, which fill a line of the cache in either panel.
  static INLINE void putTwo(uint32_t *place, int64_t depth, int64_t word, __m512i values, __m512i next) {
    place += word * rowsOfPanel;
    _mm512_storeu_si512(place, _mm512_shuffle_i64x2(values, next, 0x44));
    _mm512_storeu_si512(place + panelStride(depth, rowsOfPanel), _mm512_shuffle_i64x2(values, next, 0xee));
  }
};
struct PanelOfB {
  static INLINE uint32_t *place(uint32_t *panels, int64_t depth, int64_t first) {
    int64_t panel = first / columnsOfPanel;
    return panels + panel * panelStride(depth, columnsOfPanel) + (first - panel * columnsOfPanel);
  }
  static INLINE void put(uint32_t *place, int64_t, int64_t word, __m512i values) {
    _mm512_storeu_si512(place + word * columnsOfPanel, values);
  }
  static INLINE void putTwo(uint32_t *place, int64_t depth, int64_t word, __m512i values, __m512i next) {
    put(place, depth, word, values);
    put(place, depth, word + 1, next);
  }
};

/// Packs `count` neighbours of `depth` elements along k; those are contiguous, neighbours `stride` elements apart.
template <typename Op, typename Panel>
void packAlong(const std::byte *source, int64_t stride, int64_t count, int64_t depth, uint32_t *panels) {
  constexpr int64_t size = 4 / Op::pairs, unit = lanes * Op::pairs;
  int64_t words = (depth + Op::pairs - 1) / Op::pairs;
  for (int64_t first = 0; first < count; first += lanes) {
    const std::byte *rows = source + first * stride * size;
    int64_t height = std::min(lanes, count - first);
    uint32_t *target = Panel::place(panels, words, first);
    for (int64_t begin = 0; begin < depth; begin += unit) {
      __m512i tile[16];
      int64_t here = std::min(unit, depth - begin);
      const std::byte *place = rows + begin * size;
      if (here == unit && height == lanes) {
        for (int64_t i = 0; i < lanes; ++i) {
          tile[i] = _mm512_loadu_si512(place + i * stride * size);
          _mm_prefetch(place + i * stride * size + 256, _MM_HINT_T0);
        }
      } else {
        __mmask64 mask = ~uint64_t(0) >> (64 - here * size);
        for (int64_t i = 0; i < lanes; ++i)
          tile[i] = i < height ? _mm512_maskz_loadu_epi8(mask, place + i * stride * size) : _mm512_setzero_si512();
      }
      transpose(tile);
      int64_t word = begin / Op::pairs, last = std::min(lanes, words - word);
      if (last == lanes)
        for (int64_t i = 0; i < lanes; i += 2)
          Panel::putTwo(target, words, word + i, tile[i], tile[i + 1]);
      else
        for (int64_t i = 0; i < last; ++i)
          Panel::put(target, words, word + i, tile[i]);
    }
  }
}

/// A word along k of neighbours that lie beside each other, the rows of k being `stride` bytes apart.
template <typename Op> INLINE __m512i loadAcross(const std::byte *row, int64_t stride, __mmask16 mask, bool complete) {
  if constexpr (Op::pairs == 1) {
    return _mm512_maskz_loadu_epi32(mask, row);
  } else {
    __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, row));
    if (!complete)
      return low;
    return _mm512_or_si512(low,
                           _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, row + stride)), 16));
  }
}

/// Packs `count` contiguous neighbours of `depth` elements along k, which are `stride` elements apart.
template <typename Op, typename Panel>
void packAcross(const std::byte *source, int64_t stride, int64_t count, int64_t depth, uint32_t *panels) {
  constexpr int64_t size = 4 / Op::pairs;
  int64_t words = (depth + Op::pairs - 1) / Op::pairs, bytes = stride * size;
  for (int64_t word = 0; word < words; word += 2) {
    const std::byte *rows = source + word * Op::pairs * bytes;
    bool two = (word + 2) * Op::pairs <= depth;
    for (int64_t first = 0; first < count; first += lanes) {
      __mmask16 mask = __mmask16(0xffff >> (lanes - std::min(lanes, count - first)));
      const std::byte *place = rows + first * size;
      uint32_t *target = Panel::place(panels, words, first);
      if (two) {
        for (int64_t i = 0; i < 2 * Op::pairs; ++i)
          _mm_prefetch(place + (2 * Op::pairs + i) * bytes, _MM_HINT_T0);
        Panel::putTwo(target, words, word, loadAcross<Op>(place, bytes, mask, true),
                      loadAcross<Op>(place + Op::pairs * bytes, bytes, mask, true));
        continue;
      }
      bool complete = (word + 1) * Op::pairs <= depth;
      Panel::put(target, words, word, loadAcross<Op>(place, bytes, mask, complete));
      if (word + 1 < words)
        Panel::put(target, words, word + 1, loadAcross<Op>(place + Op::pairs * bytes, bytes, mask, false));
    }
  }
}

template <typename Op, typename Panel>
void pack(const std::byte *source, int64_t neighbour, int64_t along, int64_t count, int64_t depth, uint32_t *panels) {
  if (along == 1)
    packAlong<Op, Panel>(source, neighbour, count, depth, panels);
  else
    packAcross<Op, Panel>(source, along, count, depth, panels);
}

} // namespace
} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_CPU_GEMM_PANELS_H
