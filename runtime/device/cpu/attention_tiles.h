// The kernels of attention_kernels.h, for the instruction set that is in force where this is included: each of the
// attention_*.cpp sets one by #pragma GCC target, defines TRITTER_LANES (floats in a vector), and includes this once.
// All is in an unnamed namespace, so that no two instruction sets share a function. Standard headers come before.

#include "runtime/device/cpu/attention_vectors.h"

namespace {

using tritter::BackwardTask;
using tritter::BFloat16;
using tritter::ForwardTask;
using tritter::HeadPointer;
using tritter::HeadShape;
using tritter::TileKernels;
using tritter::tileSize;

INLINE int64_t roundUp(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

/// s[64, 64] = a b for a tile; where it is the diagonal one, only columns up to each group of four rows.
template <typename Op>
void scoreTile(const HeadShape &shape, const uint32_t *a, const uint32_t *b, bool diagonal, float *s) {
  int64_t depth = shape.paddedDim / Op::pairs;
  for (int64_t row = 0; row < tileSize; row += 4)
    product<Op>(diagonal ? roundUp(row + 4, lanes) : tileSize, depth, a + row * depth, depth, 1, b, tileSize,
                s + row * tileSize, tileSize, false);
}

/// c[64, dim] += p[64, 64] b; where the tile is the diagonal one, p is zero behind the diagonal.
template <typename Op>
void addTile(const HeadShape &shape, const uint32_t *p, const uint32_t *b, bool diagonal, float *c) {
  constexpr int64_t words = tileSize / Op::pairs;
  for (int64_t row = 0; row < tileSize; row += 4)
    product<Op>(shape.paddedDim, diagonal ? (row + 4) / Op::pairs : words, p + row * words, words, 1, b,
                shape.paddedDim, c + row * shape.paddedDim, shape.paddedDim, true);
}

/// c[64, dim] += p' b, where word (k, i) of p holds rows k * pairs ... of column i; diagonal as above.
template <typename Op>
void addTransposedTile(const HeadShape &shape, const uint32_t *p, const uint32_t *b, bool diagonal, float *c) {
  constexpr int64_t words = tileSize / Op::pairs;
  for (int64_t row = 0; row < tileSize; row += 4) {
    int64_t first = diagonal ? row / Op::pairs : 0;
    product<Op>(shape.paddedDim, words - first, p + first * tileSize + row, 1, tileSize, b + first * shape.paddedDim,
                shape.paddedDim, c + row * shape.paddedDim, shape.paddedDim, true);
  }
}

// ---------------------------------------------------------------- packing

INLINE uint32_t wordOf(float value) { return std::bit_cast<uint32_t>(value); }
INLINE uint32_t wordOf(BFloat16 low, BFloat16 high) { return low.bits | uint32_t(high.bits) << 16; }

template <typename Storage> INLINE const Storage *rowOf(HeadPointer<const std::byte> head, int64_t row) {
  return reinterpret_cast<const Storage *>(head.data) + row * head.stride;
}

/// Word `word` of a row as it stands: an f32, or a pair along the dimension; `complete` where the row needs no padding.
template <typename Op, typename Storage, bool complete>
INLINE uint32_t naturalWord(const HeadShape &shape, const Storage *row, int64_t word) {
  if constexpr (Op::pairs == 1) {
    return complete || word < shape.dim ? wordOf(float(row[word])) : 0;
  } else {
    BFloat16 zero{};
    int64_t i = 2 * word;
    return wordOf(complete || i < shape.dim ? row[i] : zero, complete || i + 1 < shape.dim ? row[i + 1] : zero);
  }
}

/// [rows, paddedDim / pairs], rows beyond the sequence zero.
template <typename Op, typename Storage>
void packNatural(const HeadShape &shape, HeadPointer<const std::byte> head, int64_t first, int64_t rows,
                 uint32_t *out) {
  int64_t words = shape.paddedDim / Op::pairs;
  for (int64_t i = 0; i < rows; ++i, out += words) {
    if (first + i >= shape.sequence) {
      for (int64_t word = 0; word < words; ++word)
        out[word] = 0;
      continue;
    }
    const Storage *row = rowOf<Storage>(head, first + i);
    if (shape.dim == shape.paddedDim)
      for (int64_t word = 0; word < words; ++word)
        out[word] = naturalWord<Op, Storage, true>(shape, row, word);
    else
      for (int64_t word = 0; word < words; ++word)
        out[word] = naturalWord<Op, Storage, false>(shape, row, word);
  }
}

template <typename Op, typename Storage>
void packTransposed(const HeadShape &shape, HeadPointer<const std::byte> head, uint32_t *out) {
  constexpr int64_t unit = 16;
  int64_t words = shape.paddedDim / Op::pairs;
  for (int64_t first = 0; first < shape.paddedSequence; first += unit) {
    int64_t rows = shape.sequence - first < unit ? shape.sequence - first : unit;
    for (int64_t word = 0; word < words; ++word) {
      uint32_t *line = out + (first / tileSize * words + word) * tileSize + first % tileSize;
      if (rows == unit && shape.dim == shape.paddedDim)
        for (int64_t i = 0; i < unit; ++i)
          line[i] = naturalWord<Op, Storage, true>(shape, rowOf<Storage>(head, first + i), word);
      else
        for (int64_t i = 0; i < unit; ++i)
          line[i] = i < rows ? naturalWord<Op, Storage, false>(shape, rowOf<Storage>(head, first + i), word) : 0;
    }
  }
}

template <typename Op, typename Storage>
void packRows(const HeadShape &shape, HeadPointer<const std::byte> head, uint32_t *out) {
  if constexpr (Op::pairs == 1) {
    packNatural<Op, Storage>(shape, head, 0, shape.paddedSequence, out);
  } else {
    for (int64_t row = 0; row < shape.paddedSequence; row += 2, out += shape.paddedDim) {
      bool hasLow = row < shape.sequence, hasHigh = row + 1 < shape.sequence;
      const Storage *low = rowOf<Storage>(head, row), *high = rowOf<Storage>(head, row + 1);
      BFloat16 zero{};
      for (int64_t i = 0; i < shape.paddedDim; ++i)
        out[i] = i < shape.dim ? wordOf(hasLow ? low[i] : zero, hasHigh ? high[i] : zero) : 0;
    }
  }
}

template <typename Storage>
void storeRow(const HeadShape &shape, HeadPointer<std::byte> head, int64_t row, const float *values, float factor) {
  Storage *out = reinterpret_cast<Storage *>(head.data) + row * head.stride;
  for (int64_t i = 0; i < shape.dim; ++i)
    out[i] = Storage(factor * values[i]);
}

template <typename Storage>
void storeSum(const HeadShape &shape, float *matrices, int64_t count, int64_t distance, float factor, int64_t first,
              int64_t last, HeadPointer<std::byte> head) {
  for (int64_t row = first; row < last; ++row) {
    float *sum = matrices + row * shape.paddedDim;
    for (int64_t part = 1; part < count; ++part)
      for (int64_t i = 0; i < shape.paddedDim; i += lanes)
        store(sum + i, load(sum + i) + load(sum + part * distance + i));
    storeRow<Storage>(shape, head, row, sum, factor);
  }
}

// ---------------------------------------------------------------- storing weights as words

/// A row of weights as words along it. f32 serves as it is, where it is.
INLINE void storeNatural(Single, uint32_t *, const float *) {}

// ---------------------------------------------------------------- forward

constexpr float log2E = 1.44269504f, ln2 = 0.693147181f;

template <typename Op, typename Storage> void forwardTile(const HeadShape &shape, const ForwardTask &task) {
  int64_t dim = shape.paddedDim, words = dim / Op::pairs;
  uint32_t *next = task.scratch;
  auto take = [&](int64_t count) {
    uint32_t *result = next;
    next += count;
    return result;
  };
  float *s = reinterpret_cast<float *>(take(tileSize * tileSize));
  uint32_t *p = Op::pairs == 1 ? reinterpret_cast<uint32_t *>(s) : take(tileSize * tileSize);
  float *out = reinterpret_cast<float *>(take(tileSize * dim));
  uint32_t *query = take(tileSize * dim);
  float *sums = reinterpret_cast<float *>(take(tileSize * lanes));
  float maxima[tileSize];
  for (int64_t i = 0; i < tileSize * dim; ++i)
    out[i] = 0;
  for (int64_t i = 0; i < tileSize * lanes; ++i)
    sums[i] = 0;
  for (float &maximum : maxima)
    maximum = -__builtin_inff();
  int64_t firstQuery = task.block * tileSize;
  packNatural<Op, Storage>(shape, task.query, firstQuery, tileSize, query);

  float factor = shape.scale * log2E;
  const IntVector index = laneNumbers();
  for (int64_t block = 0; block <= task.block; ++block) {
    bool diagonal = block == task.block;
    scoreTile<Op>(shape, query, task.keysTransposed + block * tileSize * words, diagonal, s);
    for (int64_t row = 0; row < tileSize; ++row) {
      float *line = s + row * tileSize;
      constexpr int64_t vectors = tileSize / lanes;
      Vector scores[vectors];
      Vector most = broadcast(maxima[row]);
      for (int64_t v = 0; v < vectors; ++v) {
        scores[v] = load(line + v * lanes) * factor;
        if (diagonal)
          scores[v] = index + int32_t(v * lanes) > int32_t(row) ? broadcast(-__builtin_inff()) : scores[v];
        most = larger(most, scores[v]);
      }
      float maximum = largest(most);
      Vector sum = load(sums + row * lanes);
      if (maximum != maxima[row]) {
        Vector decay = exponential2(broadcast(maxima[row] - maximum));
        sum *= decay;
        for (int64_t i = 0; i < dim; i += lanes)
          store(out + row * dim + i, load(out + row * dim + i) * decay);
        maxima[row] = maximum;
      }
      for (int64_t v = 0; v < vectors; ++v) {
        Vector weight = exponential2(scores[v] - maximum);
        sum += weight;
        store(line + v * lanes, weight);
      }
      store(sums + row * lanes, sum);
      storeNatural(Op(), p + row * (tileSize / Op::pairs), line);
    }
    addTile<Op>(shape, p, task.values + block * tileSize / Op::pairs * dim, diagonal, out);
  }

  for (int64_t row = 0; row < tileSize && firstQuery + row < shape.sequence; ++row) {
    float sum = total(load(sums + row * lanes));
    storeRow<Storage>(shape, task.out, firstQuery + row, out + row * dim, 1 / sum);
    task.logSumExp[firstQuery + row] = maxima[row] * ln2 + __builtin_logf(sum);
  }
}

// ---------------------------------------------------------------- backward

/// The weights of a tile and the gradients of its scores, in the forms that products read.
template <typename Op> struct WeightTiles;

template <> struct WeightTiles<Single> {
  const uint32_t *weightsTransposed;
  const uint32_t *gradients;
  const uint32_t *gradientsTransposed;

  /// f32 serves in either direction as it is.
  WeightTiles(float *p, float *ds, uint32_t *)
      : weightsTransposed(reinterpret_cast<uint32_t *>(p)), gradients(reinterpret_cast<uint32_t *>(ds)),
        gradientsTransposed(gradients) {}
  void convert(const float *, const float *) {}
};

template <typename Op, typename Storage> void backwardHead(const HeadShape &shape, const BackwardTask &task) {
  int64_t dim = shape.paddedDim, words = dim / Op::pairs, rows = shape.paddedSequence;
  uint32_t *next = task.scratch;
  auto take = [&](int64_t count) {
    uint32_t *result = next;
    next += count;
    return result;
  };
  uint32_t *query = take(rows * words), *outGradient = take(rows * words);
  uint32_t *queryRows = Op::pairs == 1 ? query : take(rows / Op::pairs * dim);
  uint32_t *outGradientRows = Op::pairs == 1 ? outGradient : take(rows / Op::pairs * dim);
  float *queryGradient = reinterpret_cast<float *>(take(rows * dim));
  float *normalisers = reinterpret_cast<float *>(take(rows)), *deltas = reinterpret_cast<float *>(take(rows));
  float *p = reinterpret_cast<float *>(take(tileSize * tileSize));
  float *ds = reinterpret_cast<float *>(take(tileSize * tileSize));
  WeightTiles<Op> tiles(p, ds, take(2 * tileSize * tileSize));

  packNatural<Op, Storage>(shape, task.query, 0, rows, query);
  packNatural<Op, Storage>(shape, task.outGradient, 0, rows, outGradient);
  if constexpr (Op::pairs > 1) {
    packRows<Op, Storage>(shape, task.query, queryRows);
    packRows<Op, Storage>(shape, task.outGradient, outGradientRows);
  }
  for (int64_t row = 0; row < rows; ++row) {
    // Rows beyond the sequence have zero gradients; any finite normaliser does.
    bool inside = row < shape.sequence;
    normalisers[row] = inside ? task.logSumExp[row] * log2E : 0;
    float sum = 0;
    if (inside) {
      const Storage *out = rowOf<Storage>(task.out, row), *gradient = rowOf<Storage>(task.outGradient, row);
      // Rows lie too far apart for the processor to foresee them.
      const Storage *later = rowOf<Storage>(task.out, row + 16 < shape.sequence ? row + 16 : row);
      for (int64_t i = 0; i < shape.dim; i += 64 / int64_t(sizeof(Storage)))
        __builtin_prefetch(later + i);
      float parts[16] = {};
      int64_t i = 0;
      for (; i + 16 <= shape.dim; i += 16)
        for (int64_t j = 0; j < 16; ++j)
          parts[j] += float(out[i + j]) * float(gradient[i + j]);
      for (int64_t j = 0; i + j < shape.dim; ++j)
        parts[j] += float(out[i + j]) * float(gradient[i + j]);
      for (float part : parts)
        sum += part;
    }
    deltas[row] = sum;
  }
  for (int64_t i = 0; i < rows * dim; ++i)
    queryGradient[i] = task.keyGradient[i] = task.valueGradient[i] = 0;

  float factor = shape.scale * log2E;
  const IntVector index = laneNumbers();
  int64_t blocks = rows / tileSize;
  for (int64_t keyBlock = 0; keyBlock < blocks; ++keyBlock) {
    int64_t firstKey = keyBlock * tileSize;
    for (int64_t block = keyBlock; block < blocks; ++block) {
      bool diagonal = block == keyBlock;
      int64_t first = block * tileSize;
      scoreTile<Op>(shape, query + first * words, task.keysTransposed + firstKey * words, diagonal, p);
      scoreTile<Op>(shape, outGradient + first * words, task.valuesTransposed + firstKey * words, diagonal, ds);
      for (int64_t row = 0; row < tileSize; ++row) {
        float normaliser = normalisers[first + row], delta = deltas[first + row];
        for (int64_t column = 0; column < tileSize; column += lanes) {
          float *weights = p + row * tileSize + column, *gradients = ds + row * tileSize + column;
          Vector weight = exponential2(load(weights) * factor - normaliser);
          Vector gradient = weight * (load(gradients) - delta);
          if (diagonal) {
            IntVector behind = index + int32_t(column) > int32_t(row);
            weight = behind ? Vector{} : weight;
            gradient = behind ? Vector{} : gradient;
          }
          store(weights, weight);
          store(gradients, gradient);
        }
      }
      tiles.convert(p, ds);
      addTransposedTile<Op>(shape, tiles.weightsTransposed, outGradientRows + first / Op::pairs * dim, diagonal,
                            task.valueGradient + firstKey * dim);
      addTransposedTile<Op>(shape, tiles.gradientsTransposed, queryRows + first / Op::pairs * dim, diagonal,
                            task.keyGradient + firstKey * dim);
      addTile<Op>(shape, tiles.gradients, task.keys + firstKey / Op::pairs * dim, diagonal,
                  queryGradient + first * dim);
    }
  }
  for (int64_t row = 0; row < shape.sequence; ++row)
    storeRow<Storage>(shape, task.queryGradient, row, queryGradient + row * dim, shape.scale);
}

template <typename Op, typename Storage>
constexpr TileKernels kernelsOf = {Op::pairs,
                                   packTransposed<Op, Storage>,
                                   packRows<Op, Storage>,
                                   forwardTile<Op, Storage>,
                                   backwardHead<Op, Storage>,
                                   storeSum<Storage>};

} // namespace
