// --tritter-finish-growth: the IR that a checkpoint keeps.

#include "tritter/Derivation/Origins.h"
#include "tritter/Growth/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OperationSupport.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_FINISHGROWTHPASS
#include "lib/Growth/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

using Numbers = llvm::StringMap<IntegerAttr>;

/// The growths that brought the base's parameters, by whole path, as far as growths brought them.
static Numbers numbersOf(ModelOp base) {
  Numbers numbers;
  auto add = [&](Operation *graph, const Twine &prefix) {
    graph->walk([&](ParamOp param) {
      if (IntegerAttr added = param.getAddedAttr())
        numbers[(prefix + param.getPath()).str()] = added;
    });
  };
  add(base, "");
  for (auto layer : base.getBody().getOps<LayerOp>())
    if (auto block = SymbolTable::lookupNearestSymbolFrom<BlockOp>(layer, layer.getBlockAttr()))
      add(block, layer.getPath() + ".");
  return numbers;
}

/// The growth that brought the tensor that `param` is made of.
static IntegerAttr inherited(ParamOp param, LayerOp layer, const Numbers &numbers) {
  IntegerAttr added;
  param.walk([&](growth::SourceOp source) {
    StringRef origin = layer && layer.getOrigin() ? *layer.getOrigin() : "";
    added = numbers.lookup(origin.empty() ? source.getPath().str() : (origin + "." + source.getPath()).str());
  });
  return added;
}

/// Writes the number of the growth on what it brought: layers, and parameters of layers that were there before.
static LogicalResult number(ModuleOp module, ModelOp model) {
  StringAttr name = growth::findBase(model);
  auto base = name ? SymbolTable(module).lookup<ModelOp>(name) : ModelOp();
  if (!base)
    return success();
  FailureOr<growth::GrowthOrigins> origins = growth::GrowthOrigins::get(base, model);
  if (failed(origins))
    return failure();
  auto next = IntegerAttr::get(IntegerType::get(module.getContext(), 64), growth::nextGrowth(base));
  Numbers numbers = numbersOf(base);
  auto mark = [&](ParamOp param, LayerOp layer) {
    param.setAddedAttr(origins->isFresh(param) ? next : inherited(param, layer, numbers));
  };
  for (auto param : model.getBody().getOps<ParamOp>())
    mark(param, LayerOp());
  for (const growth::LayerOrigin &layer : origins->getLayers()) {
    LayerOp op = layer.layer, origin = layer.origin;
    op.setAddedAttr(layer.isNew ? next : origin.getAddedAttr());
    auto block = SymbolTable::lookupNearestSymbolFrom<BlockOp>(op, op.getBlockAttr());
    if (!layer.isNew)
      block.walk([&](ParamOp param) { mark(param, op); });
  }
  return success();
}

/// Forgets where parameters and layers came from, and how they were to be trained.
static void forget(ModuleOp module) {
  module.walk([](Operation *op) {
    if (auto param = dyn_cast<ParamOp>(op)) {
      param.removeInitAttr();
      param.setFrozen(false);
      param.getDerivation().getBlocks().clear();
    } else if (auto layer = dyn_cast<LayerOp>(op)) {
      layer.removeOriginAttr();
      layer.setFrozen(false);
    } else if (auto model = dyn_cast<ModelOp>(op)) {
      // What was proved of a growth belongs to the history.
      for (NamedAttribute attribute : llvm::to_vector(model->getDiscardableAttrs()))
        if (attribute.getName().getValue().starts_with("growth."))
          model->removeAttr(attribute.getName());
    }
  });
}

static bool areEqual(BlockOp a, BlockOp b) {
  return a.getFunctionType() == b.getFunctionType() &&
         OperationEquivalence::isRegionEquivalentTo(&a.getBody(), &b.getBody(), OperationEquivalence::IgnoreLocations);
}

/// Makes layers instances of the first of the blocks that are equal; returns how many others there were.
static unsigned mergeBlocks(ModuleOp module) {
  unsigned merged = 0;
  SmallVector<BlockOp> distinct;
  llvm::DenseMap<StringAttr, BlockOp> representatives;
  for (BlockOp block : module.getOps<BlockOp>()) {
    auto *same = llvm::find_if(distinct, [&](BlockOp other) { return areEqual(block, other); });
    if (same == distinct.end())
      distinct.push_back(block);
    else
      ++merged;
    representatives[block.getSymNameAttr()] = same == distinct.end() ? block : *same;
  }
  module.walk([&](LayerOp layer) {
    if (BlockOp block = representatives.lookup(layer.getBlockAttr().getAttr()))
      layer.setBlockAttr(FlatSymbolRefAttr::get(block.getSymNameAttr()));
  });
  return merged;
}

FailureOr<unsigned> tritter::finishGrowth(ModuleOp module) {
  SmallVector<ModelOp> models(module.getOps<ModelOp>());
  if (models.empty())
    return module.emitError("holds no tritter.model");
  ModelOp model = models.back();
  std::string name = models.front().getSymName().str();
  if (failed(number(module, model)))
    return failure();
  forget(module);
  unsigned merged = mergeBlocks(module);

  llvm::SetVector<Operation *> kept;
  model.walk([&](LayerOp layer) { kept.insert(SymbolTable::lookupSymbolIn(module, layer.getBlockAttr())); });
  kept.insert(model);
  for (Operation &op : llvm::make_early_inc_range(*module.getBody()))
    if (!kept.contains(&op))
      op.erase();
  // Blocks in the order of their use, then the model: the same text for the same model.
  for (Operation *op : kept)
    op->moveBefore(module.getBody(), module.getBody()->end());
  model.setSymName(name);
  return merged;
}

namespace {
struct FinishGrowth : tritter::impl::FinishGrowthPassBase<FinishGrowth> {
  void runOnOperation() override {
    FailureOr<unsigned> merged = finishGrowth(getOperation());
    if (failed(merged))
      return signalPassFailure();
    blocksMerged += *merged;
  }
};
} // namespace
