#ifndef TRITTER_RUNTIME_DEVICE_EXECUTABLE_BUILDER_H
#define TRITTER_RUNTIME_DEVICE_EXECUTABLE_BUILDER_H

#include "runtime/device/bfloat16.h"
#include "runtime/device/device.h"
#include "runtime/executable/upgrade.h"

#include <cstring>
#include <gtest/gtest.h>

namespace tritter::testing {

/// The DType of a C++ type.
template <typename T> constexpr schema::DType typeOf = schema::DType::F32;
template <> constexpr schema::DType typeOf<double> = schema::DType::F64;
template <> constexpr schema::DType typeOf<BFloat16> = schema::DType::BF16;
template <> constexpr schema::DType typeOf<int32_t> = schema::DType::I32;

inline double real(float value) { return value; }
inline double real(double value) { return value; }
inline double real(BFloat16 value) { return float(value); }

/// A buffer of an executable that is being built, in its only arena.
struct Buffer {
  schema::DType type;
  uint64_t offset;
  uint64_t count;

  schema::Operand operand(uint64_t first = 0) const { return {0, offset + first * sizeOf(type)}; }
};

/// Row kernels, one instruction a call; returns the register that the result is in.
class KernelBuilder {
public:
  KernelBuilder(std::string name, uint64_t columns, schema::DType compute = schema::DType::F32) {
    kernel_->name = std::move(name);
    kernel_->columns = columns;
    kernel_->compute = compute;
    nextSweep();
  }

  uint16_t view(schema::Access access, schema::DType type, schema::Direction direction, int64_t rowStride = 0,
                int64_t columnStride = 1, uint64_t divisor = 1, uint64_t modulus = 0, uint16_t indexView = 0) {
    auto view = std::make_unique<schema::ViewT>();
    view->access = access;
    view->dtype = type;
    view->direction = direction;
    view->row_stride = rowStride;
    view->column_stride = columnStride;
    view->row_divisor = divisor;
    view->row_modulus = modulus;
    view->index_view = indexView;
    kernel_->views.push_back(std::move(view));
    return uint16_t(kernel_->views.size() - 1);
  }

  void nextSweep() {
    kernel_->sweeps.push_back(std::make_unique<schema::SweepT>());
    inRow_ = false;
  }
  /// Instructions from here work once for each row.
  void row() { inRow_ = true; }

  uint16_t apply(schema::Opcode opcode, uint16_t a = 0, uint16_t b = 0, uint16_t c = 0) {
    return add(opcode, a, b, c, 0, 0);
  }
  uint16_t constant(double value) { return add(schema::Opcode::Constant, 0, 0, 0, 0, value); }
  uint16_t load(uint16_t view) { return add(schema::Opcode::Load, 0, 0, 0, view, 0); }
  void store(uint16_t view, uint16_t value) { push({schema::Opcode::Store, 0, value, 0, 0, view, 0}); }
  void columnSum(uint16_t view, uint16_t value) { push({schema::Opcode::ColumnSum, 0, value, 0, 0, view, 0}); }

  std::unique_ptr<schema::KernelT> take() { return std::move(kernel_); }

private:
  uint16_t add(schema::Opcode opcode, uint16_t a, uint16_t b, uint16_t c, uint16_t view, double immediate) {
    uint16_t result = kernel_->registers++;
    push({opcode, result, a, b, c, view, immediate});
    return result;
  }
  void push(const schema::Instruction &instruction) {
    schema::SweepT &sweep = *kernel_->sweeps.back();
    (inRow_ ? sweep.row : sweep.columns).push_back(instruction);
  }

  std::unique_ptr<schema::KernelT> kernel_ = std::make_unique<schema::KernelT>();
  bool inRow_ = false;
};

/// An executable of one arena and one entry, "main", that runs the steps added here; then a session of it on a device.
class ExecutableBuilder {
public:
  ExecutableBuilder() {
    executable_.version = executableVersion;
    executable_.arenas.push_back(std::make_unique<schema::ArenaT>());
    executable_.arenas[0]->name = "memory";
    sequence("main", 1);
    executable_.entries.push_back(std::make_unique<schema::EntryT>());
    executable_.entries[0]->name = "main";
  }

