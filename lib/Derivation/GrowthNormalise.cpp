// --growth-normalise: derivations in normal form, over the first model of a chain of growths.

#include "tritter/Derivation/Derivation.h"
#include "tritter/Derivation/Passes.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::growth;

namespace mlir::growth {
#define GEN_PASS_DEF_GROWTHNORMALISEPASS
#include "lib/Derivation/Passes.h.inc"
} // namespace mlir::growth

namespace {
/// Parameters of a model or a block, by path, with their normal forms.
using Forms = llvm::StringMap<Derivation>;

class GrowthNormalisePass : public growth::impl::GrowthNormalisePassBase<GrowthNormalisePass> {
  void runOnOperation() override;

  LogicalResult normaliseAll();
  LogicalResult foldModel(tritter::ModelOp model, SymbolTable &symbols);
  LogicalResult foldThrough(tritter::ModelOp model, tritter::ModelOp middle, SymbolTable &symbols);
  FailureOr<Derivation> foldParam(tritter::ParamOp param, const Forms &inner, StringAttr middle);

  /// The normal form of every derivation of the module.
  DenseMap<Operation *, Derivation> forms;
  llvm::SmallPtrSet<Operation *, 4> done;
  /// Blocks of which instances moved to folded copies, and these.
  llvm::MapVector<tritter::BlockOp, SmallVector<tritter::BlockOp, 1>> replaced;
};
} // namespace

static void replaceDerivation(tritter::ParamOp param, const Derivation &derivation) {
  Region &region = param.getDerivation();
  region.getBlocks().clear();
  OpBuilder builder(param.getContext());
  builder.createBlock(&region);
  build(builder, param.getLoc(), derivation);
}

static bool isDerived(tritter::ModelOp model) { return findBase(model) != nullptr; }

LogicalResult GrowthNormalisePass::normaliseAll() {
  bool bad = false;
  getOperation().walk([&](tritter::ParamOp param) {
    if (param.getDerivation().empty())
      return;
    FailureOr<Derivation> form = normalise(param, [&] { return param.emitOpError(); });
    if (failed(form)) {
      bad = true;
      return;
    }
    replaceDerivation(param, *form);
    forms[param] = std::move(*form);
  });
  return failure(bad);
}

FailureOr<Derivation> GrowthNormalisePass::foldParam(tritter::ParamOp param, const Forms &inner, StringAttr middle) {
  StringRef missing;
  bool draws = false;
  std::optional<Derivation> folded = substitute(forms[param], [&](const Term &term) -> const Derivation * {
    if (term.model != middle)
      return nullptr;
    auto found = inner.find(term.path.getValue());
    if (found == inner.end()) {
      missing = term.path.getValue();
      return nullptr;
    }
    draws |= llvm::any_of(found->second.terms, [](const Term &part) { return part.kind == Term::Kind::Normal; });
    return &found->second;
  });
  if (!missing.empty())
    return param.emitOpError() << "derives from \"" << missing << "\" of @" << middle.getValue()
                               << ", which has no derivation itself";
  if (draws)
    return param.emitOpError() << "derives from random draws of @" << middle.getValue()
                               << ", which are told apart by its paths: write @" << middle.getValue() << " out first";
  if (!folded)
    return param.emitOpError() << "has no exact normal form over the base of @" << middle.getValue();
  return *folded;
}

