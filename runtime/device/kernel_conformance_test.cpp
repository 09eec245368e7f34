#include "runtime/device/conformance_test.h"

#include <cmath>
#include <functional>

using namespace tritter;
using namespace tritter::testing;
using schema::Access;
using schema::Direction;
using schema::DType;
using schema::Opcode;

namespace {

class KernelConformance : public Conformance {};

struct OpcodeCase {
  Opcode opcode;
  int operands;
  std::function<double(double, double, double)> function;
  /// Operands are made positive first.
  bool positive = false;
};

const OpcodeCase opcodeCases[] = {
    {Opcode::Add, 2, [](double a, double b, double) { return a + b; }},
    {Opcode::Subtract, 2, [](double a, double b, double) { return a - b; }},
    {Opcode::Multiply, 2, [](double a, double b, double) { return a * b; }},
    {Opcode::Divide, 2, [](double a, double b, double) { return a / b; }, true},
    {Opcode::Maximum, 2, [](double a, double b, double) { return std::max(a, b); }},
    {Opcode::Minimum, 2, [](double a, double b, double) { return std::min(a, b); }},
    {Opcode::Fma, 3, [](double a, double b, double c) { return a * b + c; }},
    {Opcode::Negate, 1, [](double a, double, double) { return -a; }},
    {Opcode::Absolute, 1, [](double a, double, double) { return std::abs(a); }},
    {Opcode::Reciprocal, 1, [](double a, double, double) { return 1 / a; }, true},
    {Opcode::Exp, 1, [](double a, double, double) { return std::exp(a); }},
    {Opcode::Log, 1, [](double a, double, double) { return std::log(a); }, true},
    {Opcode::Sqrt, 1, [](double a, double, double) { return std::sqrt(a); }, true},
    {Opcode::Rsqrt, 1, [](double a, double, double) { return 1 / std::sqrt(a); }, true},
    {Opcode::Tanh, 1, [](double a, double, double) { return std::tanh(a); }},
    {Opcode::Erf, 1, [](double a, double, double) { return std::erf(a); }},
    {Opcode::Sin, 1, [](double a, double, double) { return std::sin(a); }},
    {Opcode::Cos, 1, [](double a, double, double) { return std::cos(a); }},
    {Opcode::Power, 2, [](double a, double b, double) { return std::pow(a, b); }, true},
    {Opcode::Less, 2, [](double a, double b, double) { return a < b ? 1 : 0; }},
    {Opcode::LessEqual, 2, [](double a, double b, double) { return a <= b ? 1 : 0; }},
    {Opcode::Equal, 2, [](double a, double b, double) { return a == b ? 1 : 0; }},
    {Opcode::NotEqual, 2, [](double a, double b, double) { return a != b ? 1 : 0; }},
    {Opcode::And, 2, [](double a, double b, double) { return a != 0 && b != 0 ? 1 : 0; }},
    {Opcode::Or, 2, [](double a, double b, double) { return a != 0 || b != 0 ? 1 : 0; }},
    {Opcode::Select, 3, [](double a, double b, double c) { return a != 0 ? b : c; }},
};

/// Every opcode on columns, at a width beyond one chunk and odd, and on a row; some operands zero and equal.
template <typename T> void checkOpcodes(Device &device, double tolerance) {
  constexpr uint64_t rows = 3, columns = 517;
  for (const OpcodeCase &test : opcodeCases) {
    ExecutableBuilder builder;
    Numbers numbers(1);
    std::vector<T> inputs[3];
    Buffer buffers[3];
    for (int i = 0; i < 3; ++i) {
      inputs[i] = numbers.vector<T>(rows * columns);
      for (size_t j = 0; j < inputs[i].size(); ++j) {
        inputs[i][j] *= 3;
        if (test.positive)
          inputs[i][j] = std::abs(inputs[i][j]) + T(0.1);
        else if (j % 7 < 2)
          inputs[i][j] = i == 1 && j % 7 == 0 ? 1 : 0;
      }
      buffers[i] = builder.buffer(inputs[i]);
    }
    Buffer out = builder.buffer(typeOf<T>, rows * columns);
    Buffer rowOut = builder.buffer(typeOf<T>, rows);
    KernelBuilder kernel("opcode", columns, typeOf<T>);
    uint16_t registers[3], rowRegisters[3];
    for (int i = 0; i < 3; ++i)
      kernel.view(Access::Element, typeOf<T>, Direction::Read, columns);
    for (int i = 0; i < 3; ++i)
      kernel.view(Access::Row, typeOf<T>, Direction::Read, columns);
    uint16_t store = kernel.view(Access::Element, typeOf<T>, Direction::Write, columns);
    uint16_t rowStore = kernel.view(Access::Row, typeOf<T>, Direction::Write, 1);
    for (uint16_t i = 0; i < 3; ++i)
      registers[i] = kernel.load(i);
    kernel.store(store, kernel.apply(test.opcode, registers[0], registers[1], registers[2]));
    kernel.row();
    for (uint16_t i = 0; i < 3; ++i)
      rowRegisters[i] = kernel.load(i + 3);
    kernel.store(rowStore, kernel.apply(test.opcode, rowRegisters[0], rowRegisters[1], rowRegisters[2]));
    builder.launch(builder.kernel(kernel), rows,
                   {buffers[0].operand(), buffers[1].operand(), buffers[2].operand(), buffers[0].operand(),
                    buffers[1].operand(), buffers[2].operand(), out.operand(), rowOut.operand()});
    ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(device));
    std::vector<T> result = builder.read<T>(out), rowResult = builder.read<T>(rowOut);
    for (size_t i = 0; i < rows * columns; ++i) {
      double expected = test.function(inputs[0][i], inputs[1][i], inputs[2][i]);
      double allowed = tolerance * std::max(1.0, std::abs(expected));
      ASSERT_NEAR(result[i], expected, allowed) << schema::EnumNameOpcode(test.opcode) << " at " << i;
      if (i % columns == 0) {
        ASSERT_NEAR(rowResult[i / columns], expected, allowed) << schema::EnumNameOpcode(test.opcode) << " of a row";
      }
    }
  }
}

