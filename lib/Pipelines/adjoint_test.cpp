// How state grows: gradients of grown models, in f64, against what the adjoint makes of their base's for the same
// tokens, and averages of them, for the hand-written growths of test/Proof.

#include "tritter/Pipelines/Compile.h"

#include "runtime/device/reference/reference_device.h"
#include "runtime/growth/derivation.h"
#include "test/Golden/compiled_model.h"
#include "tritter/Derivation/Passes.h"
#include "tritter/Elaborate/Passes.h"
#include "tritter/Growth/Passes.h"
#include "tritter/Proof/Adjoint.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

using namespace tritter;
using namespace tritter::testing;
using mlir::tritter::ModelOp;

namespace {

struct Case {
  std::string file;
  /// Parameters whose gradients are not made of the base's alone.
  std::vector<std::string> unknown;
  bool draws = false;
  /// What is written otherwise than in the file, and how such a case is called.
  std::string from = {}, to = {}, name = {};

  friend std::ostream &operator<<(std::ostream &out, const Case &one) { return out << one.file; }
};

class AdjointTest : public ::testing::TestWithParam<Case> {
protected:
  AdjointTest() : context(registry(), mlir::MLIRContext::Threading::DISABLED) {
    context.loadAllAvailableDialects();
    std::ifstream file(TRITTER_PROOF_DIR "/" + GetParam().file + ".mlir");
    std::string text(std::istreambuf_iterator<char>(file), {});
    for (size_t at = 0; !GetParam().from.empty() && (at = text.find(GetParam().from, at)) != std::string::npos;)
      text.replace(at, GetParam().from.size(), GetParam().to);
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    mlir::PassManager passes(&context);
    passes.addPass(mlir::tritter::createElaboratePass());
    passes.addPass(mlir::growth::createGrowthNormalisePass());
    EXPECT_TRUE(module && mlir::succeeded(passes.run(*module)));
  }

  static mlir::DialectRegistry registry() {
    mlir::DialectRegistry registry;
    mlir::tritter::registerCompiler(registry);
    return registry;
  }

  static std::shared_ptr<const Executable> load(const schema::ExecutableT &executable) {
    std::vector<uint8_t> bytes = mlir::tritter::serialise(executable);
    auto *begin = reinterpret_cast<const std::byte *>(bytes.data());
    auto loaded = Executable::fromBytes({begin, begin + bytes.size()});
    EXPECT_TRUE(loaded.ok()) << loaded.status().message();
    return *loaded;
  }

  /// The training step of the base, or of the last model.
  std::unique_ptr<CompiledModel> compile(bool base) {
    mlir::OwningOpRef<mlir::ModuleOp> copy = module->clone();
    if (base)
      for (ModelOp model : llvm::make_early_inc_range(copy->getOps<ModelOp>()))
        if (model.getSymName() != "base")
          model.erase();
    EXPECT_TRUE(mlir::succeeded(mlir::tritter::finishGrowth(*copy)));
    std::unique_ptr<mlir::tritter::CompileOptions> options = mlir::tritter::CompileOptions::createFromString(
        llvm::formatv("entries=step batch={0} seq={1} precision=f64 target=none", CompiledModel::batch,
                      CompiledModel::sequence)
            .str());
    if (!options) {
      ADD_FAILURE() << "these are no options";
      std::abort();
    }
    schema::ExecutableT executable;
    EXPECT_TRUE(mlir::succeeded(mlir::tritter::compile(*copy, *options, executable)));
    return std::make_unique<CompiledModel>(load(executable), createReferenceDevice());
  }

