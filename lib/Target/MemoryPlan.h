#ifndef TRITTER_LIB_TARGET_MEMORYPLAN_H
#define TRITTER_LIB_TARGET_MEMORYPLAN_H

#include "mlir/Support/LLVM.h"

#include <cstdint>
#include <string>

namespace mlir::tritter {

/// A buffer that lives from command `first` to command `last`, both included.
struct PlannedBuffer {
  int64_t bytes = 0;
  int64_t first = 0;
  int64_t last = 0;
  /// What it is, for people.
  std::string name;
  /// Found by the plan.
  int64_t offset = 0;
};

/// Places begin at multiples of this many bytes.
constexpr int64_t planAlignment = 64;

/// Gives every buffer an offset such that no two that live at the same time overlap. Several orders of placing are
/// tried (largest first, longest lived first, as they come, largest area first), each buffer going to the lowest gap
/// that holds it; the smallest plan is kept. Returns the bytes that it needs.
int64_t planMemory(MutableArrayRef<PlannedBuffer> buffers);

/// The bytes that live at the command where most do: no plan needs less.
struct MemoryPeak {
  int64_t command = 0;
  int64_t bytes = 0;
};
MemoryPeak findPeak(ArrayRef<PlannedBuffer> buffers);

} // namespace mlir::tritter

#endif // TRITTER_LIB_TARGET_MEMORYPLAN_H
