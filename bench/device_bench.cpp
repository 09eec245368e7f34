// The rates of products and attention on the cpu device, at the shapes of a 22M and a 110M Llama with 1,024 tokens
// (batch 2 x 512). Products count 2 m n k operations; attention is causal, halved: 2 B H T^2 D forward, 5 backward.
#include "runtime/device/cpu/cpu_device.h"
#include "runtime/device/executable_builder.h"

#include <benchmark/benchmark.h>

using namespace tritter;
using namespace tritter::testing;
using schema::DType;

static std::vector<std::byte> noise(uint64_t count, DType type) {
  Numbers numbers(1);
  std::vector<std::byte> bytes(count * sizeOf(type));
  for (uint64_t i = 0; i < count; ++i) {
    float value = float(numbers.next());
    BFloat16 rounded(value);
    if (type == DType::F32)
      std::memcpy(&bytes[i * 4], &value, 4);
    else
      std::memcpy(&bytes[i * 2], &rounded, 2);
  }
  return bytes;
}

/// Runs what was built until the time is over; `operations` in one run.
static void measure(benchmark::State &state, ExecutableBuilder &builder, double operations) {
  std::unique_ptr<Device> device = createCpuDevice();
  Status status = builder.tryLoad(*device);
  if (!status.ok())
    return state.SkipWithError(std::string(status.message()).c_str());
  for (auto _ : state)
    if (Status ran = builder.session().run("main"); !ran.ok())
      return state.SkipWithError(std::string(ran.message()).c_str());
  state.counters["GFLOP/s"] = benchmark::Counter(operations * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

enum Direction { Forward, InputGradient, WeightGradient };

/// y[m, n] = x[m, k] w[n, k]', dx = dy w, or dw = dy' x (in f32).
static void product(benchmark::State &state, DType type, Direction direction, uint64_t m, uint64_t n, uint64_t k) {
  ExecutableBuilder builder;
  DType result = direction == WeightGradient ? DType::F32 : type;
  // The product of y[tokens, n] = x[tokens, k] w[n, k]', or of a gradient of it.
  uint64_t tokens = m;
  if (direction == InputGradient)
    std::swap(n, k);
  if (direction == WeightGradient) {
    m = n;
    n = k;
    k = tokens;
  }
  schema::GemmT gemm;
  gemm.m = m;
  gemm.n = n;
  gemm.k = k;
  bool transposedA = direction == WeightGradient, transposedB = direction == Forward;
  Buffer a = builder.fill(type, noise(m * k, type)), b = builder.fill(type, noise(k * n, type));
  Buffer c = builder.buffer(result, m * n);
  gemm.a = std::make_unique<schema::Matrix>(a.operand(), transposedA ? m : k, type, transposedA);
  gemm.b = std::make_unique<schema::Matrix>(b.operand(), transposedB ? k : n, type, transposedB);
  gemm.c = std::make_unique<schema::Matrix>(c.operand(), n, result, false);
  builder.step(std::move(gemm));
  measure(state, builder, 2.0 * m * n * k);
}

static void attention(benchmark::State &state, DType type, bool backward, uint64_t heads, uint64_t kvHeads) {
  constexpr uint64_t batch = 2, sequence = 512, dim = 64, tokens = batch * sequence;
  ExecutableBuilder builder;
  auto rows = [&](uint64_t count) {
    Buffer buffer = builder.fill(type, noise(tokens * count * dim, type));
    return std::make_unique<schema::HeadRows>(buffer.operand(), count * dim);
  };
  schema::AttentionT forward;
  forward.batch = batch;
  forward.sequence = sequence;
  forward.heads = heads;
  forward.kv_heads = kvHeads;
  forward.head_dim = dim;
  forward.scale = 0.125;
  forward.dtype = type;
  forward.query = rows(heads);
  forward.key = rows(kvHeads);
  forward.value = rows(kvHeads);
  forward.out = rows(heads);
  forward.log_sum_exp =
      std::make_unique<schema::Operand>(builder.buffer(std::vector<float>(batch * heads * sequence, 6)).operand());
  double operations = (backward ? 5.0 : 2.0) * batch * heads * sequence * sequence * dim;
  if (backward) {
    schema::AttentionBackwardT command;
    command.out_gradient = rows(heads);
    command.query_gradient = rows(heads);
    command.key_gradient = rows(kvHeads);
    command.value_gradient = rows(kvHeads);
    command.forward = std::make_unique<schema::AttentionT>(std::move(forward));
    builder.step(std::move(command));
  } else {
    builder.step(std::move(forward));
  }
  measure(state, builder, operations);
}

static void registerAll() {
  struct Shape {
    const char *name;
    uint64_t tokens, n, k;
  };
  const Shape shapes[] = {
      {"22M.q", 1024, 384, 384},      {"22M.kv", 1024, 128, 384},     {"22M.gate", 1024, 1024, 384},
      {"22M.down", 1024, 384, 1024},  {"22M.head", 256, 16384, 384},  {"110M.q", 1024, 768, 768},
      {"110M.gate", 1024, 2048, 768}, {"110M.down", 1024, 768, 2048}, {"110M.head", 256, 32000, 768}};
  const char *directions[] = {"forward", "dx", "dw"};
  for (DType type : {DType::F32, DType::BF16}) {
    for (const Shape &shape : shapes)
      for (Direction direction : {Forward, InputGradient, WeightGradient})
        benchmark::RegisterBenchmark(
            fmt::format("gemm/{}/{}/{}", nameOf(type), shape.name, directions[direction]).c_str(), product, type,
            direction, shape.tokens, shape.n, shape.k);
    for (auto [heads, kvHeads] : {std::pair<uint64_t, uint64_t>{6, 2}, {12, 12}})
      for (bool backward : {false, true})
        benchmark::RegisterBenchmark(
            fmt::format("attention/{}/heads{}.{}/{}", nameOf(type), heads, kvHeads, backward ? "backward" : "forward")
                .c_str(),
            attention, type, backward, heads, kvHeads)
            ->UseRealTime();
  }
}

int main(int argc, char **argv) {
  registerAll();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