  /// What the grown model's parameters, and their gradients, derive by.
  std::shared_ptr<const Executable> compileGrowth(bool negateDraws) {
    ModelOp base, grown;
    for (ModelOp model : module->getOps<ModelOp>())
      (model.getSymName() == "base" ? base : grown) = model;
    mlir::growth::Adjoints adjoints(base, grown);
    mlir::tritter::ParameterOptions options;
    options.adjoint = [&](mlir::tritter::ParamOp param, mlir::tritter::LayerOp layer) {
      return adjoints.find(param, layer);
    };
    schema::ExecutableT executable;
    executable.version = mlir::tritter::executableVersion;
    EXPECT_TRUE(mlir::succeeded(mlir::tritter::emitParameters(grown, options, executable)));
    if (negateDraws)
      for (auto &derivation : executable.derivations->derivations)
        for (auto &term : derivation->terms)
          if (term->kind == schema::TermKind::Normal)
            term->value = -term->value;
    return load(executable);
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// Evaluates a derivation over tensors of the base, given by name.
Values evaluate(const Executable &growth, const schema::Parameter &parameter, uint32_t number,
                const std::map<std::string, Values> &tensors, const CompiledModel &base,
                DerivationReader::Form form = DerivationReader::Form::Values) {
  SourceLookup lookup = [&](std::string_view name) -> Result<SourceTensor> {
    for (const schema::Parameter *source : base.parameters())
      if (source->name()->string_view() == name)
        return SourceTensor{schema::DType::F64,
                            {source->shape()->begin(), source->shape()->end()},
                            std::as_bytes(std::span(tensors.at(std::string(name))))};
    return error("the base has no {}", name);
  };
  DerivationReader reader(growth->derivations());
  std::vector<uint64_t> shape(parameter.shape()->begin(), parameter.shape()->end());
  auto evaluation = reader.prepare(number, *parameter.derivation(), shape, schema::DType::F64, lookup, form);
  Values values(elementsOf(parameter));
  EXPECT_TRUE(evaluation.ok()) << parameter.name()->str() << ": " << evaluation.status().message();
  if (evaluation.ok()) {
    EXPECT_TRUE(evaluation->evaluate(0, values.size(), std::as_writable_bytes(std::span(values))).ok());
  }
  return values;
}

std::map<std::string, Values> gradientsOf(CompiledModel &model, int step, size_t vocabulary) {
  model.setTokens(step, vocabulary);
  model.run("step");
  std::map<std::string, Values> gradients;
  for (const schema::Parameter *parameter : model.parameters())
    gradients[parameter->name()->str()] = model.gradient(*parameter);
  return gradients;
}

/// Relative to the largest, but for gradients that are zero up to rounding, as those of a bias of keys.
double difference(const Values &a, const Values &b) {
  double most = 0, size = 1e-4;
  for (size_t i = 0; i < a.size(); ++i) {
    most = std::max(most, std::abs(a[i] - b[i]));
    size = std::max(size, std::abs(a[i]));
  }
  return most / size;
}

TEST_P(AdjointTest, GradientsAndTheirAveragesAreTheBases) {
  std::unique_ptr<CompiledModel> base = compile(true), grown = compile(false);
  base->setParameters();
  std::map<std::string, Values> weights;
  size_t vocabulary = 0;
  for (const schema::Parameter *parameter : base->parameters()) {
    weights[parameter->name()->str()] = base->value(*parameter);
    if (parameter->name()->string_view() == "embed.weight")
      vocabulary = parameter->shape()->Get(0);
  }
  std::shared_ptr<const Executable> growth = compileGrowth(false), negated = compileGrowth(true);

  constexpr int steps = 3;
  std::map<std::string, Values> baseAverage, baseSquares, average, squares;
  auto accumulate = [](std::map<std::string, Values> &sums, const std::string &name, const Values &values, int power) {
    Values &sum = sums[name];
    sum.resize(values.size());
    for (size_t i = 0; i < values.size(); ++i)
      sum[i] = 0.9 * sum[i] + 0.1 * std::pow(values[i], power);
  };
  std::vector<std::string> unknown;
  for (int step = 0; step < steps; ++step) {
    std::map<std::string, Values> expected = gradientsOf(*base, step, vocabulary), found;
    // Gradients are linear in the draws here: half of the sum with them and with their negatives is the mean.
    for (const auto &signs : GetParam().draws ? std::vector{growth, negated} : std::vector{growth}) {
      for (const schema::Parameter *parameter : elements((*signs)->parameters()))
        for (const schema::Parameter *own : grown->parameters())
          if (own->name()->str() == parameter->name()->str())
            grown->setValue(*own, evaluate(*signs, *parameter, parameter->derivation()->derivation(), weights, *base));
      for (auto &[name, gradient] : gradientsOf(*grown, step, vocabulary)) {
        found[name].resize(gradient.size());
        for (size_t i = 0; i < gradient.size(); ++i)
          found[name][i] += gradient[i] / (GetParam().draws ? 2 : 1);
      }
      EXPECT_NEAR(grown->scalar("loss"), base->scalar("loss"), 1e-12);
    }
    for (auto &[name, gradient] : expected) {
      accumulate(baseAverage, name, gradient, 1);
      accumulate(baseSquares, name, gradient, 2);
    }
    unknown.clear();
    for (const schema::Parameter *parameter : elements((*growth)->parameters())) {
      std::string name = parameter->name()->str();
      if (!parameter->derivation()->adjoint()) {
        unknown.push_back(name);
        continue;
      }
      uint32_t adjoint = *parameter->derivation()->adjoint();
      accumulate(average, name, found[name], 1);
      accumulate(squares, name, found[name], 2);
      EXPECT_LT(difference(found[name], evaluate(*growth, *parameter, adjoint, expected, *base)), 1e-11) << name;
      // Moments that are grown are those that the grown model would have had.
      EXPECT_LT(difference(average[name], evaluate(*growth, *parameter, adjoint, baseAverage, *base)), 1e-11) << name;
      EXPECT_LT(difference(squares[name],
                           evaluate(*growth, *parameter, adjoint, baseSquares, *base, DerivationReader::Form::Squares)),
                1e-11)
          << name;
    }
  }
  EXPECT_EQ(unknown, GetParam().unknown);
}

INSTANTIATE_TEST_SUITE_P(
    Growths, AdjointTest,
    ::testing::Values( // One of the new neurons is a stranger that nothing reads.
        Case{"width-intermediate", {"layers.0.mlp.down.weight"}},
        Case{"width-intermediate",
             {"layers.0.mlp.down.weight"},
             false,
             "2 from 0 times 1/2, 4 from 2, 2 from 0 times 1/2",
             "2 from 0 times 1/3, 4 from 2, 2 from 0 times 2/3",
             "-unequal"},
        // Copies of the stream that are read by other than equal shares: nothing is known before the norms that they
        // pass.
        Case{"width-hidden",
             {"embed.weight", "layers.0.attn_norm.weight", "layers.0.attn.q.weight", "layers.0.attn.k.weight",
              "layers.0.attn.v.weight", "layers.0.attn.o.weight", "layers.0.mlp_norm.weight",
              "layers.0.mlp.gate.weight", "layers.0.mlp.up.weight", "layers.0.mlp.down.weight"},
             false,
             "8 from 0 times 1/2, 8 from 0 times 1/2",
             "8 from 0 times 1/4, 8 from 0 times 3/4",
             "-unequal"},
        Case{"width-groups", {}}, Case{"width-query-heads", {}}, Case{"width-hidden", {}}, Case{"width-tied", {}},
        Case{"width-multiplicities", {}}, Case{"width-fraction", {}}, Case{"width-noise", {}, true},
        Case{"qk-norm", {}}, Case{"squared-relu", {}}, Case{"layer-norm-hidden", {}},
        // Before a norm over a mean, and of what only draws read, gradients are not the base's alone.
        Case{"layer-norm-fraction",
             {"embed.weight", "positions.weight", "layers.0.attn_norm.weight", "layers.0.attn_norm.bias",
              "layers.0.attn.q.weight", "layers.0.attn.k.weight", "layers.0.attn.v.weight", "layers.0.attn.o.weight",
              "layers.0.attn.o.bias", "layers.0.mlp_norm.weight", "layers.0.mlp_norm.bias", "layers.0.mlp.up.weight",
              "layers.0.mlp.down.weight", "layers.0.mlp.down.bias", "final_norm.bias"}},
        Case{"vocabulary", {"head.bias"}}),
    [](const auto &info) {
      std::string name = info.param.file + info.param.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

} // namespace
