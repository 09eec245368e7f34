#include "runtime/device/cpu/blocked_gemm.h"
#include "runtime/device/arena.h"

#include <algorithm>
#include <memory>
#include <new>
#include <omp.h>

#if defined(__x86_64__)
#include "runtime/device/cpu/gemm_tile.h"

using namespace tritter;

namespace {

/// Words along k of a block, and bytes of the blocks of a (in the second level cache, mostly) and b (in the third), and
/// of that part of b's that stays in the second while all of a's passes by.
constexpr int64_t depthOfBlock = 512;
constexpr int64_t bytesOfA = 1 << 20, bytesOfB = 2 << 20, bytesOfPart = 384 << 10;
/// Of the f32 sums of a block, where they are rounded later.
constexpr int64_t bytesOfSums = 8 << 20;
int64_t roundUp(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

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
uint64_t tritter::blockedGemmScratch() { return bytesOfA + bytesOfB; }
#else
uint64_t tritter::blockedGemmScratch() { return 0; }
void tritter::blockedGemm(const BlockedProduct &, const std::byte *, const std::byte *, std::byte *) {}
bool tritter::hasBlockedGemm(bool) { return false; }
#endif
