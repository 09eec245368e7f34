// A step with a frozen second model and a loss of two terms, against PyTorch (make_objective_golden.py).

#include "runtime/device/cpu/cpu_device.h"
#include "runtime/device/reference/reference_device.h"
#include "test/Golden/compiled_model.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

using namespace tritter;
using namespace tritter::testing;

namespace {

/// The numbers of objective.golden by kind and key.
std::map<std::string, Values> readGolden() {
  std::map<std::string, Values> golden;
  std::istringstream lines(goldenFile("objective.golden"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, key;
    words >> kind >> key;
    for (double value; words >> value;)
      golden[kind + " " + key].push_back(value);
  }
  EXPECT_EQ(golden.size(), 15u);
  return golden;
}

struct Case {
  std::string precision;
  std::unique_ptr<Device> (*device)(const DeviceOptions &);
  double tolerance;

  friend std::ostream &operator<<(std::ostream &out, const Case &c) { return out << c.precision; }
};

class Objective : public ::testing::TestWithParam<Case> {};

TEST_P(Objective, AgreesWithPyTorch) {
  const Case &c = GetParam();
  std::map<std::string, Values> golden = readGolden();
  CompiledModel model(goldenFile("objective.mlir"),
                      "--head-rows 7 --entries step,accumulate,evaluate --precision " + c.precision, c.device({}));
  model.setParameters();
  model.setTokens(0);
  model.run("step");
  auto expectScalars = [&](auto expected) {
    for (std::string name : {"loss", "term.cross_entropy", "term.alignment"})
      EXPECT_NEAR(model.scalar(name), expected(name), c.tolerance) << name;
  };
  auto first = [&](const std::string &name) { return golden.at(name + " 0").at(0); };
  expectScalars(first);
  for (const schema::Parameter *parameter : model.parameters()) {
    if (parameter->model())
      continue;
    Values found = model.gradient(*parameter), expected = golden.at("gradient " + parameter->name()->str());
    ASSERT_EQ(found.size(), expected.size());
    double error = 0, norm = 0;
    for (size_t i = 0; i < found.size(); ++i) {
      error += (found[i] - expected[i]) * (found[i] - expected[i]);
      norm += expected[i] * expected[i];
    }
    EXPECT_LE(std::sqrt(error), c.tolerance * std::sqrt(norm)) << parameter->name()->str();
  }

  // Two batches of half the weight each: the mean of both, added up where the program runs.
  model.setScalar("loss_scale", 0.5);
  model.run("step");
  model.setTokens(1);
  model.setScalar("loss_scale", 0.5);
  model.run("accumulate");
  expectScalars([&](const std::string &name) { return (first(name) + golden.at(name + " 1").at(0)) / 2; });

  // An evaluation knows neither the teacher nor the weights of terms.
  model.setTokens(0);
  model.run("evaluate");
  EXPECT_NEAR(model.scalar("loss"), first("term.cross_entropy"), c.tolerance);
}

INSTANTIATE_TEST_SUITE_P(All, Objective,
                         ::testing::Values(Case{"f64", createReferenceDevice, 1e-12}, Case{"f32", createCpuDevice, 1e-5},
                                           Case{"bf16", createCpuDevice, 0.05}),
                         [](const auto &info) { return info.param.precision; });

TEST(Objective, FrozenModelCostsNothingButItsForward) {
  CompiledModel model(goldenFile("objective.mlir"), "--entries step,update --target none", createReferenceDevice());
  int frozen = 0;
  for (const schema::Parameter *parameter : model.parameters()) {
    if (!parameter->model()) {
      EXPECT_TRUE(parameter->trainable()) << parameter->name()->str();
      continue;
    }
    ++frozen;
    EXPECT_EQ(parameter->model()->str(), "teacher");
    EXPECT_FALSE(parameter->trainable());
    EXPECT_FALSE(parameter->gradient());
    EXPECT_TRUE(!parameter->states() || parameter->states()->size() == 0);
    EXPECT_TRUE(parameter->value());
  }
  EXPECT_EQ(frozen, 3);
  for (const schema::Sequence *sequence : *model.executable().sequences())
    EXPECT_EQ(sequence->name()->string_view().find("narrow.backward"), std::string_view::npos);
  EXPECT_EQ(model.executable().model_name()->str(), "student");
  EXPECT_EQ(model.executable().model_ir()->string_view().find("@teacher"), std::string_view::npos);
}

} // namespace
