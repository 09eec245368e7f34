#include "runtime/device/reference/reference_device.h"
#include "runtime/eval/compare.h"
#include "runtime/eval/generate.h"

#include "runtime/train/bigram_executable.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>

using namespace tritter;
using namespace tritter::testing;

namespace {

class EvalTest : public ::testing::Test {
protected:
  /// A bigram model whose head is filled by `value(row, column)`, and whose embedding is 1 everywhere.
  template <typename Value> ModelProgram make(uint64_t batch, Value value) {
    BigramShape shape{.vocabulary = 8, .width = 4, .batch = batch, .sequence = 6};
    auto executable = Executable::fromBytes(makeBigramExecutable(shape));
    EXPECT_TRUE(executable.ok()) << executable.status().message();
    auto session = device->load(*executable);
    EXPECT_TRUE(session.ok());
    std::vector<float> ones(32, 1.0f), head(32);
    for (size_t i = 0; i < 32; ++i)
      head[i] = value(i / 4, i % 4);
    auto write = [&](const char *name, const std::vector<float> &values) {
      const schema::Parameter *parameter = (*executable)->parameter(name);
      EXPECT_TRUE((*session)->write(*parameter->value(), std::as_bytes(std::span(values))).ok());
    };
    write("embed.weight", ones);
    write("head.weight", head);
    return ModelProgram(*std::move(session));
  }
  std::unique_ptr<Device> device = createReferenceDevice();
};

TEST_F(EvalTest, EqualModelsDifferByNothing) {
  auto value = [](size_t row, size_t column) {
    return 0.1f * static_cast<float>(row) - 0.3f * static_cast<float>(column);
  };
  ModelProgram base = make(2, value), grown = make(2, value);
  Comparer comparer(base, grown, {{"residual.0", "residual.0", {}}});
  std::vector<int32_t> tokens = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3}, targets = {1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4};
  ASSERT_TRUE(comparer.add(tokens, targets).ok());
  Comparison result = comparer.result();
  EXPECT_EQ(result.positions, 12u);
  EXPECT_EQ(result.meanSquaredError, 0);
  EXPECT_EQ(result.largestDifference, 0);
  EXPECT_EQ(result.divergence, 0);
  EXPECT_EQ(result.agreement, 1);
  EXPECT_EQ(result.lossBase, result.lossGrown);
  EXPECT_EQ(result.residualErrors, std::vector<double>{0});
}

TEST_F(EvalTest, FewerWindowsThanABatchHaveTheLossesThatTheyHaveAlone) {
  auto value = [](size_t row, size_t column) { return row == 3 ? 0.5f : 0.1f * static_cast<float>(row + column); };
  ModelProgram one = make(1, value);
  std::vector<int32_t> tokens, targets;
  std::vector<double> sums = {0};
  for (int32_t window = 0; window < 11; ++window) {
    std::vector<int32_t> these(6, window % 8);
    for (int32_t i = 0; i < 6; ++i)
      these[i] = (window * 3 + i * i) % 8;
    tokens.insert(tokens.end(), 6, window % 8);
    targets.insert(targets.end(), these.begin(), these.end());
    auto loss = evaluateWindows(one, std::span(tokens).last(6), std::span(targets).last(6));
    ASSERT_TRUE(loss.ok()) << loss.status().message();
    sums.push_back(sums.back() + *loss);
  }
  for (uint64_t batch : {2, 3, 7, 8, 11, 16, 61}) {
    ModelProgram program = make(batch, value);
    for (size_t windows = 1; windows <= std::min<size_t>(11, batch); ++windows) {
      auto loss = evaluateWindows(program, std::span(tokens).first(windows * 6), std::span(targets).first(windows * 6));
      ASSERT_TRUE(loss.ok()) << loss.status().message();
      EXPECT_NEAR(*loss / windows, sums[windows] / windows, 1e-6) << windows << " of " << batch;
    }
  }
}

TEST_F(EvalTest, ALastBatchOfFewerWindowsIsComparedWithoutItsRepetitions) {
  ModelProgram base = make(4, [](size_t, size_t) { return 0.0f; });
  ModelProgram grown = make(4, [](size_t row, size_t) { return row == 3 ? 0.5f : 0.0f; });
  Comparer comparer(base, grown, {{"residual.0", "residual.0", {}}});
  std::vector<int32_t> tokens(18, 1), targets(18, 3);
  ASSERT_TRUE(comparer.add(tokens, targets).ok());
  Comparison result = comparer.result();
  EXPECT_EQ(result.positions, 18u);
  EXPECT_DOUBLE_EQ(result.meanSquaredError, 4.0 / 8);
}

TEST_F(EvalTest, WhatIsNoNumberAgreesWithNothing) {
  for (float value : {std::nanf(""), HUGE_VALF}) {
    ModelProgram base = make(1, [&](size_t row, size_t) { return row == 2 ? value : 0.0f; });
    ModelProgram grown = make(1, [&](size_t row, size_t) { return row == 2 ? value : 0.0f; });
    Comparer comparer(base, grown, {});
    std::vector<int32_t> tokens(6, 1), targets(6, 3);
    ASSERT_TRUE(comparer.add(tokens, targets).ok());
    Comparison result = comparer.result();
    EXPECT_EQ(result.notFiniteBase, 6u);
    EXPECT_EQ(result.notFiniteGrown, 6u);
    for (double number : {result.meanSquaredError, result.largestDifference, result.divergence, result.agreement,
                          result.lossBase, result.lossGrown})
      EXPECT_TRUE(std::isnan(number)) << number;
  }
}

