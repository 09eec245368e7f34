#include "runtime/device/scatter.h"
#include "runtime/device/bfloat16.h"

#include <algorithm>

using namespace tritter;

template <typename Source, typename Table>
static void add(const schema::ScatterAdd &command, const int32_t *indices, const Source *source, Table *table) {
  constexpr int64_t width = 64;
  int64_t rows = command.rows(), columns = command.columns();
#pragma omp parallel for schedule(static) if (rows * columns > 8192)
  for (int64_t begin = 0; begin < columns; begin += width) {
    int64_t end = std::min(begin + width, columns);
    for (int64_t row = 0; row < rows; ++row) {
      Table *target = table + indices[row] * columns;
      for (int64_t column = begin; column < end; ++column)
        target[column] += Table(source[row * columns + column]);
    }
  }
}

void tritter::scatterAdd(const schema::ScatterAdd &command, const std::byte *indices, const std::byte *source,
                         std::byte *table) {
  auto *rows = reinterpret_cast<const int32_t *>(indices);
  if (command.dtype() == schema::DType::F64)
    add(command, rows, reinterpret_cast<const double *>(source), reinterpret_cast<double *>(table));
  else if (command.dtype() == schema::DType::BF16)
    add(command, rows, reinterpret_cast<const BFloat16 *>(source), reinterpret_cast<float *>(table));
  else
    add(command, rows, reinterpret_cast<const float *>(source), reinterpret_cast<float *>(table));
}