TEST_P(KernelConformance, OpcodesInF32) { checkOpcodes<float>(*device, 1e-6); }
TEST_P(KernelConformance, OpcodesInF64) { checkOpcodes<double>(*device, 1e-14); }

// What softmax and the check for non-finite gradients rely on.
TEST_P(KernelConformance, SpecialValues) {
  float infinity = INFINITY, nan = NAN;
  std::vector<float> input = {0, -0.0f, infinity, -infinity, nan, 88.7f, -87.0f, -103.0f, -1000, 1000, 1e-30f};
  ExecutableBuilder builder;
  Buffer in = builder.buffer(input), exponentials = builder.buffer(DType::F32, input.size());
  Buffer different = builder.buffer(DType::F32, input.size()), largest = builder.buffer(DType::F32, 1);
  KernelBuilder kernel("special", input.size());
  uint16_t load = kernel.view(Access::Element, DType::F32, Direction::Read);
  uint16_t exponential = kernel.view(Access::Element, DType::F32, Direction::Write);
  uint16_t isNan = kernel.view(Access::Element, DType::F32, Direction::Write);
  uint16_t maximum = kernel.view(Access::Scalar, DType::F32, Direction::Write);
  uint16_t x = kernel.load(load);
  kernel.store(exponential, kernel.apply(Opcode::Exp, x));
  kernel.store(isNan, kernel.apply(Opcode::NotEqual, x, x));
  uint16_t reduced = kernel.apply(Opcode::ReduceMaximum, x);
  kernel.row();
  kernel.store(maximum, reduced);
  builder.launch(builder.kernel(kernel), 1,
                 {in.operand(), exponentials.operand(), different.operand(), largest.operand()});
  ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(*device));
  std::vector<float> result = builder.read<float>(exponentials), nans = builder.read<float>(different);
  for (size_t i = 0; i < input.size(); ++i) {
    float expected = std::exp(input[i]);
    EXPECT_EQ(nans[i], std::isnan(input[i]) ? 1 : 0);
    if (std::isnan(expected))
      EXPECT_TRUE(std::isnan(result[i]));
    else if (std::isinf(expected))
      EXPECT_EQ(result[i], expected) << input[i];
    else
      EXPECT_NEAR(result[i], expected, 2e-7f * expected + 2e-45f) << input[i];
  }
  EXPECT_TRUE(std::isnan(builder.read<float>(largest)[0])) << "the maximum of a NaN and numbers is NaN";
}

TEST_P(KernelConformance, StoresToBf16RoundToNearestEven) {
  auto fromBits = [](uint32_t bits) { return std::bit_cast<float>(bits); };
  std::vector<float> input = {1.0f,
                              fromBits(0x3f808000), // halfway, even below
                              fromBits(0x3f818000), // halfway, even above
                              fromBits(0x3f808001),
                              fromBits(0x3f807fff),
                              fromBits(0x7f7fffff),
                              -INFINITY,
                              fromBits(0x00008001),
                              NAN};
  std::vector<uint16_t> expected = {0x3f80, 0x3f80, 0x3f82, 0x3f81, 0x3f80, 0x7f80, 0xff80, 0x0001};
  ExecutableBuilder builder;
  Buffer in = builder.buffer(input), out = builder.buffer(DType::BF16, input.size());
  KernelBuilder kernel("round", input.size());
  uint16_t load = kernel.view(Access::Element, DType::F32, Direction::Read);
  uint16_t store = kernel.view(Access::Element, DType::BF16, Direction::Write);
  kernel.store(store, kernel.load(load));
  builder.launch(builder.kernel(kernel), 1, {in.operand(), out.operand()});
  ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(*device));
  std::vector<BFloat16> result = builder.read<BFloat16>(out);
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(result[i].bits, expected[i]) << i;
  EXPECT_TRUE(std::isnan(float(result.back())));
}

