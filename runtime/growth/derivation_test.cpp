#include "runtime/growth/derivation.h"

#include "runtime/growth/derivation_builder.h"
#include "runtime/growth/element.h"
#include "runtime/growth/random.h"

#include <gtest/gtest.h>
#include <map>
#include <numeric>

namespace tritter {
namespace {

using namespace testing_support;
using schema::DType;

class DerivationTest : public testing::Test {
protected:
  void give(const std::string &name, std::vector<uint64_t> shape, std::vector<float> values) {
    floats[name] = std::move(values);
    tensors[name] = {DType::F32, std::move(shape), std::as_bytes(std::span(floats[name]))};
  }
  SourceLookup lookup() {
    return [this](std::string_view name) -> Result<SourceTensor> {
      auto found = tensors.find(name);
      if (found == tensors.end())
        return error("there is no tensor {}", name);
      return found->second;
    };
  }
  template <typename T>
  Status evaluateInto(const DerivationBuilder &builder, std::vector<uint64_t> shape, DType dtype, std::span<T> out,
                      uint64_t begin = 0, DerivationReader::Form form = DerivationReader::Form::Values) {
    PackedDerivation packed(builder);
    DerivationReader reader(packed.derivations());
    TRITTER_ASSIGN(Evaluation evaluation,
                   reader.prepare(packed.tensor().derivation(), packed.tensor(), shape, dtype, lookup(), form));
    return evaluation.evaluate(begin, begin + out.size(), std::as_writable_bytes(out));
  }
  std::vector<float> evaluate(const DerivationBuilder &builder, std::vector<uint64_t> shape,
                              DerivationReader::Form form = DerivationReader::Form::Values) {
    std::vector<float> out(std::accumulate(shape.begin(), shape.end(), uint64_t(1), std::multiplies<>()));
    Status status = evaluateInto(builder, shape, DType::F32, std::span(out), 0, form);
    EXPECT_TRUE(status.ok()) << status.message();
    return out;
  }
  std::string failure(const DerivationBuilder &builder, std::vector<uint64_t> shape,
                      DerivationReader::Form form = DerivationReader::Form::Values) {
    std::vector<float> out(std::accumulate(shape.begin(), shape.end(), uint64_t(1), std::multiplies<>()));
    return std::string(evaluateInto(builder, shape, DType::F32, std::span(out), 0, form).message());
  }

