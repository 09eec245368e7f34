// --tritter-freeze: which parameters are trained.

#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Support/Training.h"
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

/// The parameters that stay trained: those whose path fits a pattern, and with `newest` those that the last growth
/// added, alone or as part of a layer.
struct Selection {
  SmallVector<llvm::GlobPattern> patterns;
  bool newest = false;
  int64_t lastGrowth = 0;

  bool contains(const Twine &path) const {
    std::string text = path.str();
    return llvm::any_of(patterns, [&](const llvm::GlobPattern &pattern) { return pattern.match(text); });
  }
  bool isNewest(std::optional<uint64_t> added) const { return newest && added && int64_t(*added) == lastGrowth; }
  bool contains(LayerOp layer) const { return isNewest(layer.getAdded()); }
  bool contains(ParamOp param, const Twine &path) const { return isNewest(param.getAdded()) || contains(path); }
};

struct FreezePass : tritter::impl::FreezePassBase<FreezePass> {
  using FreezePassBase::FreezePassBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

  LogicalResult run(ModuleOp module);
  FailureOr<Selection> select(ModelOp model, SymbolTable &symbols);
  void freeze(ModelOp model, const Selection &selection);
  void freezeLayer(LayerOp layer, const Selection &selection, SymbolTable &symbols);

  /// Copies of blocks in which some parameters are frozen, by block and by the parameters' paths.
  std::map<std::pair<Operation *, std::vector<std::string>>, BlockOp> copies;
};

} // namespace

FailureOr<Selection> FreezePass::select(ModelOp model, SymbolTable &symbols) {
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
  auto see = [&](std::optional<uint64_t> added) {
    selection.lastGrowth = std::max<int64_t>(selection.lastGrowth, added.value_or(0));
  };
  for (LayerOp layer : model.getOps<LayerOp>()) {
    see(layer.getAdded());
    if (auto block = symbols.lookup<BlockOp>(layer.getBlock()))
      for (ParamOp param : block.getOps<ParamOp>())
        see(param.getAdded());
  }
  for (ParamOp param : model.getOps<ParamOp>())
    see(param.getAdded());
  if (selection.newest && selection.lastGrowth == 0)
    return model.emitOpError() << "has nothing that a growth added, asked to train only what is new";
  return selection;
}

void FreezePass::freezeLayer(LayerOp layer, const Selection &selection, SymbolTable &symbols) {
  if (selection.contains(layer))
    return;
  auto block = symbols.lookup<BlockOp>(layer.getBlock());
  std::vector<std::string> frozen;
  unsigned trained = 0;
  for (ParamOp param : block.getOps<ParamOp>()) {
    if (selection.contains(param, layer.getPath() + "." + param.getPath()))
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
  FailureOr<Training> training = trainingOf(module);
  if (failed(training))
    return failure();
  ModelOp model = training->model;
  FailureOr<Selection> selection = select(model, symbols);
  if (failed(selection))
    return failure();
  bool trained = false;
  for (Operation &op : model.getBody().front()) {
    if (auto param = dyn_cast<ParamOp>(op)) {
      param.setFrozen(param.getFrozen() || !selection->contains(param, param.getPath()));
      trained |= !param.getFrozen();
    } else if (auto layer = dyn_cast<LayerOp>(op)) {
      freezeLayer(layer, *selection, symbols);
      trained |= !layer.getFrozen();
    }
  }
  if (!trained)
    return model.emitOpError() << "has no parameter that fits " << llvm::join(trainOnly, ", ");
  return success();
}
