// The kernels of every operation, in the interpreter: forward against plain formulas, gradients against finite
// differences in f64.

#include "lib/Codegen/block_runner.h"
#include "runtime/device/reference/reference_device.h"

#include <cmath>

using namespace tritter;
using namespace tritter::testing;

static void lower(mlir::OpPassManager &manager) {
  manager.addPass(mlir::tritter::createTritterToRowPass());
  manager.addPass(mlir::tritter::createRowOutlinePass());
}

namespace {

struct Runner : BlockRunner {
  explicit Runner(const std::string &text) : BlockRunner(text, lower) {}
  std::vector<Values> operator()(const std::vector<Values> &inputs) { return run(*device, inputs); }
  std::unique_ptr<Device> device = createReferenceDevice();
};

Values random(size_t count, uint64_t seed, double scale = 1) {
  Numbers numbers(seed);
  Values result(count);
  for (double &value : result)
    value = scale * numbers.next();
  return result;
}

double dot(const Values &a, const Values &b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i)
    sum += a[i] * b[i];
  return sum;
}

/// `backward` takes the gradient of `forward`'s result and then `forward`'s inputs, and yields the gradients of the
/// first of these. Compares directional derivatives.
void checkGradient(const std::string &forward, const std::string &backward, std::vector<Values> inputs,
                   size_t resultSize) {
  Runner f(forward), b(backward);
  Values seed = random(resultSize, 99);
  std::vector<Values> gradientInputs{seed};
  gradientInputs.insert(gradientInputs.end(), inputs.begin(), inputs.end());
  std::vector<Values> gradients = b(gradientInputs);
  for (size_t i = 0; i < gradients.size(); ++i) {
    Values direction = random(inputs[i].size(), 7 + i);
    double step = 1e-5;
    auto moved = [&](double by) {
      std::vector<Values> x = inputs;
      for (size_t j = 0; j < x[i].size(); ++j)
        x[i][j] += by * direction[j];
      return dot(f(x)[0], seed);
    };
    double expected = (moved(step) - moved(-step)) / (2 * step);
    EXPECT_NEAR(dot(gradients[i], direction), expected, 1e-7 * std::max(1.0, std::abs(expected)))
        << "the gradient of input " << i;
  }
}

TEST(Lowering, RmsNorm) {
  Runner run(R"(tritter.block @f(%x: tensor<2x3x5xf32>, %w: tensor<5xf32>) -> tensor<2x3x5xf32> {
    %y = tritter.rms_norm %x, %w {eps = 1.0e-1 : f64} : tensor<2x3x5xf32>, tensor<5xf32>
    tritter.yield %y : tensor<2x3x5xf32>
  })");
  Values x = random(30, 1), w = random(5, 2), y = run({x, w})[0];
  for (int row = 0; row < 6; ++row) {
    double squares = 0;
    for (int c = 0; c < 5; ++c)
      squares += x[row * 5 + c] * x[row * 5 + c];
    for (int c = 0; c < 5; ++c)
      EXPECT_NEAR(y[row * 5 + c], w[c] * x[row * 5 + c] / std::sqrt(squares / 5 + 0.1), 1e-6);
  }
}

TEST(Lowering, NormGradients) {
  checkGradient(R"(tritter.block @f(%x: tensor<2x70x5xf64>, %w: tensor<5xf64>) -> tensor<2x70x5xf64> {
    %y = tritter.rms_norm %x, %w {eps = 1.0e-1 : f64} : tensor<2x70x5xf64>, tensor<5xf64>
    tritter.yield %y : tensor<2x70x5xf64>
  })",
                R"(
  tritter.block @g(%dy: tensor<2x70x5xf64>, %x: tensor<2x70x5xf64>, %w: tensor<5xf64>)
      -> (tensor<2x70x5xf64>, tensor<5xf64>) {
    %dx, %dw = tritter.rms_norm_grad %dy, %x, %w {eps = 1.0e-1 : f64} : tensor<2x70x5xf64>, tensor<2x70x5xf64>, tensor<5xf64>
    tritter.yield %dx, %dw : tensor<2x70x5xf64>, tensor<5xf64>
  })",
                {random(700, 1), random(5, 2)}, 700);
  checkGradient(R"(
  tritter.block @f(%x: tensor<2x70x5xf64>, %w: tensor<5xf64>, %b: tensor<5xf64>) -> tensor<2x70x5xf64> {
    %y = tritter.layer_norm %x, %w bias %b {eps = 1.0e-1 : f64} : tensor<2x70x5xf64>, tensor<5xf64>, tensor<5xf64>
    tritter.yield %y : tensor<2x70x5xf64>
  })",
                R"(
  tritter.block @g(%dy: tensor<2x70x5xf64>, %x: tensor<2x70x5xf64>, %w: tensor<5xf64>, %b: tensor<5xf64>)
      -> (tensor<2x70x5xf64>, tensor<5xf64>, tensor<5xf64>) {
    %dx, %dw, %db = tritter.layer_norm_grad %dy, %x, %w {eps = 1.0e-1 : f64} : tensor<2x70x5xf64>, tensor<2x70x5xf64>, tensor<5xf64>
    tritter.yield %dx, %dw, %db : tensor<2x70x5xf64>, tensor<5xf64>, tensor<5xf64>
  })",
                {random(700, 1), random(5, 2), random(5, 3)}, 700);
}

