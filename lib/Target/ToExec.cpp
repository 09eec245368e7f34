// --tritter-to-exec: programs as lists of commands.

#include "tritter/Target/Passes.h"

#include "ExecModule.h"
#include "MemoryReport.h"

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

/// The model that programs take their parameters from; none where there is no model at all.
static FailureOr<ParameterLayout> layoutOf(ModuleOp module) {
  ModelOp model;
  for (ModelOp candidate : module.getOps<ModelOp>()) {
    if (model) {
      InFlightDiagnostic diagnostic = candidate.emitOpError() << "is the second model; programs are made of one";
      diagnostic.attachNote(model.getLoc()) << "the first is here";
      return diagnostic;
    }
    model = candidate;
  }
  if (!model)
    return module.emitError() << "there is no tritter.model to take the parameters of programs from";
  return ParameterLayout::get(model);
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
