#include "runtime/device/cpu/attention.h"
#include "runtime/device/cpu/attention_kernels.h"
#include "runtime/device/executable_builder.h"
#include "runtime/device/reference/attention.h"

#include <omp.h>

using namespace tritter;
using namespace tritter::testing;

namespace {

struct KernelCase {
  const char *name;
  const TileKernels *kernels;
};

/// Attention's operands in plain vectors, and its commands.
template <typename T> class Problem {
public:
  Problem(int64_t batch, int64_t sequence, int64_t heads, int64_t kvHeads, int64_t dim) {
    Numbers numbers(1);
    int64_t tokens = batch * sequence, width = heads * dim, kvWidth = kvHeads * dim;
    query = numbers.vector<T>(tokens * width);
    key = numbers.vector<T>(tokens * kvWidth);
    value = numbers.vector<T>(tokens * kvWidth);
    outGradient = numbers.vector<T>(tokens * width);
    out.resize(tokens * width);
    queryGradient.resize(tokens * width);
    keyGradient.resize(tokens * kvWidth);
    valueGradient.resize(tokens * kvWidth);
    logSumExp.resize(batch * heads * sequence);

    auto rows = [](int64_t stride) { return std::make_unique<schema::HeadRows>(schema::Operand(0, 0), stride); };
    schema::AttentionBackwardT command;
    command.forward = std::make_unique<schema::AttentionT>();
    command.forward->batch = batch;
    command.forward->sequence = sequence;
    command.forward->heads = heads;
    command.forward->kv_heads = kvHeads;
    command.forward->head_dim = dim;
    command.forward->scale = 0.3;
    command.forward->dtype = typeOf<T>;
    command.forward->query = rows(width);
    command.forward->key = rows(kvWidth);
    command.forward->value = rows(kvWidth);
    command.forward->out = rows(width);
    command.forward->log_sum_exp = std::make_unique<schema::Operand>(0, 0);
    command.out_gradient = rows(width);
    command.query_gradient = rows(width);
    command.key_gradient = rows(kvWidth);
    command.value_gradient = rows(kvWidth);
    builder_.Finish(schema::AttentionBackward::Pack(builder_, &command));
  }

  const schema::AttentionBackward &command() {
    return *flatbuffers::GetRoot<schema::AttentionBackward>(builder_.GetBufferPointer());
  }
  AttentionBackwardPointers pointers() {
    auto bytes = [](auto &vector) { return reinterpret_cast<std::byte *>(vector.data()); };
    return {{bytes(query), bytes(key), bytes(value), bytes(out), bytes(logSumExp)},
            bytes(outGradient),
            bytes(queryGradient),
            bytes(keyGradient),
            bytes(valueGradient)};
  }

  std::vector<T> query, key, value, out, outGradient, queryGradient, keyGradient, valueGradient;
  std::vector<float> logSumExp;

private:
  flatbuffers::FlatBufferBuilder builder_;
};

template <typename T> void expectNear(const std::vector<T> &found, const std::vector<T> &expected, float tolerance) {
  for (size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(float(found[i]), float(expected[i]), tolerance * (1 + std::abs(float(expected[i])))) << i;
}

template <typename T> void compare(std::span<const KernelCase> cases, float tolerance) {
  const int64_t shapes[][5] = {{2, 130, 4, 2, 64}, {1, 65, 3, 1, 40}, {1, 64, 1, 1, 128}, {1, 31, 2, 2, 7}};
  for (const auto &[batch, sequence, heads, kvHeads, dim] : shapes) {
    Problem<T> expected(batch, sequence, heads, kvHeads, dim);
    referenceAttention(*expected.command().forward(), expected.pointers().forward);
    referenceAttentionBackward(expected.command(), expected.pointers());
    for (const KernelCase &test : cases) {
      if (!test.kernels)
        continue; // Not on this processor.
      SCOPED_TRACE(fmt::format("{}, sequence {}, dim {}", test.name, sequence, dim));
      Problem<T> found(batch, sequence, heads, kvHeads, dim);
      TiledAttention attention(test.kernels);
      attention.forward(*found.command().forward(), found.pointers().forward);
      attention.backward(found.command(), found.pointers());
      ASSERT_NO_FATAL_FAILURE(expectNear(found.out, expected.out, tolerance));
      ASSERT_NO_FATAL_FAILURE(expectNear(found.logSumExp, expected.logSumExp, tolerance));
      ASSERT_NO_FATAL_FAILURE(expectNear(found.queryGradient, expected.queryGradient, tolerance));
      ASSERT_NO_FATAL_FAILURE(expectNear(found.keyGradient, expected.keyGradient, tolerance));
      ASSERT_NO_FATAL_FAILURE(expectNear(found.valueGradient, expected.valueGradient, tolerance));
    }
  }
}

// The device uses the best of these only: the others are held here.
TEST(TiledAttention, EveryInstructionSetAgreesInF32) {
  const KernelCase cases[] = {
      {"portable", portableKernels(false)}, {"avx2", avx2Kernels(false)}, {"avx512", avx512Kernels(false)}};
  compare<float>(cases, 1e-5f);
}
TEST(TiledAttention, EveryInstructionSetAgreesInBf16) {
  const KernelCase cases[] = {{"portable", portableKernels(true)},
                              {"avx2", avx2Kernels(true)},
                              {"avx512", avx512Kernels(true)},
                              {"avx512bf16", avx512Bf16Kernels()}};
  compare<BFloat16>(cases, 0.03f);
}

TEST(TiledAttention, SameBitsForAnyNumberOfThreads) {
  auto run = [](int threads) {
    int before = omp_get_max_threads();
    omp_set_num_threads(threads);
    Problem<float> problem(2, 200, 6, 2, 32);
    TiledAttention attention;
    attention.forward(*problem.command().forward(), problem.pointers().forward);
    attention.backward(problem.command(), problem.pointers());
    omp_set_num_threads(before);
    return std::tuple(problem.out, problem.queryGradient, problem.keyGradient, problem.valueGradient);
  };
  auto one = run(1);
  EXPECT_EQ(run(2), one);
  EXPECT_EQ(run(5), one);
}

} // namespace
