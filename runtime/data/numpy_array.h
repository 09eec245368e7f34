#ifndef TRITTER_RUNTIME_DATA_NUMPY_ARRAY_H
#define TRITTER_RUNTIME_DATA_NUMPY_ARRAY_H

#include "runtime/base/status.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace tritter {

/// Where the integers of a NumPy array (`.npy`) lie.
struct NumPyArray {
  /// As NumPy calls it, such as int32.
  std::string type;
  int elementBytes = 0;
  /// All of them, and the bytes before the first.
  uint64_t elements = 0;
  size_t offset = 0;
  /// Of an array of several dimensions, the sizes of all but the last multiplied; 0 for one.
  uint64_t rows = 0;
};

/// Whether a file begins as NumPy's arrays do.
bool isNumPyArray(std::span<const char> start);

/// Reads the header of versions 1 to 3 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). Integers
/// of 1, 2, 4 or 8 bytes in little-endian order are accepted, rows one after another; the error says what others are.
Result<NumPyArray> readNumPyHeader(std::span<const char> file);

} // namespace tritter

#endif // TRITTER_RUNTIME_DATA_NUMPY_ARRAY_H