/// Writes `model`, which derives from `middle`, in the tensors that `middle` derives from.
LogicalResult GrowthNormalisePass::foldThrough(tritter::ModelOp model, tritter::ModelOp middle, SymbolTable &symbols) {
  Forms own;
  llvm::StringMap<tritter::LayerOp> layers;
  middle.walk([&](tritter::ParamOp param) {
    if (forms.contains(param))
      own[param.getPath()] = forms[param];
  });
  middle.walk([&](tritter::LayerOp layer) { layers[layer.getPath()] = layer; });

  WalkResult walked = model.walk([&](tritter::ParamOp param) {
    if (!forms.contains(param))
      return WalkResult::advance();
    FailureOr<Derivation> folded = foldParam(param, own, middle.getSymNameAttr());
    if (failed(folded))
      return WalkResult::interrupt();
    forms[param] = *folded;
    replaceDerivation(param, *folded);
    return WalkResult::advance();
  });
  if (walked.wasInterrupted())
    return failure();

  // A block of the new model, over a block of the middle one: written once, whatever the number of instances.
  DenseMap<std::pair<Operation *, Operation *>, tritter::BlockOp> folded;
  for (auto layer : llvm::make_early_inc_range(model.getBody().getOps<tritter::LayerOp>())) {
    if (!layer.getOrigin())
      continue;
    auto origin = layers.find(*layer.getOrigin());
    if (origin == layers.end())
      return layer.emitOpError() << "comes from \"" << *layer.getOrigin() << "\", which @" << middle.getSymName()
                                 << " has not";
    tritter::LayerOp source = origin->second;
    auto block = symbols.lookup<tritter::BlockOp>(layer.getBlock());
    auto inner = symbols.lookup<tritter::BlockOp>(source.getBlock());
    tritter::BlockOp &result = folded[{block, inner}];
    if (!result) {
      Forms blockForms;
      inner.walk([&](tritter::ParamOp param) {
        if (forms.contains(param))
          blockForms[param.getPath()] = forms[param];
      });
      result = block.clone();
      symbols.insert(result, block->getIterator());
      replaced[block].push_back(result);
      SmallVector<std::pair<tritter::ParamOp, tritter::ParamOp>> pairs;
      for (auto [old, copy] :
           llvm::zip_equal(block.getBody().getOps<tritter::ParamOp>(), result.getBody().getOps<tritter::ParamOp>()))
        pairs.push_back({old, copy});
      for (auto [old, copy] : pairs) {
        if (!forms.contains(old))
          continue;
        FailureOr<Derivation> form = foldParam(old, blockForms, middle.getSymNameAttr());
        if (failed(form))
          return failure();
        replaceDerivation(copy, *form);
        forms[copy] = std::move(*form);
      }
    }
    layer.setBlock(result.getSymName());
    if (source.getOrigin())
      layer.setOriginAttr(source.getOriginAttr());
    else
      layer.removeOriginAttr();
  }
  return success();
}

/// A growth of a growth promises what both do.
static void joinPromises(tritter::ModelOp model, tritter::ModelOp middle) {
  auto own = model->getAttrOfType<PromiseAttr>(promiseAttrName);
  auto inner = middle->getAttrOfType<PromiseAttr>(promiseAttrName);
  if (!own || !inner)
    model->removeAttr(promiseAttrName);
  else if (inner.getValue() == Promise::None)
    model->setAttr(promiseAttrName, inner);
}

LogicalResult GrowthNormalisePass::foldModel(tritter::ModelOp model, SymbolTable &symbols) {
  if (!done.insert(model).second)
    return success();
  StringAttr base = findBase(model);
  auto middle = base ? symbols.lookup<tritter::ModelOp>(base) : nullptr;
  if (!middle || middle == model || !isDerived(middle))
    return success();
  if (failed(foldModel(middle, symbols)))
    return failure();
  joinPromises(model, middle);
  return foldThrough(model, middle, symbols);
}

void GrowthNormalisePass::runOnOperation() {
  forms.clear();
  done.clear();
  replaced.clear();
  SymbolTable symbols(getOperation());
  if (failed(normaliseAll()))
    return signalPassFailure();
  for (auto model : getOperation().getOps<tritter::ModelOp>())
    if (failed(foldModel(model, symbols)))
      return signalPassFailure();
  llvm::StringSet<> used;
  getOperation().walk([&](tritter::LayerOp layer) { used.insert(layer.getBlock()); });
  for (auto &[block, copies] : replaced) {
    if (used.contains(block.getSymName()))
      continue;
    StringAttr name = block.getSymNameAttr();
    block.erase();
    if (copies.size() != 1)
      continue;
    // The one instance left was the block's only use.
    StringAttr old = copies.front().getSymNameAttr();
    copies.front().setSymNameAttr(name);
    getOperation().walk([&](tritter::LayerOp layer) {
      if (layer.getBlockAttr().getAttr() == old)
        layer.setBlock(name.getValue());
    });
  }
  getOperation().walk([&](tritter::ParamOp param) {
    if (auto form = forms.find(param); form != forms.end())
      terms += form->second.terms.size();
  });
}
