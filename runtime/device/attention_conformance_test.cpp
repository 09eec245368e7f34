#include "runtime/device/conformance_test.h"

#include <cmath>

using namespace tritter;
using namespace tritter::testing;
using schema::DType;
using schema::Operand;

namespace {

class AttentionConformance : public Conformance {};

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

TEST_P(AttentionConformance, InF64) { checkAttention<double>(*device, 1, 1e-12); }
TEST_P(AttentionConformance, InF64OfLargeScores) { checkAttention<double>(*device, 6, 1e-10); }
TEST_P(AttentionConformance, InF32) { checkAttention<float>(*device, 1, 1e-5); }
TEST_P(AttentionConformance, InF32OfLargeScores) { checkAttention<float>(*device, 6, 5e-4); }
TEST_P(AttentionConformance, InBf16) { checkAttention<BFloat16>(*device, 1, 0.03); }

// The plain gradients above share no code with the devices, but come from the same formulas: differences do not.
TEST_P(AttentionConformance, GradientsAgreeWithDifferences) {
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

} // namespace

TRITTER_CONFORMANCE(AttentionConformance);
