// Which layers and parameters of a grown model are new, and where the others come from.

#include "tritter/Derivation/Origins.h"

#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::growth;
using namespace mlir::tritter;

LogicalResult GrowthOrigins::read(ParamOp param) {
  // Without a derivation it is a parameter of its own, initialised or not.
  if (param.getDerivation().empty()) {
    fresh.insert(param);
    return success();
  }
  FailureOr<Derivation> form = normalise(param, [&] { return param.emitOpError(); });
  if (failed(form))
    return failure();
  if (form->isZero())
    zero.insert(param);
  if (llvm::none_of(form->terms, [](const Term &term) { return term.kind == Term::Kind::Source; }))
    fresh.insert(param);
  return success();
}

/// The layer named, or, where none is, the one that all whole paths of sources begin with.
LayerOp GrowthOrigins::originOf(LayerOp layer, BlockOp block, const llvm::StringMap<LayerOp> &baseLayers) const {
  if (layer.getOrigin())
    return baseLayers.lookup(*layer.getOrigin());
  LayerOp found;
  bool one = true;
  block.walk([&](SourceOp source) {
    LayerOp read;
    StringRef path = source.getPath();
    for (size_t at = path.find('.'); at != StringRef::npos && !read; at = path.find('.', at + 1))
      read = baseLayers.lookup(path.take_front(at));
    one &= read && (!found || found == read);
    found = read;
  });
  return one ? found : LayerOp();
}

FailureOr<GrowthOrigins> GrowthOrigins::get(ModelOp base, ModelOp grown) {
  GrowthOrigins result;
  SymbolTableCollection symbols;
  llvm::StringMap<LayerOp> baseLayers;
  for (auto layer : base.getBody().getOps<LayerOp>())
    baseLayers[layer.getPath()] = layer;
  auto readAll = [&](Operation *graph) {
    return !graph->walk([&](ParamOp param) -> WalkResult { return result.read(param); }).wasInterrupted();
  };
  if (!readAll(grown))
    return failure();

  // Parameters of each block that are the base's; copies of each layer of the base, with how many they have.
  llvm::DenseMap<Operation *, unsigned> blocks;
  llvm::DenseMap<Operation *, SmallVector<std::pair<size_t, unsigned>>> copies;
  for (auto layer : grown.getBody().getOps<LayerOp>()) {
    auto block = symbols.lookupNearestSymbolFrom<BlockOp>(layer, layer.getBlockAttr());
    auto [known, isNew] = blocks.try_emplace(block, 0);
    if (isNew) {
      if (!readAll(block))
        return failure();
      block.walk([&, known = known](ParamOp param) { known->second += !result.isFresh(param); });
    }
    LayerOp origin = result.originOf(layer, block, baseLayers);
    if (origin)
      copies[origin].push_back({result.layers.size(), blocks[block]});
    result.layers.push_back({layer, origin, true});
  }
  for (auto &[origin, made] : copies) {
    auto *stands = llvm::max_element(made, [](const auto &a, const auto &b) { return a.second < b.second; });
    result.layers[stands->first].isNew = false;
  }
  return result;
}

const LayerOrigin *GrowthOrigins::find(LayerOp layer) const {
  const auto *found = llvm::find_if(layers, [&](const LayerOrigin &known) { return known.layer == layer; });
  return found == layers.end() ? nullptr : found;
}

int64_t mlir::growth::nextGrowth(ModelOp model) {
  int64_t last = 0;
  SymbolTableCollection symbols;
  auto see = [&](std::optional<uint64_t> added) { last = std::max<int64_t>(last, added.value_or(0)); };
  model.walk([&](ParamOp param) { see(param.getAdded()); });
  llvm::DenseSet<Operation *> seen;
  model.walk([&](LayerOp layer) {
    see(layer.getAdded());
    auto block = symbols.lookupNearestSymbolFrom<BlockOp>(layer, layer.getBlockAttr());
    if (block && seen.insert(block).second)
      block.walk([&](ParamOp param) { see(param.getAdded()); });
  });
  return last + 1;
}