TEST(Lowering, LayerNorm) {
  Runner run(R"(tritter.block @f(%x: tensor<3x4xf32>, %w: tensor<4xf32>) -> tensor<3x4xf32> {
    %y = tritter.layer_norm %x, %w {eps = 0.0 : f64} : tensor<3x4xf32>, tensor<4xf32>
    tritter.yield %y : tensor<3x4xf32>
  })");
  Values y = run({{1, 2, 3, 4, 2, 2, 4, 4, -1, 1, -1, 1}, {1, 1, 1, 2}})[0];
  double a = 1.5 / std::sqrt(1.25), b = 0.5 / std::sqrt(1.25);
  Values expected{-a, -b, b, 2 * a, -1, -1, 1, 2, -1, 1, -1, 2};
  for (size_t i = 0; i < 12; ++i)
    EXPECT_NEAR(y[i], expected[i], 1e-6) << i;
}

double activation(const std::string &kind, double x) {
  if (kind == "silu")
    return x / (1 + std::exp(-x));
  if (kind == "gelu")
    return x * 0.5 * std::erfc(-x / std::sqrt(2));
  return kind == "relu" ? std::max(x, 0.0) : std::max(x, 0.0) * std::max(x, 0.0);
}

TEST(Lowering, Activations) {
  for (const std::string kind : {"silu", "gelu", "relu", "squared_relu"}) {
    SCOPED_TRACE(kind);
    std::string forward = "tritter.block @f(%x: tensor<3x7xf64>) -> tensor<3x7xf64> {\n%y = tritter.activation " +
                          kind + " %x : tensor<3x7xf64>\ntritter.yield %y : tensor<3x7xf64>\n}";
    std::string backward = "tritter.block @g(%dy: tensor<3x7xf64>, %x: tensor<3x7xf64>) -> tensor<3x7xf64> {\n"
                           "%dx = tritter.activation_grad " +
                           kind + " %dy, %x : tensor<3x7xf64>\ntritter.yield %dx : tensor<3x7xf64>\n}";
    Values x = random(21, 4, 5);
    Values y = Runner(forward)({x})[0];
    for (size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(y[i], activation(kind, x[i]), 1e-12);
    checkGradient(forward, backward, {x}, x.size());
  }
}

TEST(Lowering, Rope) {
  const std::string type = "tensor<2x3x2x6xf64>";
  auto text = [&](const std::string &inverse) {
    return "tritter.block @f(%x: " + type + ") -> " + type + " {\n%y = tritter.rope %x {" + inverse +
           "theta = 100.0 : f64} : " + type + "\ntritter.yield %y : " + type + "\n}";
  };
  Values x = random(72, 5), y = Runner(text(""))({x})[0], back = Runner(text("inverse, "))({y})[0];
  for (int row = 0; row < 12; ++row)
    for (int c = 0; c < 3; ++c) {
      double angle = double(row / 2 % 3) * std::pow(100.0, -2.0 * c / 6);
      double low = x[row * 6 + c], high = x[row * 6 + c + 3];
      EXPECT_NEAR(y[row * 6 + c], low * std::cos(angle) - high * std::sin(angle), 1e-12);
      EXPECT_NEAR(y[row * 6 + c + 3], high * std::cos(angle) + low * std::sin(angle), 1e-12);
    }
  for (size_t i = 0; i < x.size(); ++i)
    EXPECT_NEAR(back[i], x[i], 1e-12);
}

TEST(Lowering, Embeddings) {
  Runner run(R"(
  tritter.block @f(%t: tensor<2x3xi32>, %table: tensor<9x5xf32>, %positions: tensor<4x5xf32>) -> tensor<2x3x5xf32> {
    %x = tritter.embedding %t, %table : tensor<2x3xi32>, tensor<9x5xf32>
    %y = tritter.position_embedding %x, %positions : tensor<2x3x5xf32>, tensor<4x5xf32>
    tritter.yield %y : tensor<2x3x5xf32>
  })");
  Values tokens{8, 0, 3, 3, 1, 8}, table = random(45, 1), positions = random(20, 2);
  Values y = run({tokens, table, positions})[0];
  for (int row = 0; row < 6; ++row)
    for (int c = 0; c < 5; ++c)
      EXPECT_NEAR(y[row * 5 + c], table[int(tokens[row]) * 5 + c] + positions[row % 3 * 5 + c], 1e-6);

  Runner gradient(R"(tritter.block @g(%dy: tensor<2x3x5xf32>) -> tensor<4x5xf32> {
    %d = tritter.position_embedding_grad %dy : tensor<2x3x5xf32> -> tensor<4x5xf32>
    tritter.yield %d : tensor<4x5xf32>
  })");
  Values dy = random(30, 3), d = gradient({dy})[0];
  for (int i = 0; i < 20; ++i)
    EXPECT_NEAR(d[i], i < 15 ? dy[i] + dy[i + 15] : 0, 1e-6);
}

