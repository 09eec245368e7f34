#include "runtime/device/conformance_test.h"

#include <cmath>

using namespace tritter;
using namespace tritter::testing;
using schema::DType;
using schema::Operand;

namespace {

class CommandConformance : public Conformance {};

// ---------------------------------------------------------------- products

double real(float value) { return value; }
double real(double value) { return value; }
double real(BFloat16 value) { return float(value); }

template <typename In, typename Out>
void checkGemm(Device &device, uint64_t m, uint64_t n, uint64_t k, int variant, double tolerance) {
  bool transposedA = variant & 1, transposedB = variant & 2, bias = variant & 4, accumulate = variant & 8;
  uint64_t padding = variant & 16 ? 3 : 0;
  SCOPED_TRACE(fmt::format("{} x {} x {}, variant {}", m, n, k, variant));
  Numbers numbers(6);
  uint64_t strideA = (transposedA ? m : k) + padding, strideB = (transposedB ? k : n) + padding, strideC = n + padding;
  auto a = numbers.vector<In>((transposedA ? k : m) * strideA);
  auto b = numbers.vector<In>((transposedB ? n : k) * strideB);
  auto c = numbers.vector<Out>(m * strideC);
  auto offset = numbers.vector<Out>(n);
  ExecutableBuilder builder;
  Buffer bufferA = builder.buffer(a), bufferB = builder.buffer(b), bufferC = builder.buffer(c);
  Buffer bufferBias = builder.buffer(offset);
  schema::GemmT gemm;
  gemm.m = m;
  gemm.n = n;
  gemm.k = k;
  gemm.a = std::make_unique<schema::Matrix>(bufferA.operand(), strideA, typeOf<In>, transposedA);
  gemm.b = std::make_unique<schema::Matrix>(bufferB.operand(), strideB, typeOf<In>, transposedB);
  gemm.c = std::make_unique<schema::Matrix>(bufferC.operand(), strideC, typeOf<Out>, false);
  if (bias)
    gemm.bias = std::make_unique<Operand>(bufferBias.operand());
  gemm.bias_dtype = typeOf<Out>;
  gemm.accumulate = accumulate;
  builder.step(std::move(gemm));
  ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(device));
  std::vector<Out> result = builder.read<Out>(bufferC);
  for (uint64_t i = 0; i < m; ++i) {
    for (uint64_t j = 0; j < n; ++j) {
      double sum = (bias ? real(offset[j]) : 0) + (accumulate ? real(c[i * strideC + j]) : 0);
      for (uint64_t l = 0; l < k; ++l)
        sum += real(a[transposedA ? l * strideA + i : i * strideA + l]) *
               real(b[transposedB ? j * strideB + l : l * strideB + j]);
      ASSERT_NEAR(real(result[i * strideC + j]), sum, tolerance * (1 + std::abs(sum))) << i << ", " << j;
    }
    for (uint64_t j = n; j < strideC; ++j)
      ASSERT_EQ(real(result[i * strideC + j]), real(c[i * strideC + j])) << "between rows, " << i << ", " << j;
  }
}

template <typename In, typename Out> void checkGemms(Device &device, double tolerance) {
  for (int variant = 0; variant < 32; ++variant)
    ASSERT_NO_FATAL_FAILURE((checkGemm<In, Out>(device, 67, 131, 33, variant, tolerance)));
  ASSERT_NO_FATAL_FAILURE((checkGemm<In, Out>(device, 1, 1, 1, 0, tolerance)));
  ASSERT_NO_FATAL_FAILURE((checkGemm<In, Out>(device, 1, 200, 300, 2, tolerance)));
  ASSERT_NO_FATAL_FAILURE((checkGemm<In, Out>(device, 96, 64, 600, 1, tolerance)));
  ASSERT_NO_FATAL_FAILURE((checkGemm<In, Out>(device, 64, 256, 128, 2, tolerance)));
  for (int variant = 0; variant < 32; variant += 3) // A long k may be split.
    ASSERT_NO_FATAL_FAILURE((checkGemm<In, Out>(device, 9, 17, 5003, variant, 4 * tolerance)));
}

