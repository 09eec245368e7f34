// The passes that tritter-compile runs, by name.

#include "tritter/Pipelines/Pipelines.h"

#include "tritter/Codegen/Passes.h"
#include "tritter/Target/Passes.h"

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::tritter;

namespace {

struct EntryName {
  Entry entry;
  StringRef name, description;
};

} // namespace

static constexpr EntryName entryNames[] = {
    {Entry::Step, "step", "forward and backward of one batch"},
    {Entry::Accumulate, "accumulate", "the same, adding to the gradients"},
    {Entry::Update, "update", "clipping and the optimizer"},
    {Entry::Evaluate, "evaluate", "forward and mean loss"},
    {Entry::Logits, "logits", "forward, giving logits and the residual stream"},
};

void EntryParser::initialize() {
  for (const EntryName &known : entryNames)
    addLiteralOption(known.name, known.entry, known.description);
}

void EntryParser::print(raw_ostream &os, const Entry &entry) {
  for (const EntryName &known : entryNames)
    if (known.entry == entry)
      os << known.name;
}

std::optional<Entry> tritter::symbolizeEntry(StringRef name) {
  for (const EntryName &known : entryNames)
    if (known.name == name)
      return known.entry;
  return std::nullopt;
}

void tritter::buildStepPipeline(OpPassManager &passes, const StepOptions &options) {
  if (!options.trainOnly.empty()) {
    FreezePassOptions freeze;
    freeze.trainOnly = SmallVector<std::string>(options.trainOnly.begin(), options.trainOnly.end());
    passes.addPass(createFreezePass(freeze));
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

void tritter::buildCompilePipeline(OpPassManager &passes, const CompileOptions &options) {
  buildStepPipeline(passes, options);
  passes.addPass(createTritterToRowPass());
  passes.addPass(createRowFusePass());
  passes.addPass(createRowOutlinePass());
  passes.addPass(createToExecPass({options.has(Entry::Accumulate), options.printMemoryPlan}));
}

void tritter::registerPipelines() {
  PassPipelineRegistration<StepOptions>("tritter-step-pipeline",
                                        "from an elaborated model to the programs of its training", buildStepPipeline);
  PassPipelineRegistration<CompileOptions>("tritter-compile-pipeline", "from an elaborated model to lists of commands",
                                           buildCompilePipeline);
}