// out[r, c] = element[r / 2 % 3, 2 c] + column[c] + row[r] + scalar + table[index[r], c] + r + 10 c, bf16 and i32 too.
TEST_P(KernelConformance, EveryAccess) {
  constexpr uint64_t rows = 37, columns = 300;
  Numbers numbers(2);
  auto element = numbers.vector<float>(3 * 2 * columns);
  auto column = numbers.vector<BFloat16>(columns);
  auto row = numbers.vector<float>(rows * 2);
  auto scalar = numbers.vector<float>(1);
  auto table = numbers.vector<BFloat16>(11 * columns);
  std::vector<int32_t> indices(rows);
  for (uint64_t r = 0; r < rows; ++r)
    indices[r] = int32_t(r * 5 % 11);
  ExecutableBuilder builder;
  Buffer elementBuffer = builder.buffer(element), columnBuffer = builder.buffer(column);
  Buffer rowBuffer = builder.buffer(row), scalarBuffer = builder.buffer(scalar), tableBuffer = builder.buffer(table);
  Buffer indexBuffer = builder.buffer(indices), out = builder.buffer(DType::F32, rows * columns);
  KernelBuilder kernel("access", columns);
  kernel.view(Access::Element, DType::F32, Direction::Read, 2 * columns, 2, 2, 3);
  kernel.view(Access::Column, DType::BF16, Direction::Read);
  kernel.view(Access::Row, DType::F32, Direction::Read, 2);
  kernel.view(Access::Scalar, DType::F32, Direction::Read);
  kernel.view(Access::Gather, DType::BF16, Direction::Read, columns, 1, 1, 0, 5);
  kernel.view(Access::Row, DType::I32, Direction::Read, 1);
  uint16_t store = kernel.view(Access::Element, DType::F32, Direction::Write, columns);
  uint16_t sum = kernel.load(0);
  for (uint16_t view = 1; view < 6; ++view)
    sum = kernel.apply(Opcode::Add, sum, kernel.load(view));
  sum = kernel.apply(Opcode::Add, sum, kernel.apply(Opcode::RowIndex));
  uint16_t ten = kernel.constant(10);
  sum = kernel.apply(Opcode::Fma, kernel.apply(Opcode::ColumnIndex), ten, sum);
  kernel.store(store, sum);
  builder.launch(builder.kernel(kernel), rows,
                 {elementBuffer.operand(), columnBuffer.operand(), rowBuffer.operand(), scalarBuffer.operand(),
                  tableBuffer.operand(), indexBuffer.operand(), out.operand()});
  ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(*device));
  std::vector<float> result = builder.read<float>(out);
  for (uint64_t r = 0; r < rows; ++r)
    for (uint64_t c = 0; c < columns; ++c) {
      float expected = element[r / 2 % 3 * 2 * columns + 2 * c] + float(column[c]) + row[2 * r] + scalar[0] +
                       float(table[indices[r] * columns + c]) + indices[r] + r + 10 * c;
      ASSERT_NEAR(result[r * columns + c], expected, 1e-3) << r << ", " << c;
    }
}

