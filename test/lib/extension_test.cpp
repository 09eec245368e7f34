// A model of operations that the compiler and the runtime know nothing of: its gradients, its kernels and commands, and
// what they cost.

#include "runtime/device/cpu/cpu_device.h"
#include "runtime/device/reference/reference_device.h"
#include "test/Golden/compiled_model.h"
#include "test/lib/TestDialect.h"

#include "dialects/Exec/ExecDialect.h"
#include "tritter/Pipelines/Compile.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace tritter;
using namespace tritter::testing;

namespace {

/// The model of Extension/Inputs, compiled.
class Compilation {
public:
  Compilation(mlir::tritter::Precision precision, bool native) {
    mlir::tritter::registerCompiler(registry);
    mlir::tritter::test::registerTestDialect(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    module = mlir::parseSourceFile<mlir::ModuleOp>(TRITTER_EXTENSION_MODEL, &context);
    EXPECT_TRUE(module);
    auto options = mlir::tritter::CompileOptions::createFromString(
        llvm::formatv("batch={0} seq={1} head-rows=7 entries=step,evaluate precision={2} target={3}",
                      CompiledModel::batch, CompiledModel::sequence, mlir::tritter::stringify(precision),
                      native ? "cpu" : "none")
            .str());
    EXPECT_TRUE(options);
    schema::ExecutableT executable;
    EXPECT_TRUE(mlir::succeeded(mlir::tritter::compile(*module, *options, executable)));
    bytes = mlir::tritter::serialise(executable);
  }

  CompiledModel load(std::unique_ptr<Device> device) {
    auto *data = reinterpret_cast<const std::byte *>(bytes.data());
    return CompiledModel(Executable::fromBytes({data, data + bytes.size()}), std::move(device));
  }

  mlir::DialectRegistry registry;
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<uint8_t> bytes;
};

void runStep(CompiledModel &model) {
  model.setParameters();
  model.setTokens(0);
  model.run("step");
}

void expectSameStep(CompiledModel &model, CompiledModel &expected, double tolerance) {
  runStep(model);
  runStep(expected);
  EXPECT_NEAR(model.scalar("loss"), expected.scalar("loss"), tolerance * expected.scalar("loss"));
  for (size_t p = 0; p < model.parameters().size(); ++p) {
    Values found = model.gradient(*model.parameters()[p]), wanted = expected.gradient(*expected.parameters()[p]);
    double error = 0, norm = 0;
    for (size_t i = 0; i < found.size(); ++i) {
      error += (found[i] - wanted[i]) * (found[i] - wanted[i]);
      norm += wanted[i] * wanted[i];
    }
    EXPECT_GT(norm, 0) << model.parameters()[p]->name()->str();
    EXPECT_LE(std::sqrt(error), tolerance * std::sqrt(norm)) << model.parameters()[p]->name()->str();
  }
}

TEST(Extension, GradientsAgreeWithFiniteDifferences) {
  CompiledModel model = Compilation(mlir::tritter::Precision::F64, false).load(createReferenceDevice());
  expectFiniteDifferences(model);
}

TEST(Extension, NativeCodeAgreesWithTheReference) {
  Compilation compilation(mlir::tritter::Precision::F32, true);
  CompiledModel native = compilation.load(createCpuDevice()), reference = compilation.load(createReferenceDevice());
  size_t kernels = 0;
  const schema::Executable &executable = native.executable();
  for (const schema::KernelCode *code : *executable.targets()->Get(0)->kernels()) {
    const schema::Kernel &kernel = *executable.kernels()->Get(code->kernel());
    kernels += kernel.name()->string_view().find("affine") != std::string_view::npos;
  }
  EXPECT_GE(kernels, 2u) << "a forward and a backward kernel of native code";
  expectSameStep(native, reference, 1e-5);
}

TEST(Extension, NarrowProductsAgreeWithWideOnes) {
  Compilation narrow(mlir::tritter::Precision::BF16, true), wide(mlir::tritter::Precision::F32, false);
  CompiledModel model = narrow.load(createCpuDevice()), expected = wide.load(createReferenceDevice());
  expectSameStep(model, expected, 0.05);
}

TEST(Extension, CountsOperationsOfItsCommands) {
  Compilation compilation(mlir::tritter::Precision::F32, false);
  uint64_t operations = 0;
  for (auto sequence : compilation.module->getOps<mlir::exec::SequenceOp>())
    if (sequence.getSymName() == "odd.forward")
      for (auto command : sequence.getBody().getOps<mlir::exec::CommandOpInterface>())
        operations += command.countOperations();
  EXPECT_EQ(operations, 3u * 2 * CompiledModel::tokens * 8 * 8)
      << "both products of one weight, and the one after them";
}

} // namespace
