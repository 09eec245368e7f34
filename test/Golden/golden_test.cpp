// Whole training steps against PyTorch: gradients of every parameter and 20 losses of two tiny models (make_golden.py).

#include "runtime/device/reference/reference_device.h"
#include "runtime/device/registry.h"
#include "test/Golden/compiled_model.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

using namespace tritter;
using namespace tritter::testing;

namespace {

struct Golden {
  std::vector<double> losses, norms;
  std::map<std::string, Values> gradients;
};

Golden readGolden(const std::string &name) {
  Golden golden;
  std::istringstream lines(goldenFile(name + ".golden"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, key;
    words >> kind >> key;
    Values values;
    for (double value; words >> value;)
      values.push_back(value);
    if (kind == "gradient")
      golden.gradients[key] = values;
    else
      (kind == "loss" ? golden.losses : golden.norms).push_back(values.at(0));
  }
  EXPECT_EQ(golden.losses.size(), 20u);
  EXPECT_EQ(golden.norms.size(), 20u);
  return golden;
}

double norm(const Values &values) {
  double sum = 0;
  for (double value : values)
    sum += value * value;
  return std::sqrt(sum);
}

/// The relative distance of two vectors.
double distance(const Values &found, const Values &expected) {
  Values difference(expected.size());
  EXPECT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < std::min(found.size(), expected.size()); ++i)
    difference[i] = found[i] - expected[i];
  return norm(difference) / norm(expected);
}

/// The gradients of keys' biases are zero but for rounding: a softmax does not see what is added to all its inputs.
bool isZero(const std::string &path, const Values &gradient) {
  return path.ends_with("attn.k.bias") && norm(gradient) < 1e-15;
}

/// Compares the gradients of all that is trained.
void checkGradients(CompiledModel &model, std::map<std::string, Values> expected, double tolerance) {
  for (const schema::Parameter *parameter : model.parameters()) {
    std::string path = parameter->name()->str();
    ASSERT_TRUE(expected.contains(path)) << path;
    if (!parameter->trainable() || isZero(path, expected[path]))
      continue;
    EXPECT_LE(distance(model.gradient(*parameter), expected[path]), tolerance) << path;
  }
}

struct Case {
  const char *model, *precision, *device;
  double gradientTolerance, lossTolerance;

