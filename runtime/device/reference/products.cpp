#include "runtime/device/reference/products.h"
#include "runtime/device/multiversion.h"
#include "runtime/device/reference/vector_ops.h"

#include <algorithm>

using namespace tritter;
using schema::DType;

/// A tile of the result, and the length of k that is packed at once.
static constexpr int64_t tileRows = 64, tileColumns = 128, tileDepth = 256;
/// The part of a tile that stays in registers.
static constexpr int64_t registerRows = 4, registerColumns = 32;

/// c[i, j] += sum over k of a[k, i] b[k, j], on packed tiles.
template <typename T>
static inline __attribute__((always_inline)) void multiply(int64_t depth, const T *a, const T *b, T *c) {
  for (int64_t row = 0; row < tileRows; row += registerRows)
    for (int64_t column = 0; column < tileColumns; column += registerColumns) {
      T sums[registerRows][registerColumns];
      for (int64_t i = 0; i < registerRows; ++i)
        for (int64_t j = 0; j < registerColumns; ++j)
          sums[i][j] = c[(row + i) * tileColumns + column + j];
      for (int64_t k = 0; k < depth; ++k)
        for (int64_t i = 0; i < registerRows; ++i)
          for (int64_t j = 0; j < registerColumns; ++j)
            sums[i][j] += a[k * tileRows + row + i] * b[k * tileColumns + column + j];
      for (int64_t i = 0; i < registerRows; ++i)
        for (int64_t j = 0; j < registerColumns; ++j)
          c[(row + i) * tileColumns + column + j] = sums[i][j];
    }
}

TRITTER_MULTIVERSION
static void multiplyTile(int64_t depth, const float *a, const float *b, float *c) { multiply(depth, a, b, c); }
TRITTER_MULTIVERSION
static void multiplyTile(int64_t depth, const double *a, const double *b, double *c) { multiply(depth, a, b, c); }

namespace {

/// Element (row, column) of a stored matrix, transposed or not.
struct StoredMatrix {
  const std::byte *data;
  DType type;
  int64_t size;
  int64_t rowStride;
  int64_t columnStride;

  StoredMatrix(const schema::Matrix &matrix, const std::byte *data)
      : data(data), type(matrix.dtype()), size(sizeOf(matrix.dtype())),
        rowStride(matrix.transposed() ? 1 : matrix.row_stride()),
        columnStride(matrix.transposed() ? matrix.row_stride() : 1) {}

  const std::byte *at(int64_t row, int64_t column) const {
    return data + (row * rowStride + column * columnStride) * size;
  }
};

} // namespace

/// packed[k * width + i] = element(k, i) of rows x columns, zero up to `width`; read along what is contiguous.
template <typename T>
static void pack(const StoredMatrix &matrix, bool byColumn, int64_t first, int64_t count, int64_t depthBegin,
                 int64_t depth, int64_t width, T *packed) {
  // Element (k, i) is (i, k) of a, (k, i) of b.
  int64_t strideOfDepth = byColumn ? matrix.columnStride : matrix.rowStride;
  int64_t strideOfIndex = byColumn ? matrix.rowStride : matrix.columnStride;
  const std::byte *base = matrix.data + (first * strideOfIndex + depthBegin * strideOfDepth) * matrix.size;
  if (count < width)
    std::fill_n(packed, depth * width, T(0));
  if (strideOfIndex == 1) {
    for (int64_t k = 0; k < depth; ++k)
      loadVector(matrix.type, count, 1, packed + k * width, base + k * strideOfDepth * matrix.size);
    return;
  }
  T line[tileDepth];
  for (int64_t i = 0; i < count; ++i) {
    loadVector(matrix.type, depth, strideOfDepth, line, base + i * strideOfIndex * matrix.size);
    for (int64_t k = 0; k < depth; ++k)
      packed[k * width + i] = line[k];
  }
}

template <typename T> static void product(const schema::Gemm &gemm, const GemmPointers &pointers) {
  int64_t m = gemm.m(), n = gemm.n(), depth = gemm.k();
  StoredMatrix a(*gemm.a(), pointers.a), b(*gemm.b(), pointers.b), c(*gemm.c(), pointers.c);
  int64_t rowTiles = (m + tileRows - 1) / tileRows, columnTiles = (n + tileColumns - 1) / tileColumns;
#pragma omp parallel if (m * n * depth > 32768)
  {
    std::vector<T> packedA(tileRows * tileDepth), packedB(tileColumns * tileDepth), tile(tileRows * tileColumns);
    T line[tileColumns];
#pragma omp for schedule(static)
    for (int64_t index = 0; index < rowTiles * columnTiles; ++index) {
      int64_t row = index % rowTiles * tileRows, column = index / rowTiles * tileColumns;
      int64_t rows = std::min(tileRows, m - row), columns = std::min(tileColumns, n - column);
      std::fill(tile.begin(), tile.end(), T(0));
      for (int64_t k = 0; k < depth; k += tileDepth) {
        int64_t part = std::min(tileDepth, depth - k);
        pack(a, /*byColumn=*/true, row, rows, k, part, tileRows, packedA.data());
        pack(b, /*byColumn=*/false, column, columns, k, part, tileColumns, packedB.data());
        multiplyTile(part, packedA.data(), packedB.data(), tile.data());
      }
      for (int64_t i = 0; i < rows; ++i) {
        T *values = &tile[i * tileColumns];
        if (pointers.bias) {
          loadVector(gemm.bias_dtype(), columns, 1, line, pointers.bias + column * sizeOf(gemm.bias_dtype()));
          applyVector(schema::Opcode::Add, columns, values, values, line, line);
        }
        auto *place = const_cast<std::byte *>(c.at(row + i, column));
        if (gemm.accumulate()) {
          loadVector(c.type, columns, 1, line, place);
          applyVector(schema::Opcode::Add, columns, values, values, line, line);
        }
        storeVector(c.type, columns, 1, place, values);
      }
    }
  }
}

void tritter::referenceGemm(const schema::Gemm &gemm, const GemmPointers &pointers) {
  if (gemm.a()->dtype() == DType::F64)
    product<double>(gemm, pointers);
  else
    product<float>(gemm, pointers);
}
