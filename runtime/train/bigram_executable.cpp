#include "runtime/train/bigram_executable.h"

#include "runtime/device/executable_builder.h"
#include "runtime/executable/derivation_pool.h"

#include <map>

using namespace tritter;
using namespace tritter::testing;
using schema::Access;
using schema::Direction;
using schema::DType;
using schema::Opcode;

namespace {

/// Whose loss: that of which entry.
enum class LossOf { Step, Accumulate, Evaluate };

class Builder {
public:
  explicit Builder(const BigramShape &shape)
      : shape_(shape), rows_(shape.batch * shape.sequence), weights_(shape.vocabulary * shape.width) {}

  std::vector<std::byte> build();

private:
  Buffer bound(const char *name, DType type, std::vector<uint64_t> dimensions);
  Buffer scalar(const char *name) { return bound(name, DType::F32, {1}); }
  schema::Location place(const Buffer &buffer, uint64_t first = 0) {
    return {0, buffer.type, buffer.operand(first).offset()};
  }
  void parameter(const char *name, uint64_t index, bool trainable, uint64_t stream);
  void entry(const char *name, uint32_t sequence);

  void forward(uint32_t sequence);
  void lossKernels(uint32_t sequence, LossOf entry);
  void backward(uint32_t sequence, bool accumulate);
  void update(uint32_t sequence);
  void gemm(uint32_t sequence, std::array<uint64_t, 3> mnk, schema::Matrix a, schema::Matrix b, schema::Matrix c,
            bool accumulate = false);
  schema::Matrix matrix(schema::Operand operand, uint64_t stride, bool transposed = false) {
    return {operand, stride, DType::F32, transposed};
  }

  uint32_t gatherKernel();
  uint32_t crossEntropyKernel();
  uint32_t meanKernel(LossOf entry);
  uint32_t normKernel();
  uint32_t adamKernel();

  BigramShape shape_;
  uint64_t rows_, weights_;
  ExecutableBuilder builder_;
  DerivationPool derivations_;
  Buffer tokens_, targets_, loss_, logits_, stream_;
  Buffer parameters_, gradients_, firstMoments_, secondMoments_;
  Buffer logitGradients_, streamGradients_, rowLosses_;
  Buffer learningRate_, beta1_, beta2_, epsilon_, weightDecay_, clip_, correction1_, correction2_, lossScale_;
  Buffer norm_, finite_, clipScale_;
  /// Of each sequence's products.
  std::map<uint32_t, double> operations_;
};

} // namespace

Buffer Builder::bound(const char *name, DType type, std::vector<uint64_t> dimensions) {
  uint64_t count = 1;
  for (uint64_t size : dimensions)
    count *= size;
  Buffer buffer = builder_.buffer(type, count);
  auto binding = std::make_unique<schema::BindingT>();
  binding->name = name;
  binding->location = std::make_unique<schema::Location>(place(buffer));
  binding->shape = std::move(dimensions);
  builder_.executable().bindings.push_back(std::move(binding));
  return buffer;
}

void Builder::parameter(const char *name, uint64_t index, bool trainable, uint64_t stream) {
  auto parameter = std::make_unique<schema::ParameterT>();
  parameter->name = name;
  parameter->shape = {shape_.vocabulary, shape_.width};
  parameter->trainable = trainable;
  uint64_t first = index * weights_;
  parameter->value = std::make_unique<schema::Location>(place(parameters_, first));
  auto term = std::make_unique<schema::TermT>();
  term->kind = schema::TermKind::Normal;
  term->shape = parameter->shape;
  term->value = 0.2;
  term->seed = shape_.seed;
  schema::DerivationT draws;
  draws.terms.push_back(std::move(term));
  parameter->derivation = std::make_unique<schema::TensorDerivationT>();
  parameter->derivation->derivation = derivations_.add(draws);
  parameter->derivation->streams = {stream};
  if (trainable) {
    parameter->master = std::make_unique<schema::Location>(place(parameters_, first));
    parameter->gradient = std::make_unique<schema::Location>(place(gradients_, first));
    for (auto &[kind, growth, buffer] : {std::tuple{"adam.m", schema::StateGrowth::Adjoint, firstMoments_},
                                         std::tuple{"adam.v", schema::StateGrowth::AdjointSquared, secondMoments_}}) {
      auto state = std::make_unique<schema::ParameterStateT>();
      state->kind = kind;
      state->growth = growth;
      state->location = std::make_unique<schema::Location>(place(buffer, first));
      parameter->states.push_back(std::move(state));
    }
  }
  builder_.executable().parameters.push_back(std::move(parameter));
}