/// More sequences than one kernel has views for; positions beyond the sequence get 0.
TEST(Lowering, PositionsOfALargeBatch) {
  Runner gradient(R"(tritter.block @g(%dy: tensor<70x3x5xf64>) -> tensor<4x5xf64> {
    %d = tritter.position_embedding_grad %dy : tensor<70x3x5xf64> -> tensor<4x5xf64>
    tritter.yield %d : tensor<4x5xf64>
  })");
  Values dy = random(1050, 3), d = gradient({dy})[0], expected(20);
  for (int i = 0; i < 1050; ++i)
    expected[i % 15] += dy[i];
  for (int i = 0; i < 20; ++i)
    EXPECT_NEAR(d[i], expected[i], 1e-12);
}

TEST(Lowering, CrossEntropy) {
  const std::string forward = R"(
  tritter.block @f(%x: tensor<6x7xf64>, %t: tensor<6xi32>) -> tensor<6xf64> {
    %l = tritter.cross_entropy %x, %t : tensor<6x7xf64>, tensor<6xi32>
    tritter.yield %l : tensor<6xf64>
  })";
  const std::string backward = R"(
  tritter.block @g(%x: tensor<6x7xf64>, %t: tensor<6xi32>, %s: tensor<f64>) -> tensor<6x7xf64> {
    %dx = tritter.cross_entropy_grad %x, %t, %s {weight = 0.5 : f64} : tensor<6x7xf64>, tensor<6xi32>, tensor<f64>
    tritter.yield %dx : tensor<6x7xf64>
  })";
  Values x = random(42, 1, 30), t{0, 6, 3, 2, 2, 5};
  Values losses = Runner(forward)({x, t})[0], dx = Runner(backward)({x, t, {4}})[0];
  for (int row = 0; row < 6; ++row) {
    double sum = 0;
    for (int c = 0; c < 7; ++c)
      sum += std::exp(x[row * 7 + c]);
    EXPECT_NEAR(losses[row], std::log(sum) - x[row * 7 + int(t[row])], 1e-10);
    for (int c = 0; c < 7; ++c)
      EXPECT_NEAR(dx[row * 7 + c], 2 * (std::exp(x[row * 7 + c]) / sum - (c == t[row])), 1e-10);
  }
}

TEST(Lowering, SumsOverEverything) {
  Runner run(R"(
  tritter.block @f(%x: tensor<130x9xf32>) -> (tensor<f32>, tensor<f32>, tensor<9xf32>) {
    %m = tritter.mean %x : tensor<130x9xf32>
    %s = tritter.sum_of_squares %x : tensor<130x9xf32>
    %r = tritter.sum_rows %x : tensor<130x9xf32>
    tritter.yield %m, %s, %r : tensor<f32>, tensor<f32>, tensor<9xf32>
  })");
  Values x = random(1170, 8);
  std::vector<Values> sums = run({x});
  double total = 0, squares = 0;
  Values columns(9);
  for (size_t i = 0; i < x.size(); ++i) {
    total += x[i];
    squares += x[i] * x[i];
    columns[i % 9] += x[i];
  }
  EXPECT_NEAR(sums[0][0], total / 1170, 1e-7);
  EXPECT_NEAR(sums[1][0], squares, 1e-3);
  for (int c = 0; c < 9; ++c)
    EXPECT_NEAR(sums[2][c], columns[c], 1e-5);
}

