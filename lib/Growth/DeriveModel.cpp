// A second model beside a model, whose parameters derive from the first one's.

#include "tritter/Growth/DeriveModel.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::tritter;

namespace {

class ModelDeriver {
public:
  ModelDeriver(ModelOp base, const ModelChanges &changes)
      : base(base), changes(changes), symbols(base->getParentOp()), builder(base->getContext()) {}

  FailureOr<ModelOp> derive(StringRef name, growth::Promise promise);

private:
  LogicalResult fill(ModelOp model);
  FailureOr<BlockOp> blockFor(LayerOp layer, StringRef variant);
  FailureOr<LayerOp> addLayer(const GrownLayer &layer, ValueRange inputs, StringAttr path);
  void deriveVerbatim(Operation *root);

  ModelOp base;
  const ModelChanges &changes;
  SymbolTable symbols;
  OpBuilder builder;
  llvm::DenseMap<std::pair<Operation *, StringRef>, BlockOp> blocks;
};

} // namespace

void tritter::derive(ParamOp param, function_ref<Value(OpBuilder &, Location)> build) {
  param.removeInitAttr();
  param.getDerivation().getBlocks().clear();
  OpBuilder builder(param.getContext());
  builder.createBlock(&param.getDerivation());
  growth::YieldOp::create(builder, param.getLoc(), build(builder, param.getLoc()));
}

void tritter::deriveZero(ParamOp param) {
  derive(param, [&](OpBuilder &builder, Location loc) -> Value {
    return growth::ZeroOp::create(builder, loc, param.getType());
  });
}

FailureOr<SmallVector<LayerOp>> tritter::layerChain(ModelOp model) {
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

FailureOr<ModelOp> tritter::findModelToGrow(ModuleOp module, StringRef name) {
  ModelOp found;
  for (ModelOp model : module.getOps<ModelOp>())
    if (name.empty() || model.getSymName() == name)
      found = model;
  if (!found)
    return module.emitError() << "holds no tritter.model" << (name.empty() ? "" : " @" + name);
  return found;
}

void ModelDeriver::deriveVerbatim(Operation *root) {
  root->walk([&](ParamOp param) {
    param.setFrozen(false);
    tritter::derive(param, [&](OpBuilder &builder, Location loc) -> Value {
      return growth::SourceOp::create(builder, loc, param.getType(), base.getSymName(), param.getPath());
    });
  });
}

FailureOr<BlockOp> ModelDeriver::blockFor(LayerOp layer, StringRef variant) {
  auto source = symbols.lookup<BlockOp>(layer.getBlock());
  BlockOp &block = blocks[{source, variant}];
  if (block)
    return block;
  block = source.clone();
  // A copy of a copy is named as a copy: names do not get longer with every growth.
  StringRef stem = source.getSymName();
  while (stem.consume_back("_copy") || stem.consume_back("_new"))
    ;
  block.setSymName((stem + "_" + variant).str());
  symbols.insert(block, base->getIterator());
  block->moveBefore(base);
  deriveVerbatim(block);
  if (changes.block && failed(changes.block(block, source, variant)))
    return failure();
  return block;
}

FailureOr<LayerOp> ModelDeriver::addLayer(const GrownLayer &layer, ValueRange inputs, StringAttr path) {
  FailureOr<BlockOp> block = blockFor(layer.origin, layer.variant);
  if (failed(block))
    return failure();
  LayerOp origin = layer.origin;
  return LayerOp::create(builder, origin.getLoc(), block->getResultTypes(), path, FlatSymbolRefAttr::get(*block),
                         inputs, origin.getPathAttr(), origin.getAddedAttr(), /*frozen=*/UnitAttr(),
                         /*model=*/FlatSymbolRefAttr());
}

LogicalResult ModelDeriver::fill(ModelOp model) {
  SmallVector<LayerOp> chain;
  if (changes.layers) {
    FailureOr<SmallVector<LayerOp>> found = layerChain(base);
    if (failed(found))
      return failure();
    chain = std::move(*found);
  }
  Block &body = model.getBody().emplaceBlock();
  IRMapping mapping;
  for (BlockArgument argument : base.getBody().getArguments())
    mapping.map(argument, body.addArgument(argument.getType(), argument.getLoc()));
  builder.setInsertionPointToEnd(&body);
  for (Operation &op : base.getBody().front()) {
    auto layer = dyn_cast<LayerOp>(op);
    if (!layer) {
      deriveVerbatim(builder.clone(op, mapping));
      continue;
    }
    if (!changes.layers) {
      SmallVector<Value> inputs;
      for (Value input : layer.getInputs())
        inputs.push_back(mapping.lookup(input));
      FailureOr<LayerOp> copy = addLayer({layer}, inputs, layer.getPathAttr());
      if (failed(copy))
        return failure();
      mapping.map(layer.getOutputs(), copy->getOutputs());
      continue;
    }
    // The whole chain in the place of its first.
    if (layer != chain.front())
      continue;
    Value stream = mapping.lookup(layer.getInputs()[0]);
    StringRef prefix = layer.getPath().rsplit('.').first;
    for (auto [index, planned] : llvm::enumerate(*changes.layers)) {
      FailureOr<LayerOp> added = addLayer(planned, stream, builder.getStringAttr(prefix + "." + Twine(index)));
      if (failed(added))
        return failure();
      stream = added->getOutputs()[0];
    }
    mapping.map(chain.back().getOutputs()[0], stream);
  }
  return changes.model ? changes.model(model) : success();
}

FailureOr<ModelOp> ModelDeriver::derive(StringRef name, growth::Promise promise) {
  builder.setInsertionPointAfter(base);
  auto model = cast<ModelOp>(builder.cloneWithoutRegions(*base));
  model.setSymName(name);
  for (NamedAttribute attribute : llvm::to_vector(model->getDiscardableAttrs()))
    if (attribute.getName().getValue().starts_with("growth.")) // what was said and proved of the base
      model->removeAttr(attribute.getName());
  model->setAttr(growth::promiseAttrName, growth::PromiseAttr::get(base.getContext(), promise));
  symbols.insert(model, std::next(base->getIterator()));
  if (succeeded(fill(model)))
    return model;
  model.erase();
  return failure();
}

FailureOr<ModelOp> tritter::deriveModel(ModelOp base, StringRef name, growth::Promise promise,
                                        const ModelChanges &changes) {
  return ModelDeriver(base, changes).derive(name, promise);
}