void Builder::entry(const char *name, uint32_t sequence) {
  auto entry = std::make_unique<schema::EntryT>();
  entry->name = name;
  entry->sequence = sequence;
  entry->operations = operations_[sequence];
  builder_.executable().entries.push_back(std::move(entry));
}

void Builder::gemm(uint32_t sequence, std::array<uint64_t, 3> mnk, schema::Matrix a, schema::Matrix b, schema::Matrix c,
                   bool accumulate) {
  schema::GemmT gemm;
  gemm.m = mnk[0];
  gemm.n = mnk[1];
  gemm.k = mnk[2];
  gemm.a = std::make_unique<schema::Matrix>(a);
  gemm.b = std::make_unique<schema::Matrix>(b);
  gemm.c = std::make_unique<schema::Matrix>(c);
  gemm.accumulate = accumulate;
  operations_[sequence] += 2.0 * static_cast<double>(gemm.m * gemm.n * gemm.k);
  builder_.step(std::move(gemm), sequence);
}

// ---------------------------------------------------------------- kernels

uint32_t Builder::gatherKernel() {
  KernelBuilder kernel("gather", shape_.width);
  uint16_t indices = kernel.view(Access::Row, DType::I32, Direction::Read, 1);
  uint16_t table = kernel.view(Access::Gather, DType::F32, Direction::Read, shape_.width, 1, 1, 0, indices);
  uint16_t out = kernel.view(Access::Element, DType::F32, Direction::Write, shape_.width);
  kernel.store(out, kernel.load(table));
  return builder_.kernel(kernel);
}

uint32_t Builder::crossEntropyKernel() {
  KernelBuilder kernel("cross_entropy", shape_.vocabulary);
  uint16_t logits = kernel.view(Access::Element, DType::F32, Direction::Read, shape_.vocabulary);
  uint16_t targets = kernel.view(Access::Row, DType::I32, Direction::Read, 1);
  uint16_t lossScale = kernel.view(Access::Scalar, DType::F32, Direction::Read);
  uint16_t gradients = kernel.view(Access::Element, DType::F32, Direction::Write, shape_.vocabulary);
  uint16_t losses = kernel.view(Access::Row, DType::F32, Direction::Write, 1);

  uint16_t largest = kernel.apply(Opcode::ReduceMaximum, kernel.load(logits));
  kernel.row();
  uint16_t target = kernel.load(targets);
  uint16_t scale = kernel.apply(Opcode::Divide, kernel.load(lossScale), kernel.constant(double(rows_)));

  kernel.nextSweep();
  uint16_t x = kernel.load(logits);
  uint16_t sum = kernel.apply(Opcode::ReduceAdd, kernel.apply(Opcode::Exp, kernel.apply(Opcode::Subtract, x, largest)));
  uint16_t hit = kernel.apply(Opcode::Equal, kernel.apply(Opcode::ColumnIndex), target);
  uint16_t chosen = kernel.apply(Opcode::ReduceAdd, kernel.apply(Opcode::Select, hit, x, kernel.constant(0)));
  kernel.row();
  uint16_t logSum = kernel.apply(Opcode::Add, largest, kernel.apply(Opcode::Log, sum));
  kernel.store(losses, kernel.apply(Opcode::Subtract, logSum, chosen));

  kernel.nextSweep();
  uint16_t chance = kernel.apply(Opcode::Exp, kernel.apply(Opcode::Subtract, kernel.load(logits), logSum));
  uint16_t one = kernel.apply(Opcode::Equal, kernel.apply(Opcode::ColumnIndex), target);
  kernel.store(gradients, kernel.apply(Opcode::Multiply, kernel.apply(Opcode::Subtract, chance, one), scale));
  return builder_.kernel(kernel);
}