  template <typename T> Buffer buffer(const std::vector<T> &contents) {
    return fill(typeOf<T>, std::as_bytes(std::span(contents)));
  }
  Buffer fill(schema::DType type, std::span<const std::byte> contents) {
    Buffer result = buffer(type, contents.size() / sizeOf(type));
    if (!contents.empty())
      std::memcpy(&initial_[result.offset], contents.data(), contents.size());
    return result;
  }
  Buffer buffer(schema::DType type, uint64_t count) {
    uint64_t &end = executable_.arenas[0]->bytes;
    Buffer result{type, end, count};
    end = (end + count * sizeOf(type) + 63) / 64 * 64;
    initial_.resize(end);
    return result;
  }

  uint32_t kernel(KernelBuilder &builder) {
    executable_.kernels.push_back(builder.take());
    return uint32_t(executable_.kernels.size() - 1);
  }
  uint32_t sequence(std::string name, uint32_t slots) {
    executable_.sequences.push_back(std::make_unique<schema::SequenceT>());
    executable_.sequences.back()->name = std::move(name);
    executable_.sequences.back()->slots = slots;
    return uint32_t(executable_.sequences.size() - 1);
  }
  template <typename Command> void step(Command command, uint32_t sequence = 0) {
    auto step = std::make_unique<schema::StepT>();
    step->label = "test";
    step->command.Set(std::move(command));
    executable_.sequences[sequence]->steps.push_back(std::move(step));
  }
  void launch(uint32_t kernel, uint64_t rows, std::vector<schema::Operand> operands, uint32_t blocks = 0,
              uint32_t sequence = 0) {
    schema::LaunchT launch;
    launch.kernel = kernel;
    launch.rows = rows;
    launch.blocks = blocks;
    launch.operands = std::move(operands);
    step(std::move(launch), sequence);
  }

  schema::ExecutableT &executable() { return executable_; }

  /// Loads it on the device and writes the buffers' first contents; a failure is the test's.
  void load(Device &device) {
    Status status = tryLoad(device);
    ASSERT_TRUE(status.ok()) << status.message();
  }
  Status tryLoad(Device &device) {
    flatbuffers::FlatBufferBuilder builder;
    schema::FinishExecutableBuffer(builder, schema::Executable::Pack(builder, &executable_));
    auto *begin = reinterpret_cast<const std::byte *>(builder.GetBufferPointer());
    TRITTER_ASSIGN(auto loaded, Executable::fromBytes({begin, begin + builder.GetSize()}));
    TRITTER_ASSIGN(session_, device.load(loaded));
    return session_->write(schema::Location(0, schema::DType::F32, 0), initial_);
  }
  void run() {
    Status status = session_->run("main");
    ASSERT_TRUE(status.ok()) << status.message();
  }
  void loadAndRun(Device &device) {
    ASSERT_NO_FATAL_FAILURE(load(device));
    run();
  }
  Session &session() { return *session_; }

  template <typename T> std::vector<T> read(const Buffer &buffer) {
    std::vector<T> result(buffer.count);
    EXPECT_EQ(typeOf<T>, buffer.type);
    Status status =
        session_->read(schema::Location(0, buffer.type, buffer.offset), std::as_writable_bytes(std::span(result)), 0);
    EXPECT_TRUE(status.ok()) << status.message();
    return result;
  }

private:
  schema::ExecutableT executable_;
  std::vector<std::byte> initial_;
  std::unique_ptr<Session> session_;
};

/// Reproducible numbers between -1 and 1.
class Numbers {
public:
  explicit Numbers(uint64_t seed) : state_(seed * 2 + 1) {}
  double next() {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return double(int64_t(state_) >> 11) / double(int64_t(1) << 52);
  }
  template <typename T> std::vector<T> vector(size_t count) {
    std::vector<T> result(count);
    for (T &element : result)
      element = T(float(next()));
    return result;
  }

private:
  uint64_t state_;
};

} // namespace tritter::testing

#endif // TRITTER_RUNTIME_DEVICE_EXECUTABLE_BUILDER_H
