#include "runtime/device/conformance_test.h"
#include "runtime/device/reference/reference_device.h"

#include <cmath>

using namespace tritter;
using namespace tritter::testing;
using schema::DType;
using schema::Operand;

namespace {

class CommandConformance : public Conformance {};

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
  std::unique_ptr<Device> profiled = GetParam().kind->create({.threads = 1, .profile = true});
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

// One thread and three share nothing but the order of sums, which must not depend on them.
TEST(ReferenceDevice, SameBitsForAnyNumberOfThreads) {
  auto run = [](int threads) {
    constexpr uint64_t rows = 300, columns = 200, blocks = 16;
    Numbers numbers(10);
    ExecutableBuilder builder;
    Buffer x = builder.buffer(numbers.vector<float>(rows * columns));
    Buffer product = builder.buffer(DType::F32, columns * columns), sums = builder.buffer(DType::F32, blocks * columns);
    schema::GemmT gemm;
    gemm.m = gemm.n = columns;
    gemm.k = rows;
    gemm.a = std::make_unique<schema::Matrix>(x.operand(), columns, DType::F32, true);
    gemm.b = std::make_unique<schema::Matrix>(x.operand(), columns, DType::F32, false);
    gemm.c = std::make_unique<schema::Matrix>(product.operand(), columns, DType::F32, false);
    builder.step(std::move(gemm));
    KernelBuilder kernel("sum", columns);
    uint16_t load = kernel.view(schema::Access::Element, DType::F32, schema::Direction::Read, columns);
    uint16_t sum = kernel.view(schema::Access::ColumnSum, DType::F32, schema::Direction::Write, columns);
    uint16_t value = kernel.load(load);
    kernel.columnSum(sum, kernel.apply(schema::Opcode::Multiply, value, value));
    builder.launch(builder.kernel(kernel), rows, {x.operand(), sums.operand()}, blocks);
    builder.loadAndRun(*createReferenceDevice({.threads = threads}));
    return std::pair(builder.read<float>(product), builder.read<float>(sums));
  };
  auto one = run(1);
  EXPECT_EQ(run(3), one);
  EXPECT_EQ(run(16), one);
}

} // namespace

TRITTER_CONFORMANCE(CommandConformance);