TEST_F(EvalTest, StreamsAreComparedThroughTheMapOfTheirCoordinates) {
  // Streams of ones; expected are 1, 1, 0.5 and 0.
  auto zero = [](size_t, size_t) { return 0.0f; };
  ModelProgram base = make(1, zero), grown = make(1, zero);
  auto compare = [&](const std::vector<schema::Run> &runs) -> Result<double> {
    schema::AxisMapT map;
    map.runs = runs;
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(schema::AxisMap::Pack(builder, &map));
    TRITTER_ASSIGN(AxisMap read, AxisMap::read(*flatbuffers::GetRoot<schema::AxisMap>(builder.GetBufferPointer())));
    Comparer comparer(base, grown, {{"residual.0", "residual.0", read}});
    TRITTER_RETURN_IF_ERROR(comparer.add(std::vector<int32_t>(6), std::vector<int32_t>(6)));
    return comparer.result().residualErrors.at(0);
  };
  Result<double> error = compare({{1, 3, 1, 1, 1, 1}, {1, 0, 1, 1, 1, 1}, {1, -2, 0, 1, 2, 1}, {1, -1, 0, 0, 1, 1}});
  ASSERT_TRUE(error.ok()) << error.status().message();
  EXPECT_NEAR(*error, std::sqrt((0.25 + 1) / (1 + 1 + 0.25)), 1e-12);
  EXPECT_FALSE(compare({{4, 1, 1, 1, 1, 1}}).ok());
  EXPECT_FALSE(compare({{3, 0, 1, 1, 1, 1}}).ok());
}

TEST_F(EvalTest, DifferencesAreMeasured) {
  // Logits 0 everywhere; logit 3 is 2 in the grown model.
  ModelProgram base = make(1, [](size_t, size_t) { return 0.0f; });
  ModelProgram grown = make(1, [](size_t row, size_t) { return row == 3 ? 0.5f : 0.0f; });
  Comparer comparer(base, grown, {});
  std::vector<int32_t> tokens = {0, 1, 2, 3, 4, 5}, targets = {3, 3, 3, 3, 3, 3};
  ASSERT_TRUE(comparer.add(tokens, targets).ok());
  Comparison result = comparer.result();
  EXPECT_DOUBLE_EQ(result.meanSquaredError, 4.0 / 8);
  EXPECT_DOUBLE_EQ(result.largestDifference, 2);
  double sum = std::log(7 + std::exp(2.0));
  EXPECT_NEAR(result.lossBase, std::log(8.0), 1e-12);
  EXPECT_NEAR(result.lossGrown, sum - 2, 1e-6);
  EXPECT_NEAR(result.divergence, -std::log(8.0) - (2.0 / 8 - sum), 1e-6);
  EXPECT_EQ(result.agreement, 0);
}

TEST_F(EvalTest, GreedyGenerationTakesTheLargest) {
  ModelProgram program = make(1, [](size_t row, size_t) { return row == 5 ? 1.0f : 0.0f; });
  TokenSampler sampler({.temperature = 0});
  std::vector<int32_t> made;
  // More tokens than the window holds.
  ASSERT_TRUE(generate(program, {1, 2}, 9, sampler, [&](int32_t token) {
                made.push_back(token);
                return true;
              }).ok());
  EXPECT_EQ(made, std::vector<int32_t>(9, 5));
}

TEST_F(EvalTest, NothingIsGeneratedOfLogitsThatAreNoNumbers) {
  ModelProgram program = make(1, [](size_t row, size_t) { return row == 5 ? std::nanf("") : 0.0f; });
  TokenSampler sampler({.temperature = 0});
  Status status = generate(program, {1, 2}, 9, sampler, [](int32_t) { return true; });
  EXPECT_NE(status.message().find("is no number"), std::string::npos) << status.message();
}

TEST(TokenSamplerTest, DrawsByProbabilityWithinTopKAndTopP) {
  std::vector<float> logits = {0.0f, std::log(2.0f), std::log(4.0f), std::log(1e-3f)};
  auto counts = [&](const SamplingOptions &options) {
    TokenSampler sampler(options);
    std::map<int32_t, int> counts;
    for (int i = 0; i < 7000; ++i)
      ++counts[sampler.next(logits)];
    return counts;
  };
  auto all = counts({.temperature = 1});
  EXPECT_NEAR(all[0], 1000, 120);
  EXPECT_NEAR(all[1], 2000, 150);
  EXPECT_NEAR(all[2], 4000, 150);
  EXPECT_EQ(counts({.temperature = 1, .topK = 2}).count(0), 0u);
  EXPECT_EQ(counts({.temperature = 1, .topP = 0.5}).size(), 1u);
  EXPECT_EQ(counts({.temperature = 1, .topP = 0.8}).size(), 2u);
  EXPECT_EQ(counts({.temperature = 1, .seed = 3}), counts({.temperature = 1, .seed = 3}));
}

} // namespace