TEST_P(CommandConformance, ProductsInF32) { checkGemms<float, float>(*device, 1e-5); }
TEST_P(CommandConformance, ProductsInF64) { checkGemms<double, double>(*device, 1e-13); }
TEST_P(CommandConformance, ProductsInBf16) { checkGemms<BFloat16, BFloat16>(*device, 0.008); }
TEST_P(CommandConformance, ProductsOfBf16IntoF32) { checkGemms<BFloat16, float>(*device, 1e-5); }

// ---------------------------------------------------------------- attention

struct AttentionShape {
  int64_t batch, sequence, heads, kvHeads, dim;
};

struct AttentionResult {
  std::vector<double> out, logSumExp, dq, dk, dv;
};

/// Query, key, value and the gradient of the result, [batch, sequence, heads, dim].
struct AttentionInput {
  std::vector<double> q, k, v, dOut;
};

/// softmax(scale q k') v and its gradients, in f64, from the formulas.
AttentionResult plainAttention(const AttentionShape &shape, double scale, const AttentionInput &in) {
  auto [batch, sequence, heads, kvHeads, dim] = shape;
  AttentionResult result;
  result.out.resize(in.q.size());
  result.dq.resize(in.q.size());
  result.dk.resize(in.k.size());
  result.dv.resize(in.v.size());
  result.logSumExp.resize(batch * heads * sequence);
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t t = 0; t < sequence; ++t) {
        const double *q = &in.q[((b * sequence + t) * heads + h) * dim];
        const double *dOut = &in.dOut[((b * sequence + t) * heads + h) * dim];
        double *out = &result.out[((b * sequence + t) * heads + h) * dim];
        auto kv = [&](int64_t s) { return ((b * sequence + s) * kvHeads + h / (heads / kvHeads)) * dim; };
        std::vector<double> p(t + 1), dp(t + 1);
        double total = 0, delta = 0;
        for (int64_t s = 0; s <= t; ++s) {
          for (int64_t i = 0; i < dim; ++i)
            p[s] += scale * q[i] * in.k[kv(s) + i];
          total += std::exp(p[s]);
        }
        result.logSumExp[(b * heads + h) * sequence + t] = std::log(total);
        for (int64_t s = 0; s <= t; ++s) {
          p[s] = std::exp(p[s]) / total;
          for (int64_t i = 0; i < dim; ++i) {
            out[i] += p[s] * in.v[kv(s) + i];
            dp[s] += dOut[i] * in.v[kv(s) + i];
            result.dv[kv(s) + i] += p[s] * dOut[i];
          }
          delta += p[s] * dp[s];
        }
        for (int64_t s = 0; s <= t; ++s)
          for (int64_t i = 0; i < dim; ++i) {
            result.dq[((b * sequence + t) * heads + h) * dim + i] += scale * p[s] * (dp[s] - delta) * in.k[kv(s) + i];
            result.dk[kv(s) + i] += scale * p[s] * (dp[s] - delta) * q[i];
          }
      }
  return result;
}

template <typename T> std::vector<double> widen(const std::vector<T> &values) {
  std::vector<double> result;
  for (T value : values)
    result.push_back(real(value));
  return result;
}