  std::map<std::string, std::vector<float>> floats;
  std::map<std::string, SourceTensor, std::less<>> tensors;
};

TEST_F(DerivationTest, GatherScaleAndPadByHand) {
  give("w", {2, 3}, {1, 2, 3, 4, 5, 6});
  // Rows 1, 0, 1 and a zero row; columns backwards, halved, then column 0 times -3 and a zero.
  DerivationBuilder builder;
  builder.source("w", {2, 3},
                 {{run(2, 1, -1), run(1, 1), zeros(1)}, {run(3, 2, -1, 1, 2), run(1, 0, 1, -3, 1), zeros(1)}});
  EXPECT_EQ(evaluate(builder, {4, 5}),
            (std::vector<float>{3, 2.5, 2, -12, 0, 1.5, 1, 0.5, -3, 0, 3, 2.5, 2, -12, 0, 0, 0, 0, 0, 0}));
}

TEST_F(DerivationTest, AStepOfZeroRepeatsAndTwoSkips) {
  give("w", {6}, {1, 2, 3, 4, 5, 6});
  DerivationBuilder builder;
  builder.source("w", {6}, {{run(3, 4, 0), run(3, 0, 2)}});
  EXPECT_EQ(evaluate(builder, {6}), (std::vector<float>{5, 5, 5, 1, 3, 5}));
}

TEST_F(DerivationTest, TermsAdd) {
  give("a", {2, 2}, {1, 2, 3, 4});
  give("b", {2, 2}, {10, 20, 30, 40});
  DerivationBuilder builder;
  builder.source("a", {2, 2}).source("b", {2, 2}, {{run(2, 0)}, {run(2, 1, -1, 1, 10)}}).constant(100);
  EXPECT_EQ(evaluate(builder, {2, 2}), (std::vector<float>{103, 103, 107, 107}));
}

TEST_F(DerivationTest, SquareRootsAreExactWhereAxesMeet) {
  give("w", {1, 1}, {7});
  // sqrt(3) * sqrt(3) / 3 is 1: products of coefficients are exact, whatever doubles would have made of them.
  DerivationBuilder exact;
  exact.source("w", {1, 1}, {{run(1, 0, 1, 1, 1, 3)}, {run(1, 0, 1, 1, 3, 3)}});
  EXPECT_EQ(evaluate(exact, {1, 1}), (std::vector<float>{7}));
  // sqrt(2) * sqrt(6) = 2 sqrt(3)
  DerivationBuilder mixed;
  mixed.source("w", {1, 1}, {{run(1, 0, 1, 1, 1, 2)}, {run(1, 0, 1, 1, 1, 6)}});
  EXPECT_EQ(evaluate(mixed, {1, 1}), (std::vector<float>{float(2 * std::sqrt(3.0) * 7.0)}));
  DerivationBuilder single;
  single.source("w", {1, 1}, {{run(1, 0, 1, 2, 5, 5)}, {}});
  EXPECT_EQ(evaluate(single, {1, 1}), (std::vector<float>{float(0.4 * std::sqrt(5.0) * 7.0)}));
}

TEST_F(DerivationTest, ConstantsAndNoTerms) {
  DerivationBuilder one;
  one.constant(1.5);
  EXPECT_EQ(evaluate(one, {3}), (std::vector<float>{1.5, 1.5, 1.5}));
  DerivationBuilder none;
  EXPECT_EQ(evaluate(none, {2, 2}), (std::vector<float>(4, 0)));
  DerivationBuilder padded;
  padded.constant(2, {2}, {{run(2, 0), zeros(1)}});
  EXPECT_EQ(evaluate(padded, {3}), (std::vector<float>{2, 2, 0}));
}

TEST_F(DerivationTest, ACopyKeepsEveryBit) {
  give("w", {4}, {-0.0f, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::quiet_NaN(), -1e38f});
  DerivationBuilder copy, gather;
  copy.source("w", {4});
  gather.source("w", {4}, {{run(2, 0), run(2, 2)}});
  for (DerivationBuilder *builder : {&copy, &gather}) {
    std::vector<float> out = evaluate(*builder, {4});
    EXPECT_EQ(std::memcmp(out.data(), floats["w"].data(), 16), 0);
  }
}

TEST_F(DerivationTest, RoundsOnceToBf16) {
  // Just above the middle of two bf16s, but the f32 nearest to it is the middle itself, which would round to even.
  double value = 1.0 + 0x1p-8 + 0x1p-40;
  EXPECT_EQ(roundToBf16(value), 0x3F81);
  EXPECT_EQ(roundToBf16(-value), 0xBF81);
  EXPECT_EQ(roundToBf16(1.0 + 0x1p-8), 0x3F80);
  EXPECT_EQ(roundToBf16(1.0 + 0x1p-8 - 0x1p-40), 0x3F80);
  EXPECT_EQ(roundToBf16(1.0 + 3 * 0x1p-8), 0x3F82);
  EXPECT_EQ(roundToBf16(-0.0), 0x8000);
  EXPECT_EQ(roundToBf16(1e300), 0x7F80);
  EXPECT_EQ(roundToBf16(0x1.FEp127), 0x7F7F);
  EXPECT_EQ(roundToBf16(0x1.FEFFFFFFFFp127), 0x7F7F);
  EXPECT_EQ(roundToBf16(0x1.FFp127), 0x7F80);
  EXPECT_EQ(roundToBf16(1e-320), 0x0000);
  EXPECT_TRUE(std::isnan(bf16ToFloat(roundToBf16(std::nan("")))));
}

TEST_F(DerivationTest, ReadsAndWritesEveryType) {
  std::vector<uint16_t> halves = {0x3F80, 0xC040};
  std::vector<double> doubles = {0.1, -2};
  tensors["bf16"] = {DType::BF16, {2}, std::as_bytes(std::span(halves))};
  tensors["f64"] = {DType::F64, {2}, std::as_bytes(std::span(doubles))};
  DerivationBuilder fromHalf, fromDouble, narrow;
  fromHalf.source("bf16", {2});
  EXPECT_EQ(evaluate(fromHalf, {2}), (std::vector<float>{1, -3}));
  fromDouble.source("f64", {2});
  EXPECT_EQ(evaluate(fromDouble, {2}), (std::vector<float>{0.1f, -2}));
  give("f32", {2}, {1, -3});
  narrow.source("f32", {2});
  std::vector<uint16_t> out(2);
  ASSERT_TRUE(evaluateInto(narrow, {2}, DType::BF16, std::span(out)).ok());
  EXPECT_EQ(out, halves);
}

TEST_F(DerivationTest, AnySplitGivesTheSameBits) {
  std::vector<float> values(7 * 5 * 11);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = float(standardNormal(9, 9, i));
  give("w", {7, 5, 11}, values);
  std::vector<uint64_t> shape = {10, 6, 23};
  DerivationBuilder builder;
  builder
      .source("w", {7, 5, 11},
              {{run(7, 0, 1, 1, 3), run(3, 6, -2, 2, 3)},
               {run(1, 4), run(5, 4, -1, 1, 7, 2)},
               {run(11, 0), zeros(1), run(11, 10, -1, -5, 9)}})
      .source("w", {7, 5, 11}, {{run(7, 0), mean(3, 2)}, {mean(6, -1, 3)}, {mean(1), run(11, 0), mean(11, 1, 9)}})
      .normal(0.02, 1, 77, shape)
      .constant(0.125);
  std::vector<float> whole = evaluate(builder, shape);
  for (uint64_t tile : {1, 7, 64, 1000}) {
    std::vector<float> split(whole.size());
    for (uint64_t begin = 0; begin < split.size(); begin += tile) {
      uint64_t end = std::min<uint64_t>(begin + tile, split.size());
      ASSERT_TRUE(evaluateInto(builder, shape, DType::F32, std::span(split).subspan(begin, end - begin), begin).ok());
    }
    EXPECT_EQ(split, whole) << "tiles of " << tile;
  }
}

TEST_F(DerivationTest, MeansAreOfTheWholeAxis) {
  give("w", {2, 4}, {1, 2, 3, 6, 10, 20, 30, 60});
  // The remainder of a width growth: columns after the copies hold the row's mean, rows after them the columns'.
  DerivationBuilder columns, rows, both;
  columns.source("w", {2, 4}, {{run(2, 0)}, {run(4, 0), mean(2)}});
  EXPECT_EQ(evaluate(columns, {2, 6}), (std::vector<float>{1, 2, 3, 6, 3, 3, 10, 20, 30, 60, 30, 30}));
  rows.source("w", {2, 4}, {{mean(1, 2), run(1, 1)}, {run(1, 3), run(3, 0)}});
  EXPECT_EQ(evaluate(rows, {2, 4}), (std::vector<float>{66, 11, 22, 33, 60, 10, 20, 30}));
  both.source("w", {2, 4}, {{run(1, 0), mean(1)}, {mean(1), run(1, 2)}});
  EXPECT_EQ(evaluate(both, {2, 2}), (std::vector<float>{3, 3, 16.5, 16.5}));
  DerivationBuilder constant;
  constant.constant(2, {3}, {{mean(2, 1, 4)}});
  EXPECT_EQ(evaluate(constant, {2}), (std::vector<float>{0.5, 0.5}));
}

TEST_F(DerivationTest, SquaresGrowByTheSquaresOfCoefficients) {
  using Form = DerivationReader::Form;
  give("w", {2, 2}, {1, 2, 3, 4});
  DerivationBuilder apart;
  apart.source("w", {2, 2}, {{run(1, 0), zeros(1)}, {run(2, 0, 1, 2, 3, 3)}})
      .source("w", {2, 2}, {{zeros(1), run(1, 1, 1, -1, 2)}, {}});
  EXPECT_EQ(evaluate(apart, {2, 2}, Form::Squares), (std::vector<float>{float(4.0 / 3), float(4.0 / 3 * 2), 0.75, 1}));
  DerivationBuilder sum, huge, average;
  sum.source("w", {2, 2}).source("w", {2, 2}, {{run(2, 0)}, {run(2, 1, -1)}});
  EXPECT_NE(failure(sum, {2, 2}, Form::Squares).find("no sums of squares"), std::string::npos);
  huge.source("w", {2, 2}, {{run(2, 0, 1, int64_t(1) << 40)}, {}});
  EXPECT_NE(failure(huge, {2, 2}, Form::Squares).find("exceeds 63 bits"), std::string::npos);
  average.source("w", {2, 2}, {{mean(2)}, {}});
  EXPECT_NE(failure(average, {2, 2}, Form::Squares).find("has a mean"), std::string::npos);
}

TEST_F(DerivationTest, DrawsAreThoseOfTheStandard) {
  // Known answers of Random123.
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (std::array<uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
  // Python's statistics.NormalDist on the same bits; the last in a tail. To the bit but for the tail's logarithm.
  EXPECT_EQ(standardNormal(1, 0, 0), 1.2518334262356448);
  EXPECT_EQ(standardNormal(1, 0, 1), 1.1460459748596201);
  EXPECT_EQ(standardNormal(1, uint64_t(1) << 40, 7), 0.6831146206130854);
  EXPECT_NEAR(standardNormal((uint64_t(1) << 33) + 5, 3, uint64_t(1) << 35), -1.601067026869969, 1e-15);
  EXPECT_NEAR(standardNormal(1, 0, 160092), 4.418869069228214, 4e-15);
}

TEST_F(DerivationTest, DrawsHaveTheMomentsOfANormalDistribution) {
  double sum = 0, square = 0, fourth = 0;
  constexpr int draws = 200000;
  for (int i = 0; i < draws; ++i) {
    double z = standardNormal(3, 5, uint64_t(i));
    sum += z, square += z * z, fourth += z * z * z * z;
  }
  EXPECT_NEAR(sum / draws, 0, 0.01);
  EXPECT_NEAR(square / draws, 1, 0.015);
  EXPECT_NEAR(fourth / draws, 3, 0.1);
}

TEST_F(DerivationTest, MistakesAreNamed) {
  give("w", {2, 3}, {1, 2, 3, 4, 5, 6});
  auto check = [&](DerivationBuilder &&builder, std::vector<uint64_t> shape, const char *expected) {
    std::string message = failure(builder, shape);
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  };
  check(std::move(DerivationBuilder().source("v", {2, 3})), {2, 3}, "there is no tensor v");
  check(std::move(DerivationBuilder().source("w", {3, 2})), {3, 2}, "source w has shape [2, 3], [3, 2] is expected");
  check(std::move(DerivationBuilder().source("w", {2, 3})), {2, 4}, "an axis of 3 is read as one of 4");
  check(std::move(DerivationBuilder().source("w", {2, 3}, {{run(2, 0)}, {run(3, 1)}})), {2, 3},
        "outside of its source");
  check(std::move(DerivationBuilder().source("w", {2, 3}, {{run(2, 0)}, {run(4, 2, -1)}})), {2, 4},
        "outside of its source");
  check(std::move(DerivationBuilder().source("w", {2, 3}, {{run(2, 0)}, {run(2, 0)}})), {2, 3},
        "cover 2 of its axis of 3");
  check(std::move(DerivationBuilder().source("w", {2, 3}, {{run(9, 0, 0)}, {}})), {2, 3}, "cover 9 of its axis of 2");
  check(std::move(DerivationBuilder().source("w", {2, 3}, {{run(2, 0, 1, 1, 0)}, {}})), {2, 3}, "no number");
  check(std::move(DerivationBuilder().source("w", {2, 3}, {{run(2, 0)}})), {2, 3}, "2 axes and 1 axis maps");
}

} // namespace
} // namespace tritter