/// The mean of the rows' losses as `evaluate` gives it; for the others times the scale of the loss, and added to what is
/// there where they accumulate.
uint32_t Builder::meanKernel(LossOf entry) {
  KernelBuilder kernel("mean", rows_);
  uint16_t in = kernel.view(Access::Element, DType::F32, Direction::Read, rows_);
  uint16_t lossScale = kernel.view(Access::Scalar, DType::F32, Direction::Read);
  uint16_t out = kernel.view(Access::Scalar, DType::F32, Direction::ReadWrite);
  uint16_t sum = kernel.apply(Opcode::ReduceAdd, kernel.load(in));
  kernel.row();
  uint16_t mean = kernel.apply(Opcode::Divide, sum, kernel.constant(double(rows_)));
  if (entry != LossOf::Evaluate)
    mean = kernel.apply(Opcode::Multiply, mean, kernel.load(lossScale));
  if (entry == LossOf::Accumulate)
    mean = kernel.apply(Opcode::Add, mean, kernel.load(out));
  kernel.store(out, mean);
  return builder_.kernel(kernel);
}

/// The norm of all gradients, whether it is finite, and the factor that clips them.
uint32_t Builder::normKernel() {
  KernelBuilder kernel("norm", 2 * weights_);
  uint16_t in = kernel.view(Access::Element, DType::F32, Direction::Read, 2 * weights_);
  uint16_t clips = kernel.view(Access::Scalar, DType::F32, Direction::Read);
  uint16_t norms = kernel.view(Access::Scalar, DType::F32, Direction::Write);
  uint16_t finites = kernel.view(Access::Scalar, DType::F32, Direction::ReadWrite);
  uint16_t scales = kernel.view(Access::Scalar, DType::F32, Direction::Write);
  uint16_t g = kernel.load(in);
  uint16_t squares = kernel.apply(Opcode::ReduceAdd, kernel.apply(Opcode::Multiply, g, g));
  kernel.row();
  uint16_t norm = kernel.apply(Opcode::Sqrt, squares);
  kernel.store(norms, norm);
  uint16_t wasFinite = kernel.load(finites);
  kernel.store(finites, kernel.apply(Opcode::And, wasFinite, kernel.apply(Opcode::Less, norm, kernel.constant(3e38))));
  uint16_t clip = kernel.load(clips), one = kernel.constant(1);
  uint16_t ratio = kernel.apply(Opcode::Divide, clip, kernel.apply(Opcode::Add, norm, kernel.constant(1e-6)));
  uint16_t clipped = kernel.apply(Opcode::Minimum, one, ratio);
  kernel.store(scales,
               kernel.apply(Opcode::Select, kernel.apply(Opcode::Less, kernel.constant(0), clip), clipped, one));
  return builder_.kernel(kernel);
}

