#include "runtime/device/cpu/native_code.h"
#include "runtime/device/executable_builder.h"

#include <fstream>

using namespace tritter;
using namespace tritter::testing;
using schema::DType;

/// Bytes of a shared object made from native_kernel_fixture.cpp.
static std::vector<uint8_t> fixture(const char *path = TRITTER_NATIVE_FIXTURE) {
  std::ifstream file(path, std::ios::binary);
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

/// Two models at once, as verify has them: each runs its own kernels, though they have the same symbols.
TEST(NativeCode, ObjectsLoadedAtOnceAreNotMixedUp) {
  schema::KernelT kernel;
  kernel.symbol = "double_and_one";
  flatbuffers::FlatBufferBuilder kernelBuilder;
  kernelBuilder.Finish(schema::CreateKernel(kernelBuilder, &kernel));
  const auto *packed = flatbuffers::GetRoot<schema::Kernel>(kernelBuilder.GetBufferPointer());
  std::vector<std::shared_ptr<const NativeCode>> codes;
  std::vector<std::unique_ptr<KernelCode>> kernels;
  for (const char *path : {TRITTER_NATIVE_FIXTURE, TRITTER_NATIVE_FIXTURE_TWO}) {
    schema::NativeCodeT native;
#if defined(__aarch64__)
    native.triple = "aarch64-unknown-linux-gnu";
#else
    native.triple = "x86_64-unknown-linux-gnu";
#endif
    native.object = fixture(path);
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(schema::CreateNativeCode(builder, &native));
    auto code = NativeCode::load(flatbuffers::GetRoot<schema::NativeCode>(builder.GetBufferPointer()));
    ASSERT_TRUE(code.ok() && *code);
    auto made = NativeCode::kernel(*code, *packed);
    ASSERT_TRUE(made.ok()) << made.status().message();
    codes.push_back(*code);
    kernels.push_back(std::move(*made));
  }
  for (int i = 0; i < 2; ++i) {
    std::vector<float> in(8, 1.0f), out(8);
    void *operands[] = {in.data(), out.data()};
    kernels[i]->run(operands, 0, 1, 0);
    EXPECT_EQ(out, std::vector<float>(8, 3.0f + float(i)));
  }
}