/// Attention forward and backward on a device. Queries, keys and values share rows, as a fused projection leaves them.
template <typename T> class DeviceAttention {
public:
  DeviceAttention(Device &device, const AttentionShape &shape, double scale) : shape_(shape) {
    using Sum = std::conditional_t<std::is_same_v<T, double>, double, float>;
    int64_t tokens = shape.batch * shape.sequence;
    queryWidth_ = shape.heads * shape.dim;
    keyWidth_ = shape.kvHeads * shape.dim;
    stride_ = queryWidth_ + 2 * keyWidth_;
    fused_ = builder_.buffer(typeOf<T>, tokens * stride_);
    out_ = builder_.buffer(typeOf<T>, tokens * queryWidth_);
    outGradient_ = builder_.buffer(typeOf<T>, tokens * queryWidth_);
    gradients_ = builder_.buffer(typeOf<T>, tokens * stride_);
    logSumExp_ = builder_.buffer(typeOf<Sum>, shape.batch * shape.heads * shape.sequence);
    auto forward = [&] {
      schema::AttentionT command;
      command.batch = shape.batch;
      command.sequence = shape.sequence;
      command.heads = shape.heads;
      command.kv_heads = shape.kvHeads;
      command.head_dim = shape.dim;
      command.scale = scale;
      command.dtype = typeOf<T>;
      command.query = rows(fused_.operand(), stride_);
      command.key = rows(fused_.operand(queryWidth_), stride_);
      command.value = rows(fused_.operand(queryWidth_ + keyWidth_), stride_);
      command.out = rows(out_.operand(), queryWidth_);
      command.log_sum_exp = std::make_unique<Operand>(logSumExp_.operand());
      return command;
    };
    schema::AttentionBackwardT backward;
    backward.forward = std::make_unique<schema::AttentionT>(forward());
    backward.out_gradient = rows(outGradient_.operand(), queryWidth_);
    backward.query_gradient = rows(gradients_.operand(), stride_);
    backward.key_gradient = rows(gradients_.operand(queryWidth_), stride_);
    backward.value_gradient = rows(gradients_.operand(queryWidth_ + keyWidth_), stride_);
    builder_.step(forward());
    builder_.step(std::move(backward));
    builder_.load(device);
  }

  AttentionResult run(const AttentionInput &in) {
    using Sum = std::conditional_t<std::is_same_v<T, double>, double, float>;
    int64_t tokens = shape_.batch * shape_.sequence;
    std::vector<T> fused(tokens * stride_), outGradient(in.dOut.size());
    auto move = [&](const std::vector<double> &part, int64_t first, int64_t width) {
      for (int64_t token = 0; token < tokens; ++token)
        for (int64_t i = 0; i < width; ++i)
          fused[token * stride_ + first + i] = narrow(part[token * width + i]);
    };
    move(in.q, 0, queryWidth_);
    move(in.k, queryWidth_, keyWidth_);
    move(in.v, queryWidth_ + keyWidth_, keyWidth_);
    for (size_t i = 0; i < in.dOut.size(); ++i)
      outGradient[i] = narrow(in.dOut[i]);
    write(fused_, fused);
    write(outGradient_, outGradient);
    builder_.run();
    AttentionResult result;
    result.out = widen(builder_.read<T>(out_));
    result.logSumExp = widen(builder_.read<Sum>(logSumExp_));
    std::vector<T> gradients = builder_.read<T>(gradients_);
    auto part = [&](int64_t first, int64_t width) {
      std::vector<double> values;
      for (int64_t token = 0; token < tokens; ++token)
        for (int64_t i = 0; i < width; ++i)
          values.push_back(real(gradients[token * stride_ + first + i]));
      return values;
    };
    result.dq = part(0, queryWidth_);
    result.dk = part(queryWidth_, keyWidth_);
    result.dv = part(queryWidth_ + keyWidth_, keyWidth_);
    return result;
  }

private:
  static std::unique_ptr<schema::HeadRows> rows(Operand operand, uint64_t stride) {
    return std::make_unique<schema::HeadRows>(operand, stride);
  }
  static T narrow(double value) {
    if constexpr (std::is_same_v<T, double>)
      return value;
    else
      return T(float(value));
  }
  void write(const Buffer &buffer, const std::vector<T> &values) {
    Status status =
        builder_.session().write(schema::Location(0, buffer.type, buffer.offset), std::as_bytes(std::span(values)), 0);
    EXPECT_TRUE(status.ok()) << status.message();
  }

  ExecutableBuilder builder_;
  AttentionShape shape_;
  int64_t queryWidth_, keyWidth_, stride_;
  Buffer fused_, out_, outGradient_, gradients_, logSumExp_;
};

AttentionInput randomInput(const AttentionShape &shape, double size) {
  Numbers numbers(7);
  auto make = [&](int64_t heads) {
    std::vector<double> values(shape.batch * shape.sequence * heads * shape.dim);
    // What bf16 holds exactly, so that every type gets the same numbers.
    for (double &value : values)
      value = float(BFloat16(float(size * numbers.next())));
    return values;
  };
  return {make(shape.heads), make(shape.kvHeads), make(shape.kvHeads), make(shape.heads)};
}

