// Native kernels against the interpreter, and fused kernels against unfused ones, at odd sizes.

#include "lib/Codegen/block_runner.h"
#include "runtime/device/cpu/cpu_device.h"
#include "runtime/device/reference/reference_device.h"
#include "tritter/Codegen/Targets.h"

#include <cmath>

using namespace tritter;
using namespace tritter::testing;

namespace {

void addNativeCode(mlir::ModuleOp module, schema::ExecutableT &executable) {
  auto target = mlir::row::emitCpuTarget(module, executable);
  ASSERT_TRUE(mlir::succeeded(target));
  (*target)->name = "cpu";
  executable.targets.push_back(std::move(*target));
}

struct Case {
  const char *name;
  std::string text;
  /// Elements of each argument, and how large they are.
  std::vector<std::pair<size_t, double>> inputs;
  double tolerance = 2e-6;
};

std::string block(const std::string &signature, const std::string &body) {
  return "tritter.block @f" + signature + " {\n" + body + "\n}";
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (int columns : {1, 7, 16, 61, 64, 517}) {
    std::string x = "tensor<37x" + std::to_string(columns) + "xf32>",
                half = "tensor<37x" + std::to_string(columns) + "xbf16>";
    std::string w = "tensor<" + std::to_string(columns) + "xf32>";
    size_t n = 37 * size_t(columns);
    all.push_back(
        {"residual and norm",
         block("(%x: " + x + ", %y: " + half + ", %w: " + w + ") -> (" + x + ", " + half + ")",
               "%z = tritter.cast %y : " + half + " -> " + x + "\n%s = tritter.add %x, %z : " + x +
                   "\n%n = tritter.rms_norm %s, %w {eps = 1.0e-5 : f64} : " + x + ", " + w +
                   "\n%b = tritter.cast %n : " + x + " -> " + half + "\ntritter.yield %s, %b : " + x + ", " + half),
         {{n, 1}, {n, 1}, {size_t(columns), 1}},
         8e-3});
    all.push_back(
        {"norm gradients",
         block("(%dy: " + x + ", %x: " + x + ", %w: " + w + ") -> (" + x + ", " + w + ", " + x + ", " + w + ", " + w +
                   ")",
               "%a, %b = tritter.rms_norm_grad %dy, %x, %w {eps = 1.0e-2 : f64} : " + x + ", " + x + ", " + w +
                   "\n%c, %d, %e = tritter.layer_norm_grad %dy, %x, %w {eps = 1.0e-2 : f64} : " + x + ", " + x + ", " +
                   w + "\ntritter.yield %a, %b, %c, %d, %e : " + x + ", " + w + ", " + x + ", " + w + ", " + w),
         {{n, 1}, {n, 1}, {size_t(columns), 1}},
         3e-5});
    for (const std::string kind : {"silu", "gelu", "relu", "squared_relu"})
      all.push_back({"activation",
                     block("(%x: " + x + ", %y: " + x + ") -> (" + x + ", " + x + ")",
                           "%a = tritter.activation " + kind + " %x : " + x + "\n%m = tritter.mul %a, %y : " + x +
                               "\n%g = tritter.activation_grad " + kind + " %m, %x : " + x +
                               "\ntritter.yield %m, %g : " + x + ", " + x),
                     {{n, 10}, {n, 2}},
                     1e-5});
    all.push_back({"loss",
                   block("(%x: " + x + ", %t: tensor<37xi32>, %s: tensor<f32>) -> (tensor<f32>, " + x + ")",
                         "%l = tritter.cross_entropy %x, %t : " + x +
                             ", tensor<37xi32>\n%m = tritter.mean %l : tensor<37xf32>\n"
                             "%d = tritter.cross_entropy_grad %x, %t, %s {weight = 1.0 : f64} : " +
                             x +
                             ", tensor<37xi32>, tensor<f32>\n"
                             "tritter.yield %m, %d : tensor<f32>, " +
                             x),
                   {{n, 20}, {37, double(columns)}, {1, 3}},
                   1e-5});
  }
  all.push_back({"rope",
                 block("(%q: tensor<2x5x24xbf16>) -> tensor<2x5x24xbf16>",
                       "%h = tritter.split_heads %q : tensor<2x5x24xbf16> -> tensor<2x5x2x12xbf16>\n"
                       "%f = tritter.cast %h : tensor<2x5x2x12xbf16> -> tensor<2x5x2x12xf32>\n"
                       "%r = tritter.rope %f {theta = 10000.0 : f64} : tensor<2x5x2x12xf32>\n"
                       "%b = tritter.cast %r : tensor<2x5x2x12xf32> -> tensor<2x5x2x12xbf16>\n"
                       "%m = tritter.merge_heads %b : tensor<2x5x2x12xbf16>\n"
                       "tritter.yield %m : tensor<2x5x24xbf16>"),
                 {{240, 1}},
                 8e-3});
  all.push_back({"embedding",
                 block("(%t: tensor<3x5xi32>, %e: tensor<9x21xbf16>, %p: tensor<5x21xf32>) -> (tensor<3x5x21xf32>, "
                       "tensor<8x21xf32>)",
                       "%x = tritter.embedding %t, %e : tensor<3x5xi32>, tensor<9x21xbf16>\n"
                       "%y = tritter.position_embedding %x, %p : tensor<3x5x21xf32>, tensor<5x21xf32>\n"
                       "%g = tritter.position_embedding_grad %y : tensor<3x5x21xf32> -> tensor<8x21xf32>\n"
                       "tritter.yield %y, %g : tensor<3x5x21xf32>, tensor<8x21xf32>"),
                 {{15, 9}, {189, 1}, {105, 1}}});
  std::string s = "tensor<f32>", m = "tensor<3x1024xf32>";
  all.push_back(
      {"update",
       block("(%w: " + m + ", %g: " + m + ", %m: " + m + ", %v: " + m + ", %clip: " + s + ", %lr: " + s +
                 ", %b1: " + s + ", %b2: " + s + ", %eps: " + s + ", %c1: " + s + ", %c2: " + s + ", %wd: " + s +
                 ") -> (" + s + ", " + m + ", " + m + ", " + m + ", tensor<3x1024xbf16>)",
             "%q = tritter.sum_of_squares %g : " + m + "\n%n, %f, %ok = tritter.clip %q, %clip, %lr, %b1 : " + s +
                 ", " + s + ", " + s + ", " + s +
                 "\n%nw, %nm, %nv = tritter.adamw %w, %g, %m, %v, %f, %ok, %lr, %b1, %b2, %eps, %c1, %c2, %wd : " + m +
                 ", " + m + ", " + m + ", " + m + ", " + s + ", " + s + ", " + s + ", " + s + ", " + s + ", " + s +
                 ", " + s + ", " + s + ", " + s + "\n%b = tritter.cast %nw : " + m +
                 " -> tensor<3x1024xbf16>\ntritter.yield %n, %nw, %nm, %nv, %b : " + s + ", " + m + ", " + m + ", " +
                 m + ", tensor<3x1024xbf16>"),
       {{3072, 1},
        {3072, 1},
        {3072, 0.1},
        {3072, -0.1},
        {1, -1},
        {1, -0.1},
        {1, -0.9},
        {1, -0.9},
        {1, -0.1},
        {1, -1},
        {1, -1},
        {1, -0.1}},
       8e-3});
  return all;
}

/// Negative scale: positive numbers. Scale above 4 with few elements and i32 arguments: whole numbers.
std::vector<Values> inputsOf(const Case &test, BlockRunner &runner) {
  std::vector<Values> inputs;
  auto block = *runner.module().getOps<mlir::tritter::BlockOp>().begin();
  Numbers numbers(3);
  for (auto [number, input] : llvm::enumerate(test.inputs)) {
    Values values(input.first);
    bool whole = mlir::cast<mlir::RankedTensorType>(block.getArgumentTypes()[number]).getElementType().isInteger(32);
    for (double &value : values) {
      double random = numbers.next();
      if (whole)
        value = std::floor(std::abs(random) * input.second);
      else
        value = input.second < 0 ? -input.second * std::max(std::abs(random), 0.05) : random * input.second;
    }
    inputs.push_back(values);
  }
  return inputs;
}

void compare(const std::vector<Values> &expected, const std::vector<Values> &found, double tolerance) {
  ASSERT_EQ(expected.size(), found.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(expected[i].size(), found[i].size());
    double scale = 1e-3;
    for (double value : expected[i])
      scale = std::max(scale, std::abs(value));
    for (size_t j = 0; j < expected[i].size(); ++j)
      ASSERT_NEAR(expected[i][j], found[i][j], tolerance * scale) << "result " << i << ", element " << j;
  }
}

void unfused(mlir::OpPassManager &manager) {
  manager.addPass(mlir::tritter::createTritterToRowPass());
  manager.addPass(mlir::tritter::createRowOutlinePass());
}
void fused(mlir::OpPassManager &manager) {
  manager.addPass(mlir::tritter::createTritterToRowPass());
  manager.addPass(mlir::tritter::createRowFusePass());
  manager.addPass(mlir::tritter::createRowOutlinePass());
}

TEST(Native, AgreesWithTheInterpreter) {
  auto reference = createReferenceDevice(), cpu = createCpuDevice();
  for (const Case &test : cases()) {
    SCOPED_TRACE(test.name);
    SCOPED_TRACE(test.text);
    BlockRunner plain(test.text, unfused), joined(test.text, fused);
    std::vector<Values> inputs = inputsOf(test, plain);
    std::vector<Values> expected = plain.run(*reference, inputs);
    ASSERT_NO_FATAL_FAILURE(compare(expected, joined.run(*reference, inputs), test.tolerance));
    size_t native = 0;
    joined.finish = [&](schema::ExecutableT &executable) {
      addNativeCode(joined.module(), executable);
      native = executable.targets.front()->kernels.size();
    };
    ASSERT_NO_FATAL_FAILURE(compare(expected, joined.run(*cpu, inputs), test.tolerance));
    EXPECT_GT(native, 0u);
  }
}

/// Every operation of a body, on columns and on rows, with values of rows stored to elements and the other way round.
TEST(Native, BodyOperations) {
  std::string text = block("(%x: tensor<5x37xf32>, %y: tensor<5xf32>, %z: tensor<37xbf16>) -> (tensor<5x37xf32>, "
                           "tensor<5x37xf32>, tensor<5xf32>)",
                           R"(
  %r:3 = row.generic rows 5 columns 37 (%x, %y, %z)
      views [#row.view<element, row_stride = 37>, #row.view<row, row_stride = 1>, #row.view<column>,
             #row.view<element, row_stride = 37>, #row.view<element, row_stride = 37>, #row.view<row, row_stride = 1>]
      outputs [0, 1, 2] : (tensor<5x37xf32>, tensor<5xf32>, tensor<37xbf16>) -> (tensor<5x37xf32>, tensor<5x37xf32>, tensor<5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %i = row.row_index : f32
    %j = row.column_index : f32
    %half = arith.constant 0.5 : f32
    %ab = arith.subf %a, %b : f32
    %abs = math.absf %ab : f32
    %root = math.sqrt %abs : f32
    %shifted = arith.addf %abs, %half : f32
    %inverse = math.rsqrt %shifted : f32
    %log = math.log %shifted : f32
    %less = arith.cmpf olt, %a, %b : f32
    %more = arith.cmpf ogt, %a, %c : f32
    %least = arith.cmpf oge, %c, %b : f32
    %most = arith.cmpf ole, %c, %a : f32
    %both = arith.andi %less, %least : i1
    %either = arith.ori %both, %more : i1
    %all = arith.andi %either, %most : i1
    %chosen = arith.select %either, %root, %inverse : f32
    %other = arith.select %all, %log, %c : f32
    %low = arith.minimumf %chosen, %c : f32
    %fused = math.fma %low, %other, %j : f32
    %negative = arith.negf %fused : f32
    %quotient = arith.divf %negative, %shifted : f32
    %sum = row.reduce add %quotient : f32
    %top = row.reduce maximum %quotient : f32
    %distance = arith.subf %top, %i : f32
    %ofRow = arith.maximumf %distance, %sum : f32
    %differs = arith.cmpf une, %ofRow, %sum : f32
    %same = arith.cmpf oeq, %j, %i : f32
    %stored = arith.select %differs, %ofRow, %half : f32
    %mixed = arith.select %same, %stored, %quotient : f32
    row.yield %mixed, %ofRow, %stored : f32, f32, f32
  }
  tritter.yield %r#0, %r#1, %r#2 : tensor<5x37xf32>, tensor<5x37xf32>, tensor<5xf32>)");
  BlockRunner runner(text, [](mlir::OpPassManager &passes) { passes.addPass(mlir::tritter::createRowOutlinePass()); });
  Numbers numbers(11);
  std::vector<Values> inputs{Values(185), Values(5), Values(37)};
  for (Values &values : inputs)
    for (double &value : values)
      value = numbers.next();
  auto reference = createReferenceDevice(), cpu = createCpuDevice();
  std::vector<Values> interpreted = runner.run(*reference, inputs);
  runner.finish = [&](schema::ExecutableT &executable) {
    addNativeCode(runner.module(), executable);
    ASSERT_EQ(executable.targets.front()->kernels.size(), executable.kernels.size());
  };
  std::vector<Values> native = runner.run(*cpu, inputs);

  std::vector<Values> expected{Values(185), Values(185), Values(5)};
  for (int r = 0; r < 5; ++r) {
    double sum = 0, top = -INFINITY;
    Values quotients(37);
    for (int j = 0; j < 37; ++j) {
      double a = float(inputs[0][r * 37 + j]), b = float(inputs[1][r]), c = float(BFloat16(float(inputs[2][j])));
      double shifted = std::abs(a - b) + 0.5;
      bool either = (a < b && c >= b) || a > c, all = either && c <= a;
      double chosen = either ? std::sqrt(std::abs(a - b)) : 1 / std::sqrt(shifted);
      quotients[j] = -(std::min(chosen, c) * (all ? std::log(shifted) : c) + j) / shifted;
      sum += quotients[j];
      top = std::max(top, quotients[j]);
    }
    double ofRow = std::max(top - r, sum), stored = ofRow != sum ? ofRow : 0.5;
    for (int j = 0; j < 37; ++j) {
      expected[0][r * 37 + j] = j == r ? stored : quotients[j];
      expected[1][r * 37 + j] = ofRow;
    }
    expected[2][r] = stored;
  }
  ASSERT_NO_FATAL_FAILURE(compare(expected, interpreted, 1e-6));
  ASSERT_NO_FATAL_FAILURE(compare(expected, native, 1e-6));
}

/// Functions over their whole range, and where they are special.
TEST(Native, Functions) {
  std::string type = "tensor<1x4096xf32>";
  BlockRunner runner(block("(%x: " + type + ") -> " + type,
                           "%y = tritter.activation silu %x : " + type + "\ntritter.yield %y : " + type),
                     fused);
  runner.finish = [&](schema::ExecutableT &executable) { addNativeCode(runner.module(), executable); };
  Values x;
  for (int i = 0; i < 4096; ++i)
    x.push_back(float(-100 + i * 200.0 / 4096));
  x[0] = NAN;
  x[1] = -1000;
  x[2] = 1000;
  Values y = runner.run(*createCpuDevice(), {x})[0];
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ(y[1], 0);
  EXPECT_EQ(y[2], 1000);
  for (size_t i = 3; i < x.size(); ++i) {
    double expected = x[i] / (1 + std::exp(-x[i]));
    EXPECT_NEAR(y[i], expected, 5e-7 * std::abs(expected) + 1e-36) << x[i];
  }
}

/// The same bits for any number of threads.
TEST(Native, DoesNotDependOnThreads) {
  std::string x = "tensor<301x77xf32>", w = "tensor<77xf32>";
  BlockRunner runner(block("(%dy: " + x + ", %x: " + x + ", %w: " + w + ") -> (" + x + ", " + w + ", tensor<f32>)",
                           "%a, %b = tritter.rms_norm_grad %dy, %x, %w {eps = 1.0e-2 : f64} : " + x + ", " + x + ", " +
                               w + "\n%s = tritter.sum_of_squares %x : " + x + "\ntritter.yield %a, %b, %s : " + x +
                               ", " + w + ", tensor<f32>"),
                     fused);
  runner.finish = [&](schema::ExecutableT &executable) { addNativeCode(runner.module(), executable); };
  Numbers numbers(5);
  std::vector<Values> inputs{Values(301 * 77), Values(301 * 77), Values(77)};
  for (Values &values : inputs)
    for (double &value : values)
      value = numbers.next();
  std::vector<Values> one = runner.run(*createCpuDevice({.threads = 1}), inputs);
  for (int threads : {2, 3, 5})
    EXPECT_EQ(runner.run(*createCpuDevice({.threads = threads}), inputs), one);
}

} // namespace
