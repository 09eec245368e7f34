#include "runtime/device/cpu/native_code.h"
#include "runtime/device/executable_builder.h"

#include <fstream>

using namespace tritter;
using namespace tritter::testing;
using schema::DType;

/// Bytes of the shared object made from native_kernel_fixture.cpp.
static std::vector<uint8_t> fixture() {
  std::ifstream file(TRITTER_NATIVE_FIXTURE, std::ios::binary);
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

/// Doubles 1000 rows of ones, by a kernel with native code (which adds 1, so that one sees which ran).
static std::vector<float> run(Device &device, std::string features, std::string symbol, Status &status) {
  ExecutableBuilder builder;
  Buffer in = builder.buffer(std::vector<float>(8000, 1.0f)), out = builder.buffer(DType::F32, 8000);
  KernelBuilder kernel("double", 8);
  uint16_t load = kernel.view(schema::Access::Element, DType::F32, schema::Direction::Read, 8);
  uint16_t store = kernel.view(schema::Access::Element, DType::F32, schema::Direction::Write, 8);
  uint16_t x = kernel.load(load);
  kernel.store(store, kernel.apply(schema::Opcode::Add, x, x));
  builder.launch(builder.kernel(kernel), 1000, {in.operand(), out.operand()});
  schema::ExecutableT &executable = builder.executable();
  executable.kernels[0]->symbol = std::move(symbol);
  executable.native = std::make_unique<schema::NativeCodeT>();
#if defined(__aarch64__)
  executable.native->triple = "aarch64-unknown-linux-gnu";
#else
  executable.native->triple = "x86_64-unknown-linux-gnu";
#endif
  executable.native->features = std::move(features);
  executable.native->object = fixture();
  status = builder.tryLoad(device);
  if (!status.ok())
    return {};
  builder.run();
  return builder.read<float>(out);
}

TEST(NativeCode, RunsInsteadOfTheInterpreter) {
  Status status;
  EXPECT_EQ(run(*createCpuDevice({.threads = 2}), "", "double_and_one", status), std::vector<float>(8000, 3.0f));
  EXPECT_TRUE(status.ok()) << status.message();
}

TEST(NativeCode, GivesWayToTheInterpreter) {
  Status status;
  std::vector<float> interpreted(8000, 2.0f);
  EXPECT_EQ(run(*createCpuDevice({.native = false}), "", "double_and_one", status), interpreted);
  EXPECT_EQ(run(*createCpuDevice(), "", "", status), interpreted) << "a kernel without a symbol";
  EXPECT_EQ(run(*createReferenceDevice(), "", "double_and_one", status), interpreted);
  if (!processorHas("+amx-tile")) {
    EXPECT_EQ(run(*createCpuDevice(), "+sse3,-avx,+amx-tile", "double_and_one", status), interpreted);
  }
}

TEST(NativeCode, MissingSymbolIsAnError) {
  Status status;
  run(*createCpuDevice(), "", "triple", status);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.message().find("kernel 'double' is not among the native kernels as 'triple'"), std::string::npos);
}
