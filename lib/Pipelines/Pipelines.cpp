// The passes that tritter-compile runs, by name.

#include "tritter/Pipelines/Pipelines.h"

#include "tritter/Codegen/Passes.h"
#include "tritter/Elaborate/Passes.h"
#include "tritter/Target/Passes.h"

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::tritter;

template <> ArrayRef<Word<Entry>> mlir::tritter::wordsOf<Entry>() {
  static constexpr Word<Entry> words[] = {
      {Entry::Step, "step", "forward and backward of one batch"},
      {Entry::Accumulate, "accumulate", "the same, adding to the gradients"},
      {Entry::Update, "update", "clipping and the optimizer"},
      {Entry::Evaluate, "evaluate", "forward and mean loss"},
      {Entry::Logits, "logits", "forward, giving logits and the residual stream"},
      {Entry::None, "none", "no program"},
  };
  return words;
}

template <> ArrayRef<Word<const row::CodeTarget *>> mlir::tritter::wordsOf<const row::CodeTarget *>() {
  static const SmallVector<Word<const row::CodeTarget *>> words = [] {
    SmallVector<Word<const row::CodeTarget *>> list;
    for (const row::CodeTarget &target : row::codeTargets())
      list.push_back({&target, target.name, target.description});
    list.push_back({nullptr, "none", "no code: the runtime interprets"});
    return list;
  }();
  return words;
}

llvm::StringMap<llvm::cl::Option *> CompileOptions::byName() {
  llvm::StringMap<llvm::cl::Option *> options;
  for (auto &[name, option] : OptionsMap)
    options[name] = option;
  return options;
}

void mlir::tritter::buildStepPipeline(OpPassManager &passes, const CompileOptions &options) {
  passes.addPass(createElaboratePass({options.vocab}));
  if (!options.trainOnly.empty()) {
    FreezePassOptions freeze;
    freeze.trainOnly = SmallVector<std::string>(options.trainOnly.begin(), options.trainOnly.end());
    passes.addPass(createFreezePass(freeze));
  }
  if (!options.groups.empty()) {
    GroupPassOptions group;
    group.groups = SmallVector<std::string>(options.groups.begin(), options.groups.end());
    passes.addPass(createGroupPass(group));
  }
  passes.addPass(createSpecializePass({options.batch, options.sequence}));
  passes.addPass(createPrecisionPass({options.precision}));
  DifferentiatePassOptions differentiate;
  differentiate.headRows = options.headRows;
  differentiate.recompute = options.recompute;
  differentiate.step = options.has(Entry::Step) || options.has(Entry::Accumulate);
  differentiate.evaluate = options.has(Entry::Evaluate);
  differentiate.logits = options.has(Entry::Logits);
  passes.addPass(createDifferentiatePass(differentiate));
  if (options.has(Entry::Update))
    passes.addPass(createAdamWPass());
}

void mlir::tritter::buildCompilePipeline(OpPassManager &passes, const CompileOptions &options) {
  buildStepPipeline(passes, options);
  passes.addPass(createTritterToRowPass());
  passes.addPass(createRowFusePass());
  passes.addPass(createRowOutlinePass());
  passes.addPass(createToExecPass({options.has(Entry::Accumulate), options.printMemoryPlan}));
}

void mlir::tritter::registerPipelines() {
  PassPipelineRegistration<CompileOptions>("tritter-step-pipeline", "from a model to the programs of its training",
                                           buildStepPipeline);
  PassPipelineRegistration<CompileOptions>("tritter-compile-pipeline", "from a model to lists of commands",
                                           buildCompilePipeline);
}