TEST(Lowering, Clip) {
  Runner run(R"(
  tritter.block @f(%s: tensor<f32>, %l: tensor<f32>, %loss: tensor<f32>, %was: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>) {
    %n, %f, %ok = tritter.clip %s, %l, %loss, %was : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
    tritter.yield %n, %f, %ok : tensor<f32>, tensor<f32>, tensor<f32>
  })");
  auto check = [&](double squares, double limit, double factor, double finite) {
    std::vector<Values> r = run({{squares}, {limit}, {2.5}, {1}});
    EXPECT_NEAR(r[1][0], factor, 1e-6);
    EXPECT_EQ(r[2][0], finite);
  };
  check(16, 1, 0.25, 1);
  check(0.25, 1, 1, 1);
  check(16, 0, 1, 1);
  auto finite = [&](double squares, double loss, double before) {
    return run({{squares}, {1}, {loss}, {before}})[2][0];
  };
  EXPECT_EQ(finite(INFINITY, 1, 1), 0);
  EXPECT_EQ(finite(NAN, 1, 1), 0);
  EXPECT_EQ(finite(1, -3, 1), 1);
  for (double loss : {double(INFINITY), double(-INFINITY), double(NAN)})
    EXPECT_EQ(finite(1, loss, 1), 0) << loss;
  // Once it is not, it stays so.
  EXPECT_EQ(finite(1, 1, 0), 0);
}

/// Three steps of one parameter, worked out as torch.optim.AdamW does; then one that is not finite.
TEST(Lowering, AdamW) {
  Runner run(R"(
  tritter.block @f(%w: tensor<2x8xf32>, %g: tensor<2x8xf32>, %m: tensor<2x8xf32>, %v: tensor<2x8xf32>, %factor: tensor<f32>,
      %finite: tensor<f32>, %lr: tensor<f32>, %b1: tensor<f32>, %b2: tensor<f32>, %eps: tensor<f32>, %c1: tensor<f32>,
      %c2: tensor<f32>, %wd: tensor<f32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
    %nw, %nm, %nv = tritter.adamw %w, %g, %m, %v, %factor, %finite, %lr, %b1, %b2, %eps, %c1, %c2, %wd
      : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<f32>, tensor<f32>, tensor<f32>,
        tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
    tritter.yield %nw, %nm, %nv : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
  })");
  Values w = random(16, 1), m(16), v(16);
  std::vector<Values> state{w, m, v};
  for (int t = 1; t <= 3; ++t) {
    Values g = random(16, 10 + t);
    state = run({state[0],
                 g,
                 state[1],
                 state[2],
                 {0.5},
                 {1},
                 {0.01},
                 {0.9},
                 {0.95},
                 {1e-8},
                 {1 - std::pow(0.9, t)},
                 {1 - std::pow(0.95, t)},
                 {0.1}});
    for (int i = 0; i < 16; ++i) {
      double scaled = 0.5 * g[i];
      m[i] = 0.9 * m[i] + 0.1 * scaled;
      v[i] = 0.95 * v[i] + 0.05 * scaled * scaled;
      w[i] -= 0.01 * 0.1 * w[i];
      w[i] -= 0.01 * (m[i] / (1 - std::pow(0.9, t))) / (std::sqrt(v[i] / (1 - std::pow(0.95, t))) + 1e-8);
      EXPECT_NEAR(state[0][i], w[i], 2e-6);
      EXPECT_NEAR(state[1][i], m[i], 1e-6);
      EXPECT_NEAR(state[2][i], v[i], 1e-6);
    }
  }
  std::vector<Values> skipped = run(
      {state[0], Values(16, NAN), state[1], state[2], {1}, {0}, {0.01}, {0.9}, {0.95}, {1e-8}, {0.1}, {0.1}, {0.1}});
  EXPECT_EQ(skipped, state);
}

TEST(Lowering, Casts) {
  Runner run(R"(tritter.block @f(%x: tensor<2x3xf32>) -> (tensor<2x3xbf16>, tensor<2x3xf64>) {
    %y = tritter.cast %x : tensor<2x3xf32> -> tensor<2x3xbf16>
    %z = tritter.cast %x : tensor<2x3xf32> -> tensor<2x3xf64>
    tritter.yield %y, %z : tensor<2x3xbf16>, tensor<2x3xf64>
  })");
  Values x{1, 1.00390625, 1.01171875, -2.5, 0.1, 3}, kept{1, 1, 1.015625, -2.5, 0.10009765625, 3};
  std::vector<Values> results = run({x});
  EXPECT_EQ(results[0], kept);
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(results[1][i], float(x[i]));
}

} // namespace
