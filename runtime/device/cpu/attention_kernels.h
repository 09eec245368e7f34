#ifndef TRITTER_RUNTIME_DEVICE_CPU_ATTENTION_KERNELS_H
#define TRITTER_RUNTIME_DEVICE_CPU_ATTENTION_KERNELS_H

#include <cstddef>
#include <cstdint>

namespace tritter {

/// Queries and keys of a tile.
constexpr int64_t tileSize = 64;

/// The part of an attention's shape that a head sees. Packed operands are padded with zeros: the sequence to a multiple
/// of tileSize, a head's dimension to one of 16.
struct HeadShape {
  int64_t sequence;
  int64_t paddedSequence;
  int64_t dim;
  int64_t paddedDim;
  float scale;
};

/// The rows of one head in memory: a token's vector every `stride` elements.
template <typename Byte> struct HeadPointer {
  Byte *data;
  int64_t stride;
};

struct ForwardTask {
  HeadPointer<const std::byte> query;
  HeadPointer<std::byte> out;
  float *logSumExp;
  /// As packTransposed and packRows leave them.
  const uint32_t *keysTransposed;
  const uint32_t *values;
  /// The tile of queries.
  int64_t block;
  /// forwardScratch words for this thread alone.
  uint32_t *scratch;
};

struct BackwardTask {
  HeadPointer<const std::byte> query;
  HeadPointer<const std::byte> out;
  HeadPointer<const std::byte> outGradient;
  HeadPointer<std::byte> queryGradient;
  const float *logSumExp;
  const uint32_t *keysTransposed;
  const uint32_t *valuesTransposed;
  const uint32_t *keys;
  /// This head's part of the gradients of keys (without the factor `scale`) and values, [paddedSequence, paddedDim].
  float *keyGradient;
  float *valueGradient;
  /// backwardScratch words for this thread alone.
  uint32_t *scratch;
};

/// The kernels of attention for one instruction set and storage type. Operands of products are words of 32 bits: an
/// f32, or a pair of bf16 that are multiplied and added together.
struct TileKernels {
  /// Numbers in a word.
  int64_t pairs;
  /// [tiles, paddedDim / pairs, tileSize]: products along the head's dimension.
  void (*packTransposed)(const HeadShape &, HeadPointer<const std::byte>, uint32_t *);
  /// [paddedSequence / pairs, paddedDim]: products along the sequence.
  void (*packRows)(const HeadShape &, HeadPointer<const std::byte>, uint32_t *);
  void (*forward)(const HeadShape &, const ForwardTask &);
  void (*backward)(const HeadShape &, const BackwardTask &);
  /// Stores rows first .. last of factor times the sum of `count` matrices [paddedSequence, paddedDim], `distance`
  /// apart, and overwrites the first with that sum.
  void (*storeSum)(const HeadShape &, float *matrices, int64_t count, int64_t distance, float factor, int64_t first,
                   int64_t last, HeadPointer<std::byte>);
};

inline int64_t forwardScratch(const HeadShape &shape) { return tileSize * (2 * tileSize + 2 * shape.paddedDim + 32); }
inline int64_t backwardScratch(const HeadShape &shape) {
  return 3 * shape.paddedSequence * shape.paddedDim + 2 * shape.paddedSequence + 4 * tileSize * tileSize;
}

/// For rows of f32, or of bf16 (`bf16`). Null where this processor lacks the instructions, or the compiler did.
const TileKernels *avx512Bf16Kernels();
const TileKernels *avx512Kernels(bool bf16);
const TileKernels *avx2Kernels(bool bf16);
const TileKernels *portableKernels(bool bf16);

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_CPU_ATTENTION_KERNELS_H
