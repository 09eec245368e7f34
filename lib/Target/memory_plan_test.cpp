// Packing of buffers: nothing overlaps, and little is wasted.

#include "MemoryPlan.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <gtest/gtest.h>
#include <random>

using namespace mlir::tritter;

namespace {

bool together(const PlannedBuffer &a, const PlannedBuffer &b) { return a.first <= b.last && b.first <= a.last; }

void check(llvm::ArrayRef<PlannedBuffer> buffers, int64_t bytes) {
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_EQ(buffers[i].offset % planAlignment, 0);
    EXPECT_LE(buffers[i].offset + buffers[i].bytes, bytes);
    for (size_t j = 0; j < i; ++j)
      EXPECT_TRUE(!together(buffers[i], buffers[j]) || buffers[i].offset + buffers[i].bytes <= buffers[j].offset ||
                  buffers[j].offset + buffers[j].bytes <= buffers[i].offset)
          << "buffers " << j << " and " << i << " overlap";
  }
}

TEST(MemoryPlan, NothingNeedsNothing) { EXPECT_EQ(planMemory({}), 0); }

TEST(MemoryPlan, ReusesWhatIsDead) {
  PlannedBuffer buffers[] = {{100, 0, 1, "a"}, {100, 2, 3, "b"}, {60, 1, 2, "c"}};
  int64_t bytes = planMemory(buffers);
  check(buffers, bytes);
  EXPECT_EQ(bytes, 128 + 64);
}

TEST(MemoryPlan, AChainTakesTwo) {
  llvm::SmallVector<PlannedBuffer> buffers;
  for (int i = 0; i < 50; ++i)
    buffers.push_back({1 << 10, i, i + 1, "link"});
  int64_t bytes = planMemory(buffers);
  check(buffers, bytes);
  EXPECT_EQ(bytes, 2 << 10);
  EXPECT_EQ(findPeak(buffers).bytes, 2 << 10);
}

TEST(MemoryPlan, ForwardAndBackwardNest) {
  llvm::SmallVector<PlannedBuffer> buffers;
  for (int i = 0; i < 80; ++i)
    buffers.push_back({(i % 3 + 1) << 12, i, 200 - i, "saved"});
  int64_t bytes = planMemory(buffers);
  check(buffers, bytes);
  EXPECT_EQ(bytes, findPeak(buffers).bytes);
}

TEST(MemoryPlan, RandomLives) {
  std::mt19937 random(7);
  for (int trial = 0; trial < 50; ++trial) {
    llvm::SmallVector<PlannedBuffer> buffers;
    for (int i = 0; i < 60; ++i) {
      int64_t first = random() % 100;
      buffers.push_back({int64_t(random() % 5000) + 1, first, first + int64_t(random() % 20), "any"});
    }
    int64_t bytes = planMemory(buffers);
    check(buffers, bytes);
    int64_t least = findPeak(buffers).bytes;
    EXPECT_GE(bytes, least);
    EXPECT_LE(bytes, least + least / 4);
  }
}

} // namespace
