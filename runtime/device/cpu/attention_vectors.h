// Vectors of the instruction set in force, and products of four rows by packed operands; for attention_tiles.h, which
// says how it is included.

namespace {

constexpr int64_t lanes = TRITTER_LANES;
typedef float Vector __attribute__((vector_size(TRITTER_LANES * 4)));
typedef int32_t IntVector __attribute__((vector_size(TRITTER_LANES * 4)));
typedef float UnalignedVector __attribute__((vector_size(TRITTER_LANES * 4), aligned(4), may_alias));
typedef uint32_t WordVector __attribute__((vector_size(TRITTER_LANES * 4)));
typedef uint32_t UnalignedWords __attribute__((vector_size(TRITTER_LANES * 4), aligned(4), may_alias));

#define INLINE inline __attribute__((always_inline))

INLINE Vector load(const float *p) { return *reinterpret_cast<const UnalignedVector *>(p); }
INLINE void store(float *p, Vector value) { *reinterpret_cast<UnalignedVector *>(p) = value; }
INLINE WordVector loadWords(const uint32_t *p) { return *reinterpret_cast<const UnalignedWords *>(p); }
INLINE void storeWords(uint32_t *p, WordVector value) { *reinterpret_cast<UnalignedWords *>(p) = value; }
INLINE Vector broadcast(float value) { return value - Vector{}; }

/// Words are f32.
struct Single {
  static constexpr int64_t pairs = 1;
  static INLINE Vector multiplyAdd(uint32_t a, WordVector b, Vector sum) {
    return broadcast(std::bit_cast<float>(a)) * Vector(b) + sum;
  }
};

/// 2^f for f of -0.5 .. 0.5.
INLINE Vector exponentialNearZero(Vector f) {
  Vector p = 1.5403530e-4f * f + 1.3333558e-3f;
  p = p * f + 9.6181291e-3f;
  p = p * f + 5.5504109e-2f;
  p = p * f + 2.4022651e-1f;
  p = p * f + 6.9314718e-1f;
  return p * f + 1.0f;
}

#if TRITTER_LANES == 16
/// 2^x for x up to 127, within 2 units in the last place. Of -infinity the fraction is NaN, and a NaN scaled by
/// 2^-infinity is defined as 0.
INLINE Vector exponential2(Vector x) {
  __m512 whole = _mm512_roundscale_ps(__m512(x), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return Vector(_mm512_scalef_ps(__m512(exponentialNearZero(x - Vector(whole))), whole));
}

INLINE Vector larger(Vector a, Vector b) { return Vector(_mm512_max_ps(__m512(a), __m512(b))); }
#else
/// 2^x for x up to 127, within 2 units in the last place; 0, or next to it, below the normal numbers.
INLINE Vector exponential2(Vector x) {
  constexpr float shifter = 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer in the low bits.
  // At -127 and a bit above, f is not negative, p not below 1, and the sum of exponents not below 0.
  Vector clamped = x < -127.0f ? broadcast(-127.0f) : x;
  Vector shifted = clamped + shifter;
  Vector p = exponentialNearZero(clamped - (shifted - shifter));
  return Vector(IntVector(p) + ((IntVector(shifted) - std::bit_cast<int32_t>(shifter)) << 23));
}

INLINE Vector larger(Vector a, Vector b) { return a > b ? a : b; }
#endif

/// The number of each lane.
INLINE IntVector laneNumbers() {
  IntVector result;
  for (int64_t i = 0; i < lanes; ++i)
    result[i] = int32_t(i);
  return result;
}

INLINE float largest(Vector v) {
  for (int32_t width = lanes / 2; width; width /= 2)
    v = larger(v, __builtin_shuffle(v, laneNumbers() ^ width));
  return v[0];
}
INLINE float total(Vector v) {
  for (int32_t width = lanes / 2; width; width /= 2)
    v += __builtin_shuffle(v, laneNumbers() ^ width);
  return v[0];
}

// ---------------------------------------------------------------- products

/// Four rows of a product: c[i, :] (+)= sum over k of a[i * aRow + k * aDepth] * b[k * bRow, :].
template <typename Op, int64_t vectors>
INLINE void fourRows(int64_t depth, const uint32_t *a, int64_t aRow, int64_t aDepth, const uint32_t *b, int64_t bRow,
                     float *c, int64_t cRow, bool add) {
  Vector sums[4][vectors];
  for (int64_t i = 0; i < 4; ++i)
    for (int64_t v = 0; v < vectors; ++v)
      sums[i][v] = add ? load(c + i * cRow + v * lanes) : Vector{};
  for (int64_t k = 0; k < depth; ++k) {
    WordVector line[vectors];
    for (int64_t v = 0; v < vectors; ++v)
      line[v] = loadWords(b + k * bRow + v * lanes);
    for (int64_t i = 0; i < 4; ++i) {
      uint32_t word = a[i * aRow + k * aDepth];
      for (int64_t v = 0; v < vectors; ++v)
        sums[i][v] = Op::multiplyAdd(word, line[v], sums[i][v]);
    }
  }
  for (int64_t i = 0; i < 4; ++i)
    for (int64_t v = 0; v < vectors; ++v)
      store(c + i * cRow + v * lanes, sums[i][v]);
}

/// Four rows of a product, of `columns` (a multiple of the lanes).
template <typename Op>
INLINE void product(int64_t columns, int64_t depth, const uint32_t *a, int64_t aRow, int64_t aDepth, const uint32_t *b,
                    int64_t bRow, float *c, int64_t cRow, bool add) {
  constexpr int64_t widest = lanes == 16 ? 4 : 2;
  int64_t column = 0;
  for (; column + widest * lanes <= columns; column += widest * lanes)
    fourRows<Op, widest>(depth, a, aRow, aDepth, b + column, bRow, c + column, cRow, add);
  switch ((columns - column) / lanes) {
  case 3:
    return fourRows<Op, 3>(depth, a, aRow, aDepth, b + column, bRow, c + column, cRow, add);
  case 2:
    return fourRows<Op, 2>(depth, a, aRow, aDepth, b + column, bRow, c + column, cRow, add);
  case 1:
    return fourRows<Op, 1>(depth, a, aRow, aDepth, b + column, bRow, c + column, cRow, add);
  }
}

} // namespace
