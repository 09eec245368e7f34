// --tritter-depth-upscale: a deeper model beside a model.

#include "tritter/Elaborate/Summary.h"
#include "tritter/Growth/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_DEPTHUPSCALEPASS
#include "lib/Growth/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

namespace {

/// Builds a grown model beside its base.
class DepthGrower {
public:
  DepthGrower(ModelOp base, ArrayRef<LayerOp> layers)
      : base(base), layers(layers), symbols(base->getParentOp()), builder(base->getContext()) {}

  FailureOr<ModelOp> grow(ArrayRef<PlannedLayer> plan, StringRef name);

private:
  /// The block of a copy of `layer`; with `identity` one that changes nothing.
  FailureOr<BlockOp> blockFor(LayerOp layer, bool identity);
  /// The parameters of the linear branches of `block`, where its result is its argument plus such branches.
  FailureOr<llvm::SmallDenseSet<Operation *>> branchEnds(BlockOp block);
  FailureOr<Value> growLayers(ArrayRef<PlannedLayer> plan, Value stream);
  void derive(ParamOp param, bool zero);

  ModelOp base;
  ArrayRef<LayerOp> layers;
  SymbolTable symbols;
  OpBuilder builder;
  /// The copies made of each block: as it is, and changing nothing.
  llvm::DenseMap<Operation *, BlockOp> blocks[2];
};

} // namespace

/// The layers of a model, which must be one chain.
static FailureOr<SmallVector<LayerOp>> chainOf(ModelOp model) {
  SmallVector<LayerOp> layers(model.getBody().getOps<LayerOp>());
  for (auto [index, layer] : llvm::enumerate(layers)) {
    bool single = layer.getInputs().size() == 1 && layer.getOutputs().size() == 1;
    if (!single || (index > 0 && (layer.getInputs()[0] != layers[index - 1].getOutputs()[0] ||
                                  !layers[index - 1].getOutputs()[0].hasOneUse())))
      return layer.emitError() << "the layers of @" << model.getSymName() << " are no chain: \"" << layer.getPath()
                               << "\" must take what the layer before it gives";
  }
  return layers;
}

void DepthGrower::derive(ParamOp param, bool zero) {
  OpBuilder::InsertionGuard guard(builder);
  param.removeInitAttr();
  param.setFrozen(false);
  param.getDerivation().getBlocks().clear();
  builder.createBlock(&param.getDerivation());
  Value value;
  if (zero)
    value = growth::ZeroOp::create(builder, param.getLoc(), param.getType());
  else
    value = growth::SourceOp::create(builder, param.getLoc(), param.getType(), base.getSymName(), param.getPath());
  growth::YieldOp::create(builder, param.getLoc(), value);
}

FailureOr<llvm::SmallDenseSet<Operation *>> DepthGrower::branchEnds(BlockOp block) {
  llvm::SmallDenseSet<Operation *> ends;
  auto refuse = [&](Operation *op, StringRef why) -> LogicalResult {
    InFlightDiagnostic diagnostic = block.emitError()
                                    << "llama-pro needs a block that is its argument plus linear branches, @"
                                    << block.getSymName() << " is not";
    diagnostic.attachNote(op->getLoc()) << why;
    return diagnostic;
  };
  Operation *end = block.getBody().front().getTerminator();
  Value stream = end->getOperand(0);
  while (stream != block.getBody().getArgument(0)) {
    auto add = stream.getDefiningOp<AddOp>();
    if (!add)
      return refuse(stream.getDefiningOp() ? stream.getDefiningOp() : end, "this stands on the stream");
    auto linear = add.getRhs().getDefiningOp<LinearOp>();
    stream = add.getLhs();
    if (!linear) {
      linear = add.getLhs().getDefiningOp<LinearOp>();
      stream = add.getRhs();
    }
    if (!linear)
      return refuse(add, "neither side ends in tritter.linear");
    for (Value value : {linear.getWeight(), linear.getBias()}) {
      if (!value)
        continue;
      auto param = value.getDefiningOp<ParamOp>();
      if (!param || !value.hasOneUse())
        return refuse(linear, "its weight is no parameter of its own");
      ends.insert(param);
    }
  }
  return ends;
}