void expectNear(const std::vector<double> &found, const std::vector<double> &expected, double tolerance,
                const char *what) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found[i], expected[i], tolerance * (1 + std::abs(expected[i]))) << what << " at " << i;
}

// Odd sizes, several tiles, groups of 1 to all, large scores (so that the running maximum matters).
const AttentionShape attentionShapes[] = {{1, 1, 1, 1, 8},    {2, 5, 3, 1, 4},    {1, 64, 2, 2, 64},
                                          {1, 65, 4, 2, 64},  {2, 130, 6, 2, 64}, {1, 200, 2, 1, 80},
                                          {1, 97, 3, 3, 128}, {1, 70, 1, 1, 17}};

template <typename T> void checkAttention(Device &device, double size, double tolerance) {
  for (const AttentionShape &shape : attentionShapes) {
    SCOPED_TRACE(fmt::format("batch {}, sequence {}, heads {}/{}, dim {}", shape.batch, shape.sequence, shape.heads,
                             shape.kvHeads, shape.dim));
    AttentionInput in = randomInput(shape, size);
    double scale = 1 / std::sqrt(shape.dim);
    AttentionResult expected = plainAttention(shape, scale, in);
    AttentionResult found = DeviceAttention<T>(device, shape, scale).run(in);
    ASSERT_NO_FATAL_FAILURE(expectNear(found.out, expected.out, tolerance, "out"));
    ASSERT_NO_FATAL_FAILURE(expectNear(found.logSumExp, expected.logSumExp, tolerance, "log-sum-exp"));
    ASSERT_NO_FATAL_FAILURE(expectNear(found.dq, expected.dq, tolerance, "dq"));
    ASSERT_NO_FATAL_FAILURE(expectNear(found.dk, expected.dk, tolerance, "dk"));
    ASSERT_NO_FATAL_FAILURE(expectNear(found.dv, expected.dv, tolerance, "dv"));
  }
}

TEST_P(CommandConformance, AttentionInF64) { checkAttention<double>(*device, 1, 1e-12); }
TEST_P(CommandConformance, AttentionInF64OfLargeScores) { checkAttention<double>(*device, 6, 1e-10); }
TEST_P(CommandConformance, AttentionInF32) { checkAttention<float>(*device, 1, 1e-5); }
TEST_P(CommandConformance, AttentionInF32OfLargeScores) { checkAttention<float>(*device, 6, 5e-4); }
TEST_P(CommandConformance, AttentionInBf16) { checkAttention<BFloat16>(*device, 1, 0.03); }

// The plain gradients above share no code with the devices, but come from the same formulas: differences do not.
TEST_P(CommandConformance, AttentionGradientsAgreeWithDifferences) {
  AttentionShape shape{1, 7, 4, 2, 6};
  AttentionInput in = randomInput(shape, 1);
  DeviceAttention<double> attention(*device, shape, 0.4);
  AttentionResult gradients = attention.run(in);
  auto objective = [&] {
    std::vector<double> out = attention.run(in).out;
    double sum = 0;
    for (size_t i = 0; i < out.size(); ++i)
      sum += out[i] * in.dOut[i];
    return sum;
  };
  auto check = [&](std::vector<double> &input, const std::vector<double> &gradient, const char *what) {
    constexpr double step = 1e-5;
    for (size_t i = 0; i < input.size(); i += 3) {
      double value = input[i];
      input[i] = value + step;
      double above = objective();
      input[i] = value - step;
      double below = objective();
      input[i] = value;
      ASSERT_NEAR((above - below) / (2 * step), gradient[i], 1e-8) << what << " at " << i;
    }
  };
  ASSERT_NO_FATAL_FAILURE(check(in.q, gradients.dq, "dq"));
  ASSERT_NO_FATAL_FAILURE(check(in.k, gradients.dk, "dk"));
  ASSERT_NO_FATAL_FAILURE(check(in.v, gradients.dv, "dv"));
}

// ---------------------------------------------------------------- the rest