uint32_t Builder::adamKernel() {
  KernelBuilder kernel("adamw", weights_);
  auto column = [&](Direction direction) { return kernel.view(Access::Column, DType::F32, direction); };
  auto scalar = [&] { return kernel.view(Access::Scalar, DType::F32, Direction::Read); };
  uint16_t weights = column(Direction::ReadWrite), gradients = column(Direction::Read);
  uint16_t firsts = column(Direction::ReadWrite), seconds = column(Direction::ReadWrite);
  uint16_t views[10];
  for (uint16_t &view : views)
    view = scalar();
  uint16_t s[10];
  for (int i = 0; i < 10; ++i)
    s[i] = kernel.load(views[i]);
  auto [rate, beta1, beta2, epsilon, decay, correction1, correction2, finite, clipScale] =
      std::tuple(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8]);
  auto op = [&](Opcode opcode, uint16_t a, uint16_t b) { return kernel.apply(opcode, a, b); };
  uint16_t one = kernel.constant(1);
  uint16_t w = kernel.load(weights), m = kernel.load(firsts), v = kernel.load(seconds);
  uint16_t g = op(Opcode::Multiply, kernel.load(gradients), clipScale);
  uint16_t newM =
      op(Opcode::Add, op(Opcode::Multiply, beta1, m), op(Opcode::Multiply, op(Opcode::Subtract, one, beta1), g));
  uint16_t newV = op(Opcode::Add, op(Opcode::Multiply, beta2, v),
                     op(Opcode::Multiply, op(Opcode::Subtract, one, beta2), op(Opcode::Multiply, g, g)));
  uint16_t denominator = op(Opcode::Add, kernel.apply(Opcode::Sqrt, op(Opcode::Divide, newV, correction2)), epsilon);
  uint16_t change = op(Opcode::Divide, op(Opcode::Divide, newM, correction1), denominator);
  uint16_t decayed = op(Opcode::Multiply, w, op(Opcode::Subtract, one, op(Opcode::Multiply, rate, decay)));
  uint16_t newW = op(Opcode::Subtract, decayed, op(Opcode::Multiply, rate, change));
  kernel.store(weights, kernel.apply(Opcode::Select, finite, newW, w));
  kernel.store(firsts, kernel.apply(Opcode::Select, finite, newM, m));
  kernel.store(seconds, kernel.apply(Opcode::Select, finite, newV, v));
  return builder_.kernel(kernel);
}

// ---------------------------------------------------------------- sequences

void Builder::forward(uint32_t sequence) {
  uint64_t d = shape_.width, v = shape_.vocabulary;
  builder_.launch(gatherKernel(), rows_, {tokens_.operand(), parameters_.operand(), stream_.operand()}, 0, sequence);
  gemm(sequence, {rows_, v, d}, matrix(stream_.operand(), d), matrix(parameters_.operand(weights_), d, true),
       matrix(logits_.operand(), v));
}

void Builder::lossKernels(uint32_t sequence, LossOf entry) {
  builder_.launch(
      crossEntropyKernel(), rows_,
      {logits_.operand(), targets_.operand(), lossScale_.operand(), logitGradients_.operand(), rowLosses_.operand()}, 0,
      sequence);
  builder_.launch(meanKernel(entry), 1, {rowLosses_.operand(), lossScale_.operand(), loss_.operand()}, 0, sequence);
}

void Builder::backward(uint32_t sequence, bool accumulate) {
  uint64_t d = shape_.width, v = shape_.vocabulary;
  gemm(sequence, {v, d, rows_}, matrix(logitGradients_.operand(), v, true), matrix(stream_.operand(), d),
       matrix(gradients_.operand(weights_), d), accumulate);
  if (!shape_.trainEmbedding)
    return;
  gemm(sequence, {rows_, d, v}, matrix(logitGradients_.operand(), v), matrix(parameters_.operand(weights_), d),
       matrix(streamGradients_.operand(), d));
  if (!accumulate) {
    schema::FillT fill;
    fill.bytes = weights_ * 4;
    fill.destination = std::make_unique<schema::Operand>(gradients_.operand());
    builder_.step(std::move(fill), sequence);
  }
  schema::ScatterAddT scatter;
  scatter.rows = rows_;
  scatter.columns = d;
  scatter.table_rows = v;
  scatter.indices = std::make_unique<schema::Operand>(tokens_.operand());
  scatter.source = std::make_unique<schema::Operand>(streamGradients_.operand());
  scatter.table = std::make_unique<schema::Operand>(gradients_.operand());
  builder_.step(std::move(scatter), sequence);
}