FailureOr<BlockOp> DepthGrower::blockFor(LayerOp layer, bool identity) {
  auto source = symbols.lookup<BlockOp>(layer.getBlock());
  BlockOp &block = blocks[identity][source];
  if (block)
    return block;
  llvm::SmallDenseSet<Operation *> zeroed;
  if (identity) {
    FailureOr<llvm::SmallDenseSet<Operation *>> ends = branchEnds(source);
    if (failed(ends))
      return failure();
    zeroed = *ends;
  }
  IRMapping mapping;
  block = cast<BlockOp>(source->clone(mapping));
  // What a copy is a copy of does not matter, so names do not grow with every growth.
  StringRef stem = source.getSymName();
  while (stem.consume_back("_copy") || stem.consume_back("_new"))
    ;
  block.setSymName((stem + (identity ? "_new" : "_copy")).str());
  symbols.insert(block, base->getIterator());
  block->moveBefore(base);
  source.walk([&](ParamOp param) {
    derive(mapping.lookup(param.getValue()).getDefiningOp<ParamOp>(), zeroed.contains(param));
  });
  return block;
}

FailureOr<Value> DepthGrower::growLayers(ArrayRef<PlannedLayer> plan, Value stream) {
  int64_t growth = 1;
  for (LayerOp layer : layers)
    growth = std::max<int64_t>(growth, layer.getAdded().value_or(0) + 1);
  StringRef prefix = LayerOp(layers.front()).getPath().rsplit('.').first;
  for (auto [index, planned] : llvm::enumerate(plan)) {
    LayerOp origin = layers[planned.origin];
    FailureOr<BlockOp> block = blockFor(origin, planned.identity);
    if (failed(block))
      return failure();
    // A copy of what an earlier growth added was added by that, unless it is one more now.
    IntegerAttr added = planned.added ? builder.getI64IntegerAttr(growth) : origin.getAddedAttr();
    stream =
        LayerOp::create(builder, origin.getLoc(), stream.getType(), builder.getStringAttr(prefix + "." + Twine(index)),
                        FlatSymbolRefAttr::get(*block), stream, origin.getPathAttr(), added, /*frozen=*/UnitAttr())
            .getResult(0);
  }
  return stream;
}

FailureOr<ModelOp> DepthGrower::grow(ArrayRef<PlannedLayer> plan, StringRef name) {
  builder.setInsertionPointAfter(base);
  auto model = cast<ModelOp>(builder.cloneWithoutRegions(*base));
  model.setSymName(name);
  for (NamedAttribute attribute : llvm::to_vector(model->getDiscardableAttrs()))
    if (attribute.getName().getValue().starts_with("growth.")) // what was proved of the base
      model->removeAttr(attribute.getName());
  symbols.insert(model, std::next(base->getIterator()));
  Block &body = model.getBody().emplaceBlock();
  IRMapping mapping;
  for (BlockArgument argument : base.getBody().getArguments())
    mapping.map(argument, body.addArgument(argument.getType(), argument.getLoc()));
  builder.setInsertionPointToEnd(&body);
  for (Operation &op : base.getBody().front()) {
    if (auto layer = dyn_cast<LayerOp>(op)) {
      // The whole chain in the place of its first.
      if (layer != layers.front())
        continue;
      FailureOr<Value> stream = growLayers(plan, mapping.lookup(layer.getInputs()[0]));
      if (failed(stream)) {
        model.erase();
        return failure();
      }
      mapping.map(LayerOp(layers.back()).getOutputs()[0], *stream);
      continue;
    }
    Operation *copy = builder.clone(op, mapping);
    copy->walk([&](ParamOp param) { derive(param, /*zero=*/false); });
  }
  return model;
}

FailureOr<ModelOp> mlir::tritter::growDepth(ModelOp base, ArrayRef<PlannedLayer> plan, StringRef name) {
  FailureOr<SmallVector<LayerOp>> layers = chainOf(base);
  if (failed(layers))
    return failure();
  return DepthGrower(base, *layers).grow(plan, name);
}

namespace {
struct DepthUpscale : mlir::tritter::impl::DepthUpscalePassBase<DepthUpscale> {
  using DepthUpscalePassBase::DepthUpscalePassBase;

  FailureOr<ModelOp> findBase() {
    ModelOp found;
    for (ModelOp model : getOperation().getOps<ModelOp>())
      if (base.empty() || model.getSymName() == base)
        found = model;
    if (!found)
      return getOperation().emitError() << "holds no tritter.model" << (base.empty() ? "" : " @" + base);
    return found;
  }

  LogicalResult run() {
    FailureOr<ModelOp> found = findBase();
    if (failed(found))
      return failure();
    schema::ModelConfigT before = summarise(*found);
    std::string error;
    auto plan = planDepth(strategy, before.layers, layers,
                          removalLayers ? std::optional<int64_t>(removalLayers) : std::nullopt, error);
    if (!plan)
      return found->emitError(error);
    FailureOr<ModelOp> grown = growDepth(*found, *plan, name);
    if (failed(grown))
      return failure();
    layersAdded += plan->size() - before.layers;
    parametersAdded += summarise(*grown).parameters - before.parameters;
    return success();
  }

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }
};
} // namespace