template <typename T> void checkScatterAdd(Device &device) {
  using Sum = std::conditional_t<std::is_same_v<T, double>, double, float>;
  constexpr uint64_t rows = 150, columns = 101, tableRows = 9;
  Numbers numbers(8);
  auto source = numbers.vector<T>(rows * columns);
  auto table = numbers.vector<Sum>(tableRows * columns);
  std::vector<int32_t> indices(rows);
  for (uint64_t r = 0; r < rows; ++r)
    indices[r] = int32_t(r * r % 7);
  ExecutableBuilder builder;
  Buffer from = builder.buffer(source), to = builder.buffer(table), chosen = builder.buffer(indices);
  schema::ScatterAddT command;
  command.rows = rows;
  command.columns = columns;
  command.table_rows = tableRows;
  command.dtype = typeOf<T>;
  command.table_dtype = typeOf<Sum>;
  command.indices = std::make_unique<Operand>(chosen.operand());
  command.source = std::make_unique<Operand>(from.operand());
  command.table = std::make_unique<Operand>(to.operand());
  builder.step(std::move(command));
  ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(device));
  for (uint64_t r = 0; r < rows; ++r)
    for (uint64_t c = 0; c < columns; ++c)
      table[indices[r] * columns + c] += Sum(real(source[r * columns + c]));
  EXPECT_EQ(builder.read<Sum>(to), table);
}

TEST_P(CommandConformance, ScatterAddInOrder) {
  checkScatterAdd<float>(*device);
  checkScatterAdd<double>(*device);
  checkScatterAdd<BFloat16>(*device);
}

TEST_P(CommandConformance, CopyAndFill) {
  constexpr uint64_t count = 700001;
  Numbers numbers(9);
  auto contents = numbers.vector<float>(count);
  ExecutableBuilder builder;
  Buffer from = builder.buffer(contents), to = builder.buffer(std::vector<float>(count, 5.0f));
  schema::CopyT copy;
  copy.bytes = (count - 2) * 4;
  copy.source = std::make_unique<Operand>(from.operand(1));
  copy.destination = std::make_unique<Operand>(to.operand(1));
  builder.step(std::move(copy));
  schema::FillT fill;
  fill.bytes = (count - 1) * 4;
  fill.destination = std::make_unique<Operand>(from.operand());
  builder.step(std::move(fill));
  ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(*device));
  std::vector<float> source = builder.read<float>(from), copied = builder.read<float>(to);
  EXPECT_EQ(copied.front(), 5.0f);
  EXPECT_EQ(copied.back(), 5.0f);
  EXPECT_TRUE(std::equal(contents.begin() + 1, contents.end() - 1, copied.begin() + 1));
  EXPECT_EQ(source.back(), contents.back());
  EXPECT_TRUE(std::all_of(source.begin(), source.end() - 1, [](float value) { return value == 0; }));
}

/// A kernel that adds a column vector to its rows.
uint32_t addKernel(ExecutableBuilder &builder, uint64_t columns) {
  KernelBuilder kernel("add", columns);
  uint16_t data = kernel.view(schema::Access::Element, DType::F32, schema::Direction::ReadWrite, columns);
  uint16_t bias = kernel.view(schema::Access::Column, DType::F32, schema::Direction::Read);
  kernel.store(data, kernel.apply(schema::Opcode::Add, kernel.load(data), kernel.load(bias)));
  return builder.kernel(kernel);
}

