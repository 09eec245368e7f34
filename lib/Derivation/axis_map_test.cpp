#include "tritter/Derivation/AxisMap.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

using namespace mlir::growth;

namespace {
Coefficient half() { return *Coefficient::get(1, 2); }

/// The map as a matrix, for comparison with what the run-length form gives.
std::vector<std::vector<double>> dense(const AxisMap &map) {
  std::vector<std::vector<double>> rows;
  for (const Run &run : map.getRuns())
    for (int64_t j = 0; j < run.length; ++j) {
      rows.emplace_back(map.getDomain(), 0.0);
      if (run.kind == Run::Kind::Copy)
        rows.back()[run.first + j * run.step] = run.coefficient.toDouble();
      if (run.kind == Run::Kind::Mean)
        rows.back().assign(map.getDomain(), run.coefficient.toDouble() / double(map.getDomain()));
    }
  return rows;
}

AxisMap random(std::mt19937 &source, int64_t length, int64_t domain) {
  AxisMap result(domain, {});
  auto below = [&](int64_t n) { return int64_t(source() % uint64_t(n)); };
  while (result.getLength() < length) {
    int64_t size = 1 + below(std::min<int64_t>(5, length - result.getLength()));
    int64_t step = below(5) - 2, first = below(domain), last = first + (size - 1) * step;
    Coefficient coefficient = *Coefficient::get(1 + below(3), 1 + below(2));
    if (below(4) == 0 || last < 0 || last >= domain)
      result.append(Run::zero(size));
    else
      result.append(Run::copy(size, first, step, coefficient));
  }
  return result;
}
} // namespace

TEST(AxisMap, IsTheSameHoweverItIsCut) {
  AxisMap whole(8, {Run::copy(8, 0)});
  AxisMap cut(8, {Run::copy(3, 0), Run::copy(1, 3), Run::copy(4, 4)});
  EXPECT_EQ(whole, cut);
  EXPECT_TRUE(cut.isIdentity());
  EXPECT_EQ(cut.getRuns().size(), 1u);
  EXPECT_EQ(AxisMap(8, {Run::copy(1, 5), Run::copy(1, 5), Run::copy(1, 5)}), AxisMap(8, {Run::copy(3, 5, 0)}));
  EXPECT_FALSE(AxisMap(8, {Run::copy(2, 5, 0)}) == AxisMap(8, {Run::copy(2, 5, 1)}));
  EXPECT_FALSE(AxisMap(8, {Run::copy(2, 5)}) == AxisMap(9, {Run::copy(2, 5)}));
  EXPECT_FALSE(AxisMap(8, {Run::copy(2, 5)}) == AxisMap(8, {Run::copy(2, 5, 1, half())}));
}

TEST(AxisMap, ComposesAsMatricesDo) {
  std::mt19937 source(7);
  for (int trial = 0; trial < 500; ++trial) {
    AxisMap inner = random(source, 12, 9), outer = random(source, 20, 12);
    std::optional<AxisMap> product = outer.after(inner);
    ASSERT_TRUE(product);
    auto a = dense(outer), b = dense(inner), c = dense(*product);
    ASSERT_EQ(c.size(), 20u);
    for (size_t i = 0; i < 20; ++i)
      for (size_t j = 0; j < 9; ++j) {
        double sum = 0;
        for (size_t k = 0; k < 12; ++k)
          sum += a[i][k] * b[k][j];
        ASSERT_EQ(c[i][j], sum);
      }
  }
}

TEST(AxisMap, ComposesMeansWhereTheyAreMeans) {
  AxisMap mean(12, {Run::copy(12, 0), Run::mean(2)});
  // The mean over two copies of six is the mean over six.
  std::optional<AxisMap> tiled = mean.after(*AxisMap::identity(6).tiled(2));
  ASSERT_TRUE(tiled);
  EXPECT_EQ(tiled->getRuns().back(), Run::mean(2));
  // With as many zeros it is half of that.
  std::optional<AxisMap> padded = mean.after(AxisMap::identity(6).padded(12));
  ASSERT_TRUE(padded);
  EXPECT_EQ(padded->getRuns().back(), Run::mean(2, half()));
  // Over unequal copies it is none.
  EXPECT_FALSE(mean.after(AxisMap(6, {Run::copy(6, 0), Run::copy(6, 0, 0)})));
}

TEST(AxisMap, GramAgreesWithTheMatrices) {
  EXPECT_EQ(AxisMap::identity(5).tiled(3)->gram(), Coefficient(3));
  EXPECT_EQ(AxisMap::identity(5).padded(9).gram(), Coefficient(1));
  EXPECT_EQ(AxisMap(5, {Run::copy(5, 4, -1), Run::copy(5, 0)}).gram(), Coefficient(2));
  EXPECT_EQ(AxisMap(2, {Run::copy(2, 0, 0, *Coefficient::squareRoot(1, 2)), Run::copy(1, 1)}).gram(), Coefficient(1));
  EXPECT_FALSE(AxisMap(5, {Run::copy(5, 0), Run::copy(2, 0)}).gram());
  EXPECT_FALSE(AxisMap(5, {Run::copy(4, 0)}).gram());
  EXPECT_FALSE(AxisMap(5, {Run::copy(5, 0), Run::mean(1)}).gram());
}

