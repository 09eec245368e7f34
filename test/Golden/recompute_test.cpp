// What the backward computes again is, to the bit, what the forward computed.

#include "runtime/device/reference/reference_device.h"
#include "test/Golden/compiled_model.h"

#include "tritter/Codegen/Passes.h"
#include "tritter/Elaborate/Passes.h"
#include "tritter/Pipelines/Compile.h"
#include "tritter/Target/Passes.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

using namespace tritter;
using namespace tritter::testing;
namespace passes = mlir::tritter;

static Result<std::shared_ptr<const Executable>> compile(const std::string &model, passes::Precision precision,
                                                         passes::Recompute recompute) {
  mlir::DialectRegistry registry;
  passes::registerCompiler(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(model, &context);
  passes::DifferentiatePassOptions differentiate;
  differentiate.recompute = recompute;
  differentiate.logits = differentiate.evaluate = false;
  mlir::PassManager manager(&context);
  manager.addPass(passes::createElaboratePass());
  manager.addPass(passes::createSpecializePass({CompiledModel::batch, CompiledModel::sequence}));
  manager.addPass(passes::createPrecisionPass({precision}));
  manager.addPass(passes::createDifferentiatePass(differentiate));
  manager.addPass(passes::createTritterToRowPass());
  manager.addPass(passes::createRowOutlinePass());
  manager.addPass(passes::createToExecPass());
  schema::ExecutableT executable;
  executable.version = 1;
  if (mlir::failed(manager.run(*module)) || mlir::failed(passes::emitProgram(*module, executable)) ||
      mlir::failed(passes::emitParameters(*module->getOps<passes::ModelOp>().begin(), {}, executable)))
    return error("the model does not compile");
  std::vector<uint8_t> bytes = passes::serialise(executable);
  auto *data = reinterpret_cast<const std::byte *>(bytes.data());
  return Executable::fromBytes({data, data + bytes.size()});
}

static uint64_t savedBytes(CompiledModel &model) {
  for (const schema::Arena *arena : *model.executable().arenas())
    if (arena->name()->string_view() == "saved")
      return arena->bytes();
  return 0;
}

class Recompute : public ::testing::TestWithParam<std::pair<const char *, passes::Precision>> {};

TEST_P(Recompute, SavesMemoryAndChangesNothing) {
  auto [name, precision] = GetParam();
  std::string text = goldenFile(name);
  CompiledModel all(compile(text, precision, passes::Recompute::None), createReferenceDevice());
  CompiledModel again(compile(text, precision, passes::Recompute::Pointwise), createReferenceDevice());
  EXPECT_LT(savedBytes(again), savedBytes(all));
  for (CompiledModel *model : {&all, &again}) {
    model->setParameters();
    model->setTokens(0);
    model->run("step");
  }
  EXPECT_GT(all.scalar("loss"), 2);
  for (size_t p = 0; p < all.parameters().size(); ++p)
    EXPECT_EQ(all.gradient(*all.parameters()[p]), again.gradient(*again.parameters()[p]))
        << all.parameters()[p]->name()->str();
}

INSTANTIATE_TEST_SUITE_P(All, Recompute,
                         ::testing::Values(std::pair{"llama.mlir", passes::Precision::F32},
                                           std::pair{"gpt.mlir", passes::Precision::F64}));