/// Softmax of each row, written over its input, in three sweeps; `columns` odd and beyond a chunk.
template <typename T> void checkSweeps(Device &device, double tolerance) {
  constexpr uint64_t rows = 50, columns = 1031;
  Numbers numbers(3);
  auto input = numbers.vector<T>(rows * columns);
  ExecutableBuilder builder;
  Buffer x = builder.buffer(input), total = builder.buffer(typeOf<T>, rows);
  KernelBuilder kernel("softmax", columns, typeOf<T>);
  uint16_t data = kernel.view(Access::Element, typeOf<T>, Direction::ReadWrite, columns);
  uint16_t sums = kernel.view(Access::Row, typeOf<T>, Direction::Write, 1);
  uint16_t largest = kernel.apply(Opcode::ReduceMaximum, kernel.load(data));
  kernel.row();
  uint16_t negated = kernel.apply(Opcode::Negate, largest);
  kernel.nextSweep();
  uint16_t weight = kernel.apply(Opcode::Exp, kernel.apply(Opcode::Add, kernel.load(data), negated));
  kernel.store(data, weight);
  uint16_t sum = kernel.apply(Opcode::ReduceAdd, weight);
  kernel.row();
  kernel.store(sums, sum);
  uint16_t factor = kernel.apply(Opcode::Reciprocal, sum);
  kernel.nextSweep();
  kernel.store(data, kernel.apply(Opcode::Multiply, kernel.load(data), factor));
  builder.launch(builder.kernel(kernel), rows, {x.operand(), total.operand()});
  ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(device));
  std::vector<T> result = builder.read<T>(x), totals = builder.read<T>(total);
  for (uint64_t r = 0; r < rows; ++r) {
    double most = -1e9, all = 0;
    for (uint64_t c = 0; c < columns; ++c)
      most = std::max<double>(most, input[r * columns + c]);
    for (uint64_t c = 0; c < columns; ++c)
      all += std::exp(input[r * columns + c] - most);
    ASSERT_NEAR(totals[r], all, tolerance * all);
    for (uint64_t c = 0; c < columns; ++c)
      ASSERT_NEAR(result[r * columns + c], std::exp(input[r * columns + c] - most) / all, tolerance);
  }
}

TEST_P(KernelConformance, SweepsInF32) { checkSweeps<float>(*device, 1e-6); }
TEST_P(KernelConformance, SweepsInF64) { checkSweeps<double>(*device, 1e-13); }

// 10 rows in 4 blocks: 3, 3, 3 and 1; with 11 rows for 7 blocks, the last has none and must be zero.
TEST_P(KernelConformance, ColumnSums) {
  for (auto [rows, blocks] : {std::pair<uint64_t, uint64_t>{10, 4}, {11, 7}, {3, 1}}) {
    constexpr uint64_t columns = 4100;
    Numbers numbers(4);
    auto input = numbers.vector<float>(rows * columns);
    ExecutableBuilder builder;
    Buffer x = builder.buffer(input), sums = builder.buffer(std::vector<float>(blocks * columns, 7.0f));
    KernelBuilder kernel("sum", columns);
    uint16_t load = kernel.view(Access::Element, DType::F32, Direction::Read, columns);
    uint16_t sum = kernel.view(Access::ColumnSum, DType::F32, Direction::Write, columns);
    kernel.columnSum(sum, kernel.load(load));
    builder.launch(builder.kernel(kernel), rows, {x.operand(), sums.operand()}, uint32_t(blocks));
    ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(*device));
    std::vector<float> result = builder.read<float>(sums);
    uint64_t length = (rows + blocks - 1) / blocks;
    for (uint64_t block = 0; block < blocks; ++block)
      for (uint64_t c = 0; c < columns; ++c) {
        float expected = 0;
        for (uint64_t r = block * length; r < std::min((block + 1) * length, rows); ++r)
          expected += input[r * columns + c];
        ASSERT_EQ(result[block * columns + c], expected) << block << ", " << c;
      }
  }
}

// The interpreter shares buffers between values: a value used again late must survive many others.
TEST_P(KernelConformance, ManyRegisters) {
  constexpr uint64_t columns = 333, rows = 2;
  Numbers numbers(5);
  auto input = numbers.vector<double>(rows * columns);
  ExecutableBuilder builder;
  Buffer x = builder.buffer(input), out = builder.buffer(DType::F64, rows * columns);
  KernelBuilder kernel("registers", columns, DType::F64);
  uint16_t load = kernel.view(Access::Element, DType::F64, Direction::Read, columns);
  uint16_t store = kernel.view(Access::Element, DType::F64, Direction::Write, columns);
  std::vector<uint16_t> values = {kernel.load(load)};
  for (int i = 1; i < 40; ++i)
    values.push_back(kernel.apply(Opcode::Add, values.back(), kernel.constant(i)));
  uint16_t sum = values[0];
  for (int i = 1; i < 40; ++i)
    sum = kernel.apply(Opcode::Subtract, values[i], sum);
  kernel.store(store, sum);
  builder.launch(builder.kernel(kernel), rows, {x.operand(), out.operand()});
  ASSERT_NO_FATAL_FAILURE(builder.loadAndRun(*device));
  std::vector<double> result = builder.read<double>(out);
  for (size_t i = 0; i < input.size(); ++i) {
    double value = input[i], expected = input[i];
    for (int j = 1; j < 40; ++j) {
      value += j;
      expected = value - expected;
    }
    ASSERT_DOUBLE_EQ(result[i], expected);
  }
}

} // namespace

TRITTER_CONFORMANCE(KernelConformance);
