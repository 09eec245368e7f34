// Packing of buffers with known lives into one piece of memory.

#include "MemoryPlan.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <functional>
#include <limits>
#include <map>

using namespace mlir;
using namespace mlir::tritter;

/// Places buffers in `order`; stops, with the largest number, once a plan is as large as `limit`.
static int64_t place(ArrayRef<PlannedBuffer> buffers, ArrayRef<size_t> order, int64_t limit,
                     SmallVectorImpl<int64_t> &offsets) {
  SmallVector<size_t> placed; // by offset
  offsets.assign(buffers.size(), 0);
  int64_t end = 0;
  for (size_t index : order) {
    const PlannedBuffer &buffer = buffers[index];
    int64_t offset = 0;
    for (size_t other : placed) {
      const PlannedBuffer &neighbour = buffers[other];
      if (neighbour.last < buffer.first || buffer.last < neighbour.first)
        continue;
      if (offsets[other] - offset >= buffer.bytes)
        break;
      offset = std::max(offset, int64_t(llvm::alignTo(offsets[other] + neighbour.bytes, planAlignment)));
    }
    offsets[index] = offset;
    auto position = llvm::upper_bound(placed, offset, [&](int64_t a, size_t b) { return a < offsets[b]; });
    placed.insert(position, index);
    end = std::max(end, int64_t(llvm::alignTo(offset + buffer.bytes, planAlignment)));
    if (end >= limit)
      return std::numeric_limits<int64_t>::max();
  }
  return end;
}

int64_t tritter::planMemory(MutableArrayRef<PlannedBuffer> buffers) {
  using Key = std::pair<int64_t, int64_t>;
  std::function<Key(const PlannedBuffer &)> keys[] = {
      [](const PlannedBuffer &b) { return Key(-b.bytes, b.first - b.last); },
      [](const PlannedBuffer &b) { return Key(b.first - b.last, -b.bytes); },
      [](const PlannedBuffer &b) { return Key(b.first, -b.bytes); },
      [](const PlannedBuffer &b) { return Key(-b.bytes * (b.last - b.first + 1), b.first); },
  };
  int64_t best = std::numeric_limits<int64_t>::max();
  int64_t least = llvm::alignTo(findPeak(buffers).bytes, planAlignment);
  SmallVector<int64_t> offsets;
  for (const auto &key : keys) {
    SmallVector<size_t> order = llvm::to_vector(llvm::seq<size_t>(0, buffers.size()));
    llvm::stable_sort(order, [&](size_t a, size_t b) { return key(buffers[a]) < key(buffers[b]); });
    int64_t bytes = place(buffers, order, best, offsets);
    if (bytes >= best)
      continue;
    best = bytes;
    for (auto [buffer, offset] : llvm::zip(buffers, offsets))
      buffer.offset = offset;
    if (best <= least)
      break;
  }
  return buffers.empty() ? 0 : best;
}

MemoryPeak tritter::findPeak(ArrayRef<PlannedBuffer> buffers) {
  std::map<int64_t, int64_t> changes;
  for (const PlannedBuffer &buffer : buffers) {
    int64_t bytes = llvm::alignTo(buffer.bytes, planAlignment);
    changes[buffer.first] += bytes;
    changes[buffer.last + 1] -= bytes;
  }
  MemoryPeak peak;
  int64_t bytes = 0;
  for (auto [command, change] : changes) {
    bytes += change;
    if (bytes > peak.bytes)
      peak = {command, bytes};
  }
  return peak;
}
