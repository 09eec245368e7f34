#include "runtime/device/cpu/cpu_device.h"
#include "runtime/device/cpu/native_code.h"
#include "runtime/device/executable_builder.h"
#include "runtime/device/reference/reference_device.h"

#include <fstream>

using namespace tritter;
using namespace tritter::testing;
using schema::DType;

/// Bytes of a shared object made from native_kernel_fixture.cpp.
static std::vector<uint8_t> fixture(const char *path) {
  std::ifstream file(path, std::ios::binary);
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

/// Code of this machine's kind of processor, with `symbol` for kernel 0.
static std::unique_ptr<schema::TargetT> target(const char *path, std::string features, std::string symbol) {
  auto target = std::make_unique<schema::TargetT>();
  target->name = "cpu";
#if defined(__aarch64__)
  target->triple = "aarch64-unknown-linux-gnu";
#else
  target->triple = "x86_64-unknown-linux-gnu";
#endif
  target->features = std::move(features);
  target->code = fixture(path);
  target->kernels.push_back(std::make_unique<schema::KernelCodeT>());
  target->kernels.back()->symbol = std::move(symbol);
  return target;
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
  if (!symbol.empty())
    builder.executable().targets.push_back(target(TRITTER_NATIVE_FIXTURE, std::move(features), std::move(symbol)));
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
  EXPECT_NE(status.message().find("kernel 'double': it is not among the native kernels as 'triple'"),
            std::string::npos);
}

/// Two models at once, as verify has them: each runs its own kernels, though they have the same symbols.
TEST(NativeCode, ObjectsLoadedAtOnceAreNotMixedUp) {
  std::vector<std::shared_ptr<const NativeCode>> codes;
  std::vector<std::unique_ptr<KernelCode>> kernels;
  for (const char *path : {TRITTER_NATIVE_FIXTURE, TRITTER_NATIVE_FIXTURE_TWO}) {
    schema::ExecutableT executable;
    executable.targets.push_back(target(path, "", "double_and_one"));
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(schema::CreateExecutable(builder, &executable));
    auto code = NativeCode::load(*flatbuffers::GetRoot<schema::Executable>(builder.GetBufferPointer()));
    ASSERT_TRUE(code.ok() && *code);
    auto made = NativeCode::kernel(*code, 0);
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
