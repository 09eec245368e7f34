#include "runtime/device/bfloat16.h"
#include "runtime/device/cpu/blocked_gemm.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

using namespace tritter;

namespace {

/// Numbers of either type, as both see them.
struct Numbers {
  bool bf16;
  std::vector<float> values;
  std::vector<BFloat16> halves;

  Numbers(size_t count, bool bf16, std::mt19937 &random) : bf16(bf16) {
    std::uniform_real_distribution<float> distribution(-1, 1);
    for (size_t i = 0; i < count; ++i) {
      halves.emplace_back(distribution(random));
      values.push_back(bf16 ? float(halves.back()) : distribution(random));
    }
  }
  std::byte *data() {
    return bf16 ? reinterpret_cast<std::byte *>(halves.data()) : reinterpret_cast<std::byte *>(values.data());
  }
  float operator[](size_t i) const { return bf16 ? float(halves[i]) : values[i]; }
};

struct Shape {
  int64_t m, n, k;
};

std::string nameOf(const Shape &shape) {
  return std::to_string(shape.m) + "x" + std::to_string(shape.n) + "x" + std::to_string(shape.k);
}

class BlockedGemm : public ::testing::TestWithParam<Shape> {};

void check(Shape shape, unsigned variant) {
  bool bf16 = variant & 1, transposedA = variant & 2, transposedB = variant & 4, accumulate = variant & 8;
  bool bf16Result = bf16 && variant & 16;
  if (!hasBlockedGemm(bf16))
    return;
  auto [m, n, k] = shape;
  std::mt19937 random(variant);
  Numbers a(m * k, bf16, random), b(k * n, bf16, random), c(m * n, bf16Result, random);
  BlockedMatrix layoutA = transposedA ? BlockedMatrix{1, m} : BlockedMatrix{k, 1};
  BlockedMatrix layoutB = transposedB ? BlockedMatrix{1, k} : BlockedMatrix{n, 1};
  BlockedProduct product{m, n, k, layoutA, layoutB, {n, 1}, bf16, bf16Result, accumulate, !accumulate};

  Numbers one = c, three = c;
  omp_set_num_threads(1);
  blockedGemm(product, a.data(), b.data(), one.data());
  omp_set_num_threads(3);
  blockedGemm(product, a.data(), b.data(), three.data());
  EXPECT_EQ(std::memcmp(one.data(), three.data(), m * n * (bf16Result ? 2 : 4)), 0) << "threads change bits";

  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double expected = accumulate ? c[i * n + j] : 0;
      for (int64_t l = 0; l < k; ++l)
        expected += double(a[i * layoutA.row + l * layoutA.column]) * b[l * layoutB.row + j * layoutB.column];
      double tolerance = 1e-6 * k + 1e-5 + (bf16Result ? std::abs(expected) / 128 : 0);
      ASSERT_NEAR(one[i * n + j], expected, tolerance) << i << ", " << j << ", variant " << variant;
    }
}

TEST_P(BlockedGemm, AgreesWithThePlainProductInAllLayouts) {
  for (unsigned variant = 0; variant < 32; ++variant)
    check(GetParam(), variant);
}

// One element; less than a panel; edges in every direction; whole panels; an odd k of several blocks; many blocks of
// rows.
INSTANTIATE_TEST_SUITE_P(, BlockedGemm,
                         ::testing::Values(Shape{1, 1, 1}, Shape{5, 17, 3}, Shape{37, 101, 33}, Shape{64, 96, 64},
                                           Shape{19, 50, 2101}, Shape{2100, 20, 9}),
                         [](const auto &info) { return nameOf(info.param); });

} // namespace