TEST(DiagonalSum, FindsMultiplesOfTheIdentity) {
  DiagonalSum shares;
  shares.add(0, 1, 0, 1, 6, half());
  shares.add(0, 1, 0, 1, 2, half());
  shares.add(5, -1, 5, -1, 4, half());
  EXPECT_EQ(shares.multipleOfIdentity(6), Coefficient(1));
  EXPECT_FALSE(shares.multipleOfIdentity(7));

  DiagonalSum strided;
  strided.add(0, 2, 0, 2, 3, 1);
  strided.add(1, 2, 1, 2, 3, 1);
  EXPECT_EQ(strided.multipleOfIdentity(6), Coefficient(1));

  DiagonalSum aside;
  aside.add(0, 1, 0, 1, 6, 1);
  aside.add(0, 1, 1, 1, 4, 2);
  EXPECT_FALSE(aside.multipleOfIdentity(6));
  aside.add(3, -1, 4, -1, 4, -2);
  EXPECT_EQ(aside.multipleOfIdentity(6), Coefficient(1));
}

// Answers that would take all memory are none.
TEST(AxisMap, HasABoundOnRuns) {
  AxisMap two(4, {Run::copy(1, 3), Run::copy(1, 0)});
  std::optional<AxisMap> wide = two.tiled(int64_t(AxisMap::mostRuns / 2));
  ASSERT_TRUE(wide);
  EXPECT_FALSE(two.tiled(int64_t(AxisMap::mostRuns)));
  EXPECT_FALSE(two.tiled(int64_t(1) << 62));
  AxisMap twice(wide->getLength(), {Run::copy(wide->getLength(), 0), Run::copy(wide->getLength(), 0)});
  EXPECT_FALSE(twice.after(*wide));
}

// A run of one coordinate has any step, and 64 bits do not hold the product of two of them.
TEST(AxisMap, ComposesSingleRowsWhateverTheirStep) {
  constexpr int64_t large = int64_t(1) << 40;
  AxisMap inner(large + 1, {Run::copy(2, 0, large), Run::copy(1, 0)});
  AxisMap outer(3, {Run::copy(1, 1, large), Run::copy(2, 1)});
  std::optional<AxisMap> product = outer.after(inner);
  ASSERT_TRUE(product);
  EXPECT_EQ(*product, AxisMap(large + 1, {Run::copy(1, large), Run::copy(1, large), Run::copy(1, 0)}));
}

TEST(DiagonalSum, HasABoundOnWhatStridesKeepApart) {
  DiagonalSum sum;
  sum.add(0, 2, 0, 2, int64_t(1) << 40, 1);
  EXPECT_FALSE(sum.multipleOfIdentity(int64_t(1) << 41));
}

TEST(DiagonalSum, KeepsSquareRootsApart) {
  DiagonalSum sum;
  sum.add(0, 1, 0, 1, 4, *Coefficient::squareRoot(2, 1));
  sum.add(0, 1, 0, 1, 4, 1);
  EXPECT_FALSE(sum.multipleOfIdentity(4));
  sum.add(0, 1, 0, 1, 4, Coefficient::squareRoot(2, 1)->negated());
  EXPECT_EQ(sum.multipleOfIdentity(4), Coefficient(1));
  sum.add(0, 1, 0, 1, 4, -1);
  EXPECT_EQ(sum.multipleOfIdentity(4), Coefficient(0));
}

TEST(DiagonalSum, AgreesWithTheMatrices) {
  std::mt19937 source(3);
  for (int trial = 0; trial < 2000; ++trial) {
    DiagonalSum sum;
    std::map<std::pair<int64_t, int64_t>, int> cells;
    for (int part = 0; part < 4; ++part) {
      int64_t length = 1 + source() % 4, step = int64_t(source() % 3) - 1, a = 2 + source() % 3;
      int64_t other = source() % 4 ? step : int64_t(source() % 3) - 1, b = source() % 4 ? a : 2 + source() % 3;
      int value = int(source() % 5) - 2;
      sum.add(a, step, b, other, length, value);
      for (int64_t j = 0; j < length; ++j)
        cells[{a + j * step, b + j * other}] += value;
    }
    std::erase_if(cells, [](auto &cell) { return cell.second == 0; });
    int64_t size = 5;
    bool multiple = cells.empty() || int64_t(cells.size()) == size;
    for (auto &[at, value] : cells)
      multiple &= at.first == at.second && at.first >= 0 && at.first < size && value == cells.begin()->second;
    EXPECT_EQ(sum.multipleOfIdentity(size).has_value(), multiple);
  }
}