// A sequence called from a sequence called twice: offsets add up on the way, slots are renamed.
TEST_P(CommandConformance, CallsWithOffsets) {
  constexpr uint64_t columns = 16, rows = 2;
  ExecutableBuilder builder;
  Buffer data = builder.buffer(std::vector<float>(6 * rows * columns, 1.0f));
  std::vector<float> weights;
  for (uint64_t i = 0; i < 3 * columns; ++i)
    weights.push_back(float(i / columns + 1));
  Buffer bias = builder.buffer(weights);
  uint32_t kernel = addKernel(builder, columns);
  uint32_t inner = builder.sequence("inner", 2), outer = builder.sequence("outer", 2);
  uint64_t piece = rows * columns * 4, line = columns * 4;
  auto call = [](uint32_t sequence, std::vector<Operand> slots) {
    schema::CallT command;
    command.sequence = sequence;
    command.slots = std::move(slots);
    return command;
  };
  builder.launch(kernel, rows, {Operand(1, piece), Operand(0, line)}, 0, inner);
  builder.step(call(inner, {Operand(0, 0), Operand(1, 0)}), outer);
  builder.step(call(inner, {Operand(0, line), Operand(1, 2 * piece)}), outer);
  builder.step(call(outer, {bias.operand(), data.operand()}));
  builder.step(call(outer, {bias.operand(), data.operand(2 * rows * columns)}));
  ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(*device));
  std::vector<float> result = builder.read<float>(data);
  // Pieces 1 and 3 by the first call of outer, 3 and 5 by the second.
  const float expected[] = {1, 3, 1, 1 + 3 + 2, 1, 4};
  for (size_t i = 0; i < result.size(); ++i)
    ASSERT_EQ(result[i], expected[i / (rows * columns)]) << i;
}

TEST_P(CommandConformance, SetupRunsOnceAtLoad) {
  ExecutableBuilder builder;
  Buffer data = builder.buffer(DType::F32, 8);
  KernelBuilder kernel("count", 8);
  uint16_t view = kernel.view(schema::Access::Element, DType::F32, schema::Direction::ReadWrite, 8);
  uint16_t one = kernel.constant(1);
  kernel.store(view, kernel.apply(schema::Opcode::Add, kernel.load(view), one));
  uint32_t setup = builder.sequence("setup", 1);
  builder.launch(builder.kernel(kernel), 1, {data.operand()}, 0, setup);
  builder.executable().entries.push_back(std::make_unique<schema::EntryT>());
  builder.executable().entries.back()->name = "setup";
  builder.executable().entries.back()->sequence = setup;
  flatbuffers::FlatBufferBuilder packed;
  schema::FinishExecutableBuffer(packed, schema::Executable::Pack(packed, &builder.executable()));
  auto *begin = reinterpret_cast<const std::byte *>(packed.GetBufferPointer());
  auto executable = Executable::fromBytes({begin, begin + packed.GetSize()});
  ASSERT_TRUE(executable.ok()) << executable.status().message();
  auto session = device->load(*executable);
  ASSERT_TRUE(session.ok()) << session.status().message();
  std::vector<float> values(8);
  ASSERT_TRUE((*session)->read(schema::Location(0, DType::F32, 0), std::as_writable_bytes(std::span(values))).ok());
  EXPECT_EQ(values, std::vector<float>(8, 1.0f));
}

TEST_P(CommandConformance, RefusesWhatIsNotThere) {
  ExecutableBuilder builder;
  builder.buffer(DType::F32, 16);
  ASSERT_NO_FATAL_FAILURE(builder.load(*device));
  Status status = builder.session().run("update");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.message(), "the executable has no entry 'update' (it has: main)");
  std::vector<std::byte> bytes(8);
  EXPECT_FALSE(builder.session().read(schema::Location(0, DType::F32, 0), bytes, 57).ok());
  EXPECT_FALSE(builder.session().write(schema::Location(1, DType::F32, 0), bytes, 0).ok());
  EXPECT_TRUE(builder.session().write(schema::Location(0, DType::F32, 32), bytes, 24).ok());
}

TEST_P(CommandConformance, ProfilesEveryCommand) {
  std::unique_ptr<Device> profiled = GetParam().create({.threads = 1, .profile = true});
  ExecutableBuilder builder;
  Buffer data = builder.buffer(DType::F32, 32), bias = builder.buffer(DType::F32, 16);
  builder.launch(addKernel(builder, 16), 2, {data.operand(), bias.operand()});
  ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(*profiled));
  builder.run();
  std::vector<ProfileEntry> profile = builder.session().takeProfile();
  ASSERT_EQ(profile.size(), 1u);
  EXPECT_EQ(profile[0].kind, "kernel add");
  EXPECT_EQ(profile[0].label, "test");
  EXPECT_EQ(profile[0].calls, 2u);
  EXPECT_GT(profile[0].seconds, 0);
  EXPECT_TRUE(builder.session().takeProfile().empty());
}

} // namespace

TRITTER_CONFORMANCE(CommandConformance);
