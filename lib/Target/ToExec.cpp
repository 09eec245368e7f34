// --tritter-to-exec: programs as lists of commands.

#include "tritter/Target/Passes.h"

#include "ExecModule.h"
#include "MemoryReport.h"
#include "tritter/Support/Training.h"

#include "llvm/Support/raw_ostream.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_TOEXECPASS
#include "lib/Target/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

namespace {
struct ToExecPass : mlir::tritter::impl::ToExecPassBase<ToExecPass> {
  using ToExecPassBase::ToExecPassBase;
  void runOnOperation() override;
};
} // namespace

/// Of the model that programs train, and of those that are frozen beside it.
static FailureOr<ParameterLayout> layoutOf(ModuleOp module) {
  if (module.getOps<ModelOp>().empty())
    return module.emitError() << "there is no tritter.model to take the parameters of programs from";
  FailureOr<Training> training = trainingOf(module);
  if (failed(training))
    return failure();
  return ParameterLayout::get(training->model, training->frozen);
}

/// Blocks that no model uses any more.
static void eraseUnusedBlocks(ModuleOp module) {
  llvm::StringSet<> used;
  for (ModelOp model : module.getOps<ModelOp>())
    model.walk([&](LayerOp layer) { used.insert(layer.getBlockAttr().getValue()); });
  for (BlockOp block : llvm::make_early_inc_range(module.getOps<BlockOp>()))
    if (!used.contains(block.getSymName()))
      block.erase();
}

void ToExecPass::runOnOperation() {
  ModuleOp module = getOperation();
  FailureOr<ParameterLayout> layout = layoutOf(module);
  if (failed(layout))
    return signalPassFailure();
  FailureOr<ArenaLayout> arenas = ArenaLayout::get(module, *layout);
  if (failed(arenas))
    return signalPassFailure();
  SymbolTable symbols(module);
  SmallVector<ProgramOp> programs(module.getOps<ProgramOp>());
  ExecModule exec(module, *arenas, symbols);
  for (ProgramOp program : programs) {
    if (failed(exec.addEntry(program, program.getSymName(), false)))
      return signalPassFailure();
    if (accumulate && program.getSymName() == "step" && failed(exec.addEntry(program, "accumulate", true)))
      return signalPassFailure();
  }
  exec.finish();
  for (ProgramOp program : programs)
    program.erase();
  eraseUnusedBlocks(module);
  std::string report = formatMemoryPlan(exec);
  module->setAttr("exec.memory_report", StringAttr::get(&getContext(), report));
  if (printMemoryPlan)
    llvm::outs() << report;
  for (exec::SequenceOp sequence : module.getOps<exec::SequenceOp>()) {
    ++sequences;
    commands += sequence.getBody().front().getOperations().size();
  }
}
