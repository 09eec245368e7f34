#include "runtime/device/cpu/blocked_gemm.h"
#include "runtime/device/arena.h"

#include <algorithm>
#include <memory>
#include <new>
#include <omp.h>

#if defined(__x86_64__)
#include <immintrin.h>

#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")

using namespace tritter;

#define INLINE inline __attribute__((always_inline))

namespace {

// Operands are read as words of 32 bits: an f32, or a pair of bf16 neighbours along k. A panel holds, for every word
// along k, one word of each of its rows of a (columns of b).
constexpr int64_t lanes = 16;
constexpr int64_t rowsOfPanel = 8;
constexpr int64_t vectorsOfPanel = 3;
constexpr int64_t columnsOfPanel = vectorsOfPanel * lanes;

/// Words along k of a block, and bytes of the blocks of a (in the second level cache, mostly) and b (in the third), and
/// of that part of b's that stays in the second while all of a's passes by.
constexpr int64_t depthOfBlock = 512;
constexpr int64_t bytesOfA = 1 << 20, bytesOfB = 2 << 20, bytesOfPart = 384 << 10;
/// Of the f32 sums of a block, where they are rounded later.
constexpr int64_t bytesOfSums = 8 << 20;

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

int64_t roundUp(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

// ---------------------------------------------------------------- packing

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

// ---------------------------------------------------------------- the kernel

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

// ---------------------------------------------------------------- blocks

/// What one thread packs into.
struct Scratch {
  Arena memory;
  uint32_t *a() const { return reinterpret_cast<uint32_t *>(memory.data()); }
  uint32_t *b() const { return a() + bytesOfA / 4; }
  float *sums() const { return reinterpret_cast<float *>(b() + bytesOfB / 4); }

  static Scratch &get() {
    thread_local std::unique_ptr<Scratch> scratch;
    if (!scratch) {
      Result<Arena> memory = Arena::allocate(bytesOfA + bytesOfB + bytesOfSums);
      if (!memory.ok())
        throw std::bad_alloc();
      scratch.reset(new Scratch{*std::move(memory)});
    }
    return *scratch;
  }
};

/// Multiplies a packed block of a by one of b into c.
template <typename Op>
void multiplyBlock(int64_t words, int64_t rows, int64_t columns, const uint32_t *a, const uint32_t *b, std::byte *c,
                   int64_t stride, bool bf16, bool add, bool streams) {
  int64_t size = bf16 ? 2 : 4;
  int64_t part = std::max<int64_t>(1, bytesOfPart / (words * columnsOfPanel * 4)) * columnsOfPanel;
  for (int64_t firstOfPart = 0; firstOfPart < columns; firstOfPart += part)
    for (int64_t row = 0; row < rows; row += rowsOfPanel)
      for (int64_t column = firstOfPart; column < std::min(columns, firstOfPart + part); column += columnsOfPanel) {
        Tile tile{c + (row * stride + column) * size,
                  stride,
                  std::min(rowsOfPanel, rows - row),
                  std::min(columnsOfPanel, columns - column),
                  bf16,
                  add,
                  streams};
        const uint32_t *panelOfA = a + row / rowsOfPanel * panelStride(words, rowsOfPanel);
        const uint32_t *panelOfB = b + column / columnsOfPanel * panelStride(words, columnsOfPanel);
        if (tile.columns > 2 * lanes)
          multiply<Op, 3>(words, panelOfA, panelOfB, tile);
        else if (tile.columns > lanes)
          multiply<Op, 2>(words, panelOfA, panelOfB, tile);
        else
          multiply<Op, 1>(words, panelOfA, panelOfB, tile);
      }
}

/// A rectangle of the result, all of it by one thread.
template <typename Op>
void multiplyRectangle(const BlockedProduct &product, const std::byte *a, const std::byte *b, std::byte *c,
                       int64_t rows, int64_t columns) {
  constexpr int64_t size = 4 / Op::pairs;
  const int64_t resultSize = product.bf16Result ? 2 : 4;
  Scratch &scratch = Scratch::get();
  int64_t allWords = (product.k + Op::pairs - 1) / Op::pairs;
  int64_t parts = (allWords + depthOfBlock - 1) / depthOfBlock;
  int64_t words = (allWords + parts - 1) / parts;
  int64_t rowsOfBlock =
      std::min<int64_t>(bytesOfA / 4 / panelStride(words, rowsOfPanel) * rowsOfPanel, 2048) / lanes * lanes;
  int64_t columnsOfBlock = std::min<int64_t>(bytesOfB / 4 / panelStride(words, columnsOfPanel) * columnsOfPanel, 8192) /
                           columnsOfPanel * columnsOfPanel;
  bool streams = product.streams && parts == 1 && !product.accumulate && !product.bf16Result && columns % lanes == 0 &&
                 product.c.row % lanes == 0 && reinterpret_cast<uintptr_t>(c) % 64 == 0;
  bool rounds = product.bf16Result && parts > 1;
  if (rounds)
    columnsOfBlock = std::min(columnsOfBlock, bytesOfSums / 4 / rowsOfBlock / columnsOfPanel * columnsOfPanel);
  for (int64_t column = 0; column < columns; column += columnsOfBlock) {
    int64_t width = std::min(columnsOfBlock, columns - column);
    for (int64_t row = 0; row < rows; row += rowsOfBlock) {
      int64_t height = std::min(rowsOfBlock, rows - row);
      std::byte *place = c + (row * product.c.row + column) * resultSize;
      for (int64_t part = 0; part < parts; ++part) {
        int64_t first = part * words * Op::pairs, depth = std::min(words * Op::pairs, product.k - first);
        int64_t wordsHere = (depth + Op::pairs - 1) / Op::pairs;
        pack<Op, PanelOfA>(a + (row * product.a.row + first * product.a.column) * size, product.a.row, product.a.column,
                           height, depth, scratch.a());
        if (parts > 1 || row == 0)
          pack<Op, PanelOfB>(b + (first * product.b.row + column * product.b.column) * size, product.b.column,
                             product.b.row, width, depth, scratch.b());
        if (rounds)
          multiplyBlock<Op>(wordsHere, height, width, scratch.a(), scratch.b(),
                            reinterpret_cast<std::byte *>(scratch.sums()), width, false, part > 0, false);
        else
          multiplyBlock<Op>(wordsHere, height, width, scratch.a(), scratch.b(), place, product.c.row,
                            product.bf16Result, part > 0 || product.accumulate, streams);
      }
      if (!rounds)
        continue;
      for (int64_t i = 0; i < height; ++i)
        for (int64_t j = 0; j < width; j += lanes) {
          __mmask16 mask = __mmask16(0xffff >> (lanes - std::min(lanes, width - j)));
          std::byte *target = place + (i * product.c.row + j) * 2;
          __m512 sum = _mm512_maskz_loadu_ps(mask, scratch.sums() + i * width + j);
          if (product.accumulate)
            sum = _mm512_add_ps(sum, widen(_mm256_maskz_loadu_epi16(mask, target)));
          _mm256_mask_storeu_epi16(target, mask, __m256i(_mm512_cvtneps_pbh(sum)));
        }
    }
  }
}

/// Threads along m, the others along n: so that what is packed more than once is least.
int64_t threadsAlongRows(const BlockedProduct &product, int64_t threads) {
  int64_t best = 1, least = INT64_MAX;
  for (int64_t along = 1; along <= threads; ++along) {
    if (threads % along)
      continue;
    int64_t cost = roundUp((product.m + along - 1) / along, rowsOfPanel) +
                   roundUp((product.n * along + threads - 1) / threads, columnsOfPanel);
    if (cost < least) {
      least = cost;
      best = along;
    }
  }
  return best;
}

template <typename Op>
void multiplyAll(const BlockedProduct &product, const std::byte *a, const std::byte *b, std::byte *c) {
  constexpr int64_t size = 4 / Op::pairs;
#pragma omp parallel if (product.m * product.n * product.k > 65536)
  {
    int64_t threads = omp_get_num_threads(), thread = omp_get_thread_num();
    int64_t along = threadsAlongRows(product, threads), across = threads / along;
    auto begin = [](int64_t count, int64_t unit, int64_t parts, int64_t part) {
      int64_t units = (count + unit - 1) / unit;
      return std::min(count, units * part / parts * unit);
    };
    int64_t row = begin(product.m, rowsOfPanel, along, thread / across);
    int64_t lastRow = begin(product.m, rowsOfPanel, along, thread / across + 1);
    int64_t column = begin(product.n, lanes, across, thread % across);
    int64_t lastColumn = begin(product.n, lanes, across, thread % across + 1);
    if (row < lastRow && column < lastColumn)
      multiplyRectangle<Op>(product, a + row * product.a.row * size, b + column * product.b.column * size,
                            c + (row * product.c.row + column) * (product.bf16Result ? 2 : 4), lastRow - row,
                            lastColumn - column);
  }
}

} // namespace

void tritter::blockedGemm(const BlockedProduct &product, const std::byte *a, const std::byte *b, std::byte *c) {
  if (product.bf16)
    multiplyAll<BFloatPair>(product, a, b, c);
  else
    multiplyAll<Float>(product, a, b, c);
}

bool tritter::hasBlockedGemm(bool bf16) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         (!bf16 || __builtin_cpu_supports("avx512bf16"));
}
#else
void tritter::blockedGemm(const BlockedProduct &, const std::byte *, const std::byte *, std::byte *) {}
bool tritter::hasBlockedGemm(bool) { return false; }
#endif
