// Whole programs, from a declared model through the compiler to the devices: gradients against finite differences in
// f64, and what the entries promise of each other.

#include "tritter/Pipelines/Compile.h"

#include "runtime/device/bfloat16.h"
#include "runtime/device/cpu/cpu_device.h"
#include "runtime/device/device.h"
#include "runtime/device/reference/reference_device.h"
#include "runtime/growth/derivation.h"
#include "tritter/Elaborate/ModelSpelling.h"

#include "mlir/IR/MLIRContext.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

using mlir::tritter::CompileOptions;
using namespace tritter;

namespace {

std::vector<uint8_t> compileModel(const std::string &text, const std::string &request) {
  mlir::DialectRegistry registry;
  mlir::tritter::registerCompiler(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  mlir::OwningOpRef<mlir::ModuleOp> module = mlir::tritter::parseModel(&context, text, "test");
  EXPECT_TRUE(module);
  std::unique_ptr<CompileOptions> options = CompileOptions::createFromString(request);
  EXPECT_TRUE(options);
  schema::ExecutableT executable;
  EXPECT_TRUE(mlir::succeeded(mlir::tritter::compile(*module, *options, executable)));
  return mlir::tritter::serialise(executable);
}

/// An executable loaded on a device, with initialised parameters and a batch of tokens.
class Model {
public:
  Model(const std::string &text, const std::string &request, bool cpu = false) {
    std::vector<uint8_t> bytes = compileModel(text, request);
    std::vector<std::byte> copy(bytes.size());
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    Result<std::shared_ptr<const Executable>> loaded = Executable::fromBytes(std::move(copy));
    EXPECT_TRUE(loaded.ok()) << loaded.status().message();
    executable_ = *loaded;
    device_ = cpu ? createCpuDevice() : createReferenceDevice();
    Result<std::unique_ptr<Session>> session = device_->load(executable_);
    EXPECT_TRUE(session.ok()) << session.status().message();
    session_ = std::move(*session);
    initialise();
    uint64_t count = (*executable_)->batch() * (*executable_)->sequence_length();
    std::vector<int32_t> tokens(count), targets(count);
    for (uint64_t i = 0; i < count; ++i) {
      tokens[i] = int32_t(i * 7 % 13);
      targets[i] = int32_t((i * 5 + 3) % 13);
    }
    write("tokens", tokens);
    write("targets", targets);
    for (auto [name, value] : std::initializer_list<std::pair<const char *, double>>{{"loss_scale", 1},
                                                                                     {"learning_rate", 1e-2},
                                                                                     {"beta1", 0.9},
                                                                                     {"beta2", 0.95},
                                                                                     {"epsilon", 1e-8},
                                                                                     {"weight_decay", 0.1},
                                                                                     {"clip", 1},
                                                                                     {"finite", 1},
                                                                                     {"bias_correction1", 0.1},
                                                                                     {"bias_correction2", 0.05}})
      setScalar(name, value);
  }

  const Executable &executable() const { return *executable_; }

  void run(const char *entry) {
    Status status = session_->run(entry);
    EXPECT_TRUE(status.ok()) << status.message();
  }
  double evaluate() {
    run("evaluate");
    return scalar("loss");
  }
  double scalar(const char *name) { return read(*executable_->binding(name)->location(), 1)[0]; }
  void setScalar(const char *name, double value) {
    if (const schema::Binding *binding = executable_->binding(name))
      write(*binding->location(), {value});
  }
  std::vector<double> binding(const char *name) {
    const schema::Binding *binding = executable_->binding(name);
    return read(*binding->location(), count(binding->shape()));
  }
  static uint64_t count(const flatbuffers::Vector<uint64_t> *shape) {
    uint64_t result = 1;
    for (uint64_t size : *shape)
      result *= size;
    return result;
  }
  std::vector<double> read(const schema::Location &place, uint64_t count) {
    std::vector<std::byte> raw(count * sizeOf(place.dtype()));
    EXPECT_TRUE(session_->read(place, raw).ok());
    std::vector<double> values(count);
    for (uint64_t i = 0; i < count; ++i)
      if (place.dtype() == schema::DType::F64)
        values[i] = reinterpret_cast<const double *>(raw.data())[i];
      else if (place.dtype() == schema::DType::F32)
        values[i] = reinterpret_cast<const float *>(raw.data())[i];
      else
        values[i] = float(reinterpret_cast<const BFloat16 *>(raw.data())[i]);
    return values;
  }
  void write(const schema::Location &place, const std::vector<double> &values) {
    std::vector<std::byte> raw(values.size() * sizeOf(place.dtype()));
    for (size_t i = 0; i < values.size(); ++i)
      if (place.dtype() == schema::DType::F64)
        reinterpret_cast<double *>(raw.data())[i] = values[i];
      else if (place.dtype() == schema::DType::F32)
        reinterpret_cast<float *>(raw.data())[i] = float(values[i]);
      else
        reinterpret_cast<BFloat16 *>(raw.data())[i] = BFloat16(float(values[i]));
    EXPECT_TRUE(session_->write(place, raw).ok());
  }

private:
  void write(const char *name, const std::vector<int32_t> &values) {
    if (const schema::Binding *binding = executable_->binding(name)) {
      EXPECT_TRUE(session_->write(*binding->location(), std::as_bytes(std::span(values))).ok());
    }
  }
  void initialise() {
    for (const schema::Parameter *parameter : *(*executable_)->parameters()) {
      ASSERT_TRUE(parameter->derivation()) << parameter->name()->str();
      std::vector<uint64_t> shape(parameter->shape()->begin(), parameter->shape()->end());
      std::vector<double> values(count(parameter->shape()));
      auto none = [](std::string_view) -> Result<SourceTensor> { return error("no sources"); };
      DerivationReader derivations((*executable_)->derivations());
      auto evaluation = derivations.prepare(parameter->derivation()->derivation(), *parameter->derivation(), shape,
                                            schema::DType::F64, none);
      ASSERT_TRUE(evaluation.ok()) << evaluation.status().message();
      Status status = evaluation->evaluate(0, values.size(), std::as_writable_bytes(std::span(values)));
      ASSERT_TRUE(status.ok()) << status.message();
      // Nothing may be alike by chance: norms' weights begin at 1, biases at 0.
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = values[i] * (shape.size() > 1 ? 8 : 1) + 0.05 * std::sin(double(i + parameter->name()->size()));
      write(*parameter->value(), values);
      if (parameter->master())
        write(*parameter->master(), values);
    }
  }

  std::shared_ptr<const Executable> executable_;
  std::unique_ptr<Device> device_;
  std::unique_ptr<Session> session_;
};

constexpr const char *llama =
    "tritter.decoder @tiny {layers = 2, hidden = 16, heads = 4, kv_heads = 2, intermediate = 24, vocab = 13}";
constexpr const char *tiedLlama = "tritter.decoder @tiny {layers = 2, hidden = 16, heads = 2, intermediate = 24, "
                                  "vocab = 13, tied = true, qkv_bias = true}";
constexpr const char *gpt2 =
    "tritter.decoder @tiny {layers = 2, hidden = 16, heads = 2, intermediate = 24, vocab = 13, tied = true, "
    "norm = #tritter.norm<layer>, positions = #tritter.positions<learned>, max_positions = 9, "
    "activation = #tritter.activation<gelu>, gated = false, bias = true}";

/// Options as tritter-compile and pipelines spell them.
const std::string everything = "batch=2 seq=8 head-rows=8 entries=step,accumulate,update,evaluate,logits ";

/// Every parameter's gradient in a few elements of it, against central differences of `evaluate`.
void checkGradients(const std::string &text, const std::string &request) {
  Model model(text, request);
  model.run("step");
  EXPECT_EQ(model.scalar("loss"), model.evaluate());
  for (const schema::Parameter *parameter : *model.executable()->parameters()) {
    if (!parameter->trainable())
      continue;
    uint64_t count = Model::count(parameter->shape());
    std::vector<double> gradient = model.read(*parameter->gradient(), count);
    std::vector<double> values = model.read(*parameter->value(), count);
    for (uint64_t i = 0; i < count; i += count / 3 + 1) {
      double before = values[i], step = 1e-5;
      values[i] = before + step;
      model.write(*parameter->value(), values);
      double above = model.evaluate();
      values[i] = before - step;
      model.write(*parameter->value(), values);
      double below = model.evaluate();
      values[i] = before;
      model.write(*parameter->value(), values);
      double expected = (above - below) / (2 * step);
      EXPECT_NEAR(gradient[i], expected, 1e-6 * std::max(1.0, std::abs(expected)))
          << parameter->name()->str() << "[" << i << "]";
    }
  }
}

TEST(Compile, GradientsOfLlama) { checkGradients(llama, everything + "precision=f64"); }
TEST(Compile, GradientsOfTiedLlamaWithBiases) { checkGradients(tiedLlama, everything + "precision=f64"); }
TEST(Compile, GradientsOfGpt2) { checkGradients(gpt2, everything + "precision=f64"); }

TEST(Compile, GradientsOfOneLayerOnly) {
  std::string only = everything + "precision=f64 train-only=layers.1.*";
  Model model(llama, only);
  for (const schema::Parameter *parameter : *model.executable()->parameters())
    EXPECT_EQ(parameter->trainable(), parameter->name()->str().starts_with("layers.1."));
  checkGradients(llama, only);
}

TEST(Compile, AccumulateAdds) {
  for (const char *text : {llama, tiedLlama, gpt2}) {
    Model model(text, everything + "precision=f64");
    model.run("step");
    std::vector<std::vector<double>> once;
    for (const schema::Parameter *parameter : *model.executable()->parameters())
      once.push_back(model.read(*parameter->gradient(), Model::count(parameter->shape())));
    model.setScalar("loss_scale", 0.5);
    model.run("accumulate");
    size_t index = 0;
    for (const schema::Parameter *parameter : *model.executable()->parameters()) {
      std::vector<double> sum = model.read(*parameter->gradient(), Model::count(parameter->shape()));
      for (size_t i = 0; i < sum.size(); ++i)
        EXPECT_NEAR(sum[i], 1.5 * once[index][i], 1e-12) << parameter->name()->str() << "[" << i << "]";
      ++index;
    }
  }
}

/// The mean loss from the logits.
double lossOf(const std::vector<double> &logits, uint64_t vocab) {
  double loss = 0;
  uint64_t rows = logits.size() / vocab;
  for (uint64_t row = 0; row < rows; ++row) {
    double sum = 0;
    for (uint64_t c = 0; c < vocab; ++c)
      sum += std::exp(logits[row * vocab + c]);
    loss += std::log(sum) - logits[row * vocab + (row * 5 + 3) % 13];
  }
  return loss / rows;
}

TEST(Compile, EntriesAgree) {
  Model model(llama, everything + "precision=f32");
  double loss = model.evaluate();
  model.run("logits");
  EXPECT_NEAR(lossOf(model.binding("logits"), 13), loss, 1e-6);
  EXPECT_NE(model.binding("residual.0"), model.binding("residual.2"));
  EXPECT_NEAR(Model(llama, everything + "head-rows=1000").evaluate(), loss, 1e-6);
}

/// 30 steps of AdamW on one batch learn it.
void train(const std::string &precision, bool cpu) {
  Model model(tiedLlama, "batch=2 seq=8 head-rows=8 precision=" + precision, cpu);
  double first = model.evaluate();
  for (int step = 1; step <= 30; ++step) {
    model.setScalar("finite", 1);
    model.setScalar("bias_correction1", 1 - std::pow(0.9, step));
    model.setScalar("bias_correction2", 1 - std::pow(0.95, step));
    model.run("step");
    model.run("update");
    EXPECT_GT(model.scalar("grad_norm"), 0);
    EXPECT_EQ(model.scalar("finite"), 1);
  }
  EXPECT_LT(model.evaluate(), first / 2);
}

TEST(Compile, TrainsInF32) { train("f32", false); }
TEST(Compile, TrainsInF64) { train("f64", false); }
TEST(Compile, TrainsInBf16OnTheCpu) { train("bf16", true); }

TEST(Compile, Bf16IsNearF32) {
  double exact = Model(llama, everything + "precision=f32").evaluate();
  Model rounded(llama, everything + "precision=bf16");
  EXPECT_NEAR(rounded.evaluate(), exact, 2e-2);
  for (const schema::Parameter *parameter : *rounded.executable()->parameters()) {
    bool matrix = parameter->shape()->size() == 2;
    EXPECT_EQ(parameter->value()->dtype(), matrix ? schema::DType::BF16 : schema::DType::F32);
    EXPECT_EQ(parameter->master()->dtype(), schema::DType::F32);
    EXPECT_EQ(parameter->dtype(), schema::DType::F32);
  }
}

TEST(Compile, ParametersOnly) {
  std::vector<uint8_t> bytes = compileModel(llama, "entries=none");
  const schema::Executable *executable = schema::GetExecutable(bytes.data());
  EXPECT_FALSE(executable->entries() && executable->entries()->size());
  EXPECT_EQ(executable->parameters()->size(), 3 + 2 * 9u);
  for (const schema::Parameter *parameter : *executable->parameters()) {
    EXPECT_FALSE(parameter->value());
    EXPECT_TRUE(parameter->derivation());
  }
}

TEST(Compile, FingerprintsTellApart) {
  auto print = [](const std::string &request, const char *text) {
    std::vector<uint8_t> bytes = compileModel(text, request);
    return schema::GetExecutable(bytes.data())->fingerprint()->str();
  };
  std::string plain = everything;
  EXPECT_EQ(print(plain, llama), print(plain, llama));
  EXPECT_NE(print(plain, llama), print(plain + "batch=3", llama));
  EXPECT_NE(print(plain, llama), print(plain, tiedLlama));
  // A run that is resumed has its values from a checkpoint.
  EXPECT_EQ(print(plain, llama), print(plain + "seed=2", llama));
}

} // namespace
