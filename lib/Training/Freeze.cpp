// --tritter-freeze: which parameters are trained.

#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Training/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"

#include <map>

namespace mlir::tritter {
#define GEN_PASS_DEF_FREEZEPASS
#include "lib/Training/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

namespace {

/// The parameters that stay trained: those whose path fits a pattern, and with `newest` those of the layers that the
/// last growth added.
struct Selection {
  SmallVector<llvm::GlobPattern> patterns;
  bool newest = false;
  int64_t lastGrowth = 0;

  bool contains(const Twine &path) const {
    std::string text = path.str();
    return llvm::any_of(patterns, [&](const llvm::GlobPattern &pattern) { return pattern.match(text); });
  }
  bool contains(LayerOp layer) const { return newest && layer.getAdded() && int64_t(*layer.getAdded()) == lastGrowth; }
};

struct FreezePass : tritter::impl::FreezePassBase<FreezePass> {
  using FreezePassBase::FreezePassBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

  LogicalResult run(ModuleOp module);
  FailureOr<Selection> select(ModelOp model);
  void freeze(ModelOp model, const Selection &selection);
  void freezeLayer(LayerOp layer, const Selection &selection, SymbolTable &symbols);

  /// Copies of blocks in which some parameters are frozen, by block and by the parameters' paths.
  std::map<std::pair<Operation *, std::vector<std::string>>, BlockOp> copies;
};

} // namespace

FailureOr<Selection> FreezePass::select(ModelOp model) {
  Selection selection;
  for (const std::string &text : trainOnly) {
    if (text == "new") {
      selection.newest = true;
      continue;
    }
    llvm::Expected<llvm::GlobPattern> pattern = llvm::GlobPattern::create(text);
    if (!pattern)
      return model.emitError() << "`" << text << "` is no pattern: " << llvm::toString(pattern.takeError());
    selection.patterns.push_back(*pattern);
  }
  for (LayerOp layer : model.getOps<LayerOp>())
    selection.lastGrowth = std::max<int64_t>(selection.lastGrowth, layer.getAdded().value_or(0));
  if (selection.newest && selection.lastGrowth == 0)
    return model.emitOpError() << "has no layer that a growth added, asked to train only new ones";
  return selection;
}

void FreezePass::freezeLayer(LayerOp layer, const Selection &selection, SymbolTable &symbols) {
  if (selection.contains(layer))
    return;
  auto block = symbols.lookup<BlockOp>(layer.getBlock());
  std::vector<std::string> frozen;
  unsigned trained = 0;
  for (ParamOp param : block.getOps<ParamOp>()) {
    if (selection.contains(layer.getPath() + "." + param.getPath()))
      ++trained;
    else
      frozen.push_back(param.getPath().str());
  }
  if (frozen.empty())
    return;
  if (trained == 0) {
    layer.setFrozen(true);
    return;
  }
  BlockOp &copy = copies[{block, frozen}];
  if (!copy) {
    copy = block.clone();
    symbols.insert(copy, std::next(block->getIterator()));
    for (ParamOp param : copy.getOps<ParamOp>())
      if (llvm::is_contained(frozen, param.getPath()))
        param.setFrozen(true);
  }
  layer.setBlockAttr(FlatSymbolRefAttr::get(copy.getSymNameAttr()));
}

LogicalResult FreezePass::run(ModuleOp module) {
  copies.clear();
  SymbolTable symbols(module);
  for (ModelOp model : llvm::to_vector(module.getOps<ModelOp>())) {
    FailureOr<Selection> selection = select(model);
    if (failed(selection))
      return failure();
    bool trained = false;
    for (Operation &op : model.getBody().front()) {
      if (auto param = dyn_cast<ParamOp>(op)) {
        param.setFrozen(param.getFrozen() || !selection->contains(param.getPath()));
        trained |= !param.getFrozen();
      } else if (auto layer = dyn_cast<LayerOp>(op)) {
        freezeLayer(layer, *selection, symbols);
        trained |= !layer.getFrozen();
      }
    }
    if (!trained)
      return model.emitOpError() << "has no parameter that fits " << llvm::join(trainOnly, ", ");
  }
  return success();
}