  friend std::ostream &operator<<(std::ostream &out, const Case &c) {
    return out << c.model << " in " << c.precision << " on " << c.device;
  }
};

class GoldenTest : public ::testing::TestWithParam<Case> {};

TEST_P(GoldenTest, GradientsAndLosses) {
  const Case &c = GetParam();
  Golden golden = readGolden(c.model);
  CompiledModel model(goldenFile(std::string(c.model) + ".mlir"),
                      std::string("--head-rows 5 --precision ") + c.precision, *createDevice(c.device));
  model.setParameters();
  ASSERT_EQ(model.parameters().size(), golden.gradients.size());
  for (int step = 0; step < 20; ++step) {
    model.setTokens(step);
    model.run("evaluate");
    EXPECT_NEAR(model.scalar("loss"), golden.losses[step], c.lossTolerance * golden.losses[step]) << "step " << step;
    model.setScalar("loss", -1);
    model.run("step");
    EXPECT_NEAR(model.scalar("loss"), golden.losses[step], c.lossTolerance * golden.losses[step]) << "step " << step;
    if (step == 0)
      checkGradients(model, golden.gradients, c.gradientTolerance);
    model.setUpdate(step);
    model.run("update");
    EXPECT_EQ(model.scalar("finite"), 1);
    EXPECT_NEAR(model.scalar("grad_norm"), golden.norms[step], 10 * c.lossTolerance * golden.norms[step]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, GoldenTest,
    ::testing::Values(Case{"llama", "f64", "reference", 1e-10, 1e-10}, Case{"gpt", "f64", "reference", 1e-10, 1e-10},
                      Case{"llama", "f32", "reference", 1e-5, 1e-5}, Case{"gpt", "f32", "reference", 1e-5, 1e-5},
                      Case{"llama", "f32", "cpu", 1e-5, 1e-5}, Case{"gpt", "f32", "cpu", 1e-5, 1e-5},
                      Case{"llama", "bf16", "cpu", 4e-2, 5e-3}, Case{"gpt", "bf16", "cpu", 4e-2, 5e-3}),
    [](const auto &info) {
      return std::string(info.param.model) + "_" + info.param.precision + "_" + info.param.device;
    });

/// Two halves of a batch, accumulated, are the mean of their gradients.
TEST(Accumulate, IsTheMean) {
  CompiledModel model(goldenFile("llama.mlir"),
                      "--head-rows 5 --precision f64 --target none --entries step,accumulate,update",
                      createReferenceDevice());
  model.setParameters();
  std::map<std::string, Values> expected;
  for (int step = 0; step < 2; ++step) {
    model.setTokens(step);
    model.run("step");
    for (const schema::Parameter *parameter : model.parameters()) {
      Values gradient = model.gradient(*parameter), &sum = expected[parameter->name()->str()];
      sum.resize(gradient.size());
      for (size_t i = 0; i < gradient.size(); ++i)
        sum[i] += gradient[i] / 2;
    }
  }
  for (int step = 0; step < 2; ++step) {
    model.setTokens(step);
    model.setScalar("loss_scale", 0.5);
    model.run(step == 0 ? "step" : "accumulate");
  }
  checkGradients(model, expected, 1e-12);
}

/// What is still trained has the gradients that it had, and an update changes nothing else.
TEST(Freeze, ChangesNoGradient) {
  Golden golden = readGolden("llama");
  CompiledModel model(goldenFile("llama.mlir"),
                      "--precision f64 --target none --train-only layers.1.*,layers.0.mlp.up.weight",
                      createReferenceDevice());
  model.setParameters();
  std::map<std::string, Values> before;
  for (const schema::Parameter *parameter : model.parameters())
    before[parameter->name()->str()] = model.value(*parameter);
  model.setTokens(0);
  model.run("step");
  EXPECT_NEAR(model.scalar("loss"), golden.losses[0], 1e-10);
  int trained = 0;
  for (const schema::Parameter *parameter : model.parameters()) {
    std::string path = parameter->name()->str();
    bool expected = path.starts_with("layers.1.") || path == "layers.0.mlp.up.weight";
    EXPECT_EQ(parameter->trainable(), expected) << path;
    trained += parameter->trainable();
  }
  EXPECT_EQ(trained, 13);
  checkGradients(model, golden.gradients, 1e-10);
  model.setUpdate(0);
  model.run("update");
  for (const schema::Parameter *parameter : model.parameters()) {
    bool same = model.value(*parameter) == before[parameter->name()->str()];
    EXPECT_EQ(same, !parameter->trainable()) << parameter->name()->str();
  }
}

/// A gradient that is not a number leaves everything as it was, and so do later steps, until the host has seen it.
TEST(Update, SkipsNaN) {
  CompiledModel model(goldenFile("llama.mlir"), "--precision f32 --target none", createReferenceDevice());
  model.setParameters();
  model.setTokens(0);
  model.setScalar("loss_scale", NAN);
  model.run("step");
  std::map<std::string, Values> before;
  for (const schema::Parameter *parameter : model.parameters())
    before[parameter->name()->str()] = model.value(*parameter);
  model.setUpdate(0);
  model.run("update");
  EXPECT_EQ(model.scalar("finite"), 0);
  for (const schema::Parameter *parameter : model.parameters())
    EXPECT_EQ(model.value(*parameter), before[parameter->name()->str()]) << parameter->name()->str();

  model.setScalar("loss_scale", 1);
  model.run("step");
  model.run("update");
  EXPECT_EQ(model.scalar("finite"), 0);
  for (const schema::Parameter *parameter : model.parameters())
    EXPECT_EQ(model.value(*parameter), before[parameter->name()->str()]) << parameter->name()->str();
  model.setUpdate(0);
  model.run("update");
  EXPECT_EQ(model.scalar("finite"), 1);
  for (const schema::Parameter *parameter : model.parameters())
    EXPECT_NE(model.value(*parameter), before[parameter->name()->str()]) << parameter->name()->str();
}

} // namespace