void Builder::update(uint32_t sequence) {
  builder_.launch(normKernel(), 1,
                  {gradients_.operand(), clip_.operand(), norm_.operand(), finite_.operand(), clipScale_.operand()}, 0,
                  sequence);
  uint32_t adam = adamKernel();
  for (uint64_t index = shape_.trainEmbedding ? 0 : 1; index < 2; ++index) {
    uint64_t first = index * weights_;
    builder_.launch(adam, 1,
                    {parameters_.operand(first), gradients_.operand(first), firstMoments_.operand(first),
                     secondMoments_.operand(first), learningRate_.operand(), beta1_.operand(), beta2_.operand(),
                     epsilon_.operand(), weightDecay_.operand(), correction1_.operand(), correction2_.operand(),
                     finite_.operand(), clipScale_.operand(), norm_.operand()},
                    0, sequence);
  }
}

std::vector<std::byte> Builder::build() {
  uint64_t b = shape_.batch, t = shape_.sequence, d = shape_.width, v = shape_.vocabulary;
  schema::ExecutableT &executable = builder_.executable();
  executable.entries.clear();
  tokens_ = bound("tokens", DType::I32, {b, t});
  targets_ = bound("targets", DType::I32, {b, t});
  loss_ = scalar("loss");
  logits_ = bound("logits", DType::F32, {b, t, v});
  stream_ = bound("residual.0", DType::F32, {b, t, d});
  learningRate_ = scalar("learning_rate"), beta1_ = scalar("beta1"), beta2_ = scalar("beta2");
  epsilon_ = scalar("epsilon"), weightDecay_ = scalar("weight_decay"), clip_ = scalar("clip");
  correction1_ = scalar("bias_correction1"), correction2_ = scalar("bias_correction2");
  lossScale_ = scalar("loss_scale"), norm_ = scalar("grad_norm"), finite_ = scalar("finite");
  clipScale_ = builder_.buffer(DType::F32, 1);
  for (Buffer *buffer : {&parameters_, &gradients_, &firstMoments_, &secondMoments_})
    *buffer = builder_.buffer(DType::F32, 2 * weights_);
  logitGradients_ = builder_.buffer(DType::F32, rows_ * v);
  streamGradients_ = builder_.buffer(DType::F32, rows_ * d);
  rowLosses_ = builder_.buffer(DType::F32, rows_);

  for (bool accumulate : {false, true}) {
    uint32_t sequence = builder_.sequence(accumulate ? "accumulate" : "step", 1);
    forward(sequence);
    lossKernels(sequence, accumulate ? LossOf::Accumulate : LossOf::Step);
    backward(sequence, accumulate);
    entry(accumulate ? "accumulate" : "step", sequence);
  }
  uint32_t evaluate = builder_.sequence("evaluate", 1), logits = builder_.sequence("logits", 1),
           updating = builder_.sequence("update", 1);
  forward(evaluate);
  lossKernels(evaluate, LossOf::Evaluate);
  entry("evaluate", evaluate);
  forward(logits);
  entry("logits", logits);
  update(updating);
  entry("update", updating);

  parameter("embed.weight", 0, shape_.trainEmbedding, 1);
  parameter("head.weight", 1, true, 2);
  executable.derivations = derivations_.take();
  executable.model_name = "bigram";
  executable.model_ir = "// a bigram model, made by hand";
  executable.config = std::make_unique<schema::ModelConfigT>();
  executable.config->hidden = d;
  executable.config->vocab = v;
  executable.fingerprint = fmt::format("bigram-{}x{}", v, d);
  executable.batch = b;
  executable.sequence_length = t;
  flatbuffers::FlatBufferBuilder packed;
  schema::FinishExecutableBuffer(packed, schema::Executable::Pack(packed, &executable));
  auto *begin = reinterpret_cast<const std::byte *>(packed.GetBufferPointer());
  return {begin, begin + packed.GetSize()};
}

std::vector<std::byte> tritter::testing::makeBigramExecutable(const BigramShape &shape) {
  return Builder(shape).build();
}
