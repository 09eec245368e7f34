// --tritter-verify-growth.

#include "tritter/Derivation/Derivation.h"
#include "tritter/Proof/Passes.h"
#include "tritter/Proof/Proof.h"

using namespace mlir;
using namespace mlir::growth;

namespace mlir::growth {
#define GEN_PASS_DEF_TRITTERVERIFYGROWTHPASS
#include "lib/Proof/Passes.h.inc"
} // namespace mlir::growth

namespace {
class VerifyGrowthPass : public growth::impl::TritterVerifyGrowthPassBase<VerifyGrowthPass> {
public:
  using TritterVerifyGrowthPassBase::TritterVerifyGrowthPassBase;

  std::function<void(const ProofResult &)> observer;

private:
  void runOnOperation() override;
  LogicalResult verify(tritter::ModelOp model, SymbolTable &symbols);
};
} // namespace

LogicalResult VerifyGrowthPass::verify(tritter::ModelOp model, SymbolTable &symbols) {
  StringAttr name = base.empty() ? findBase(model) : StringAttr::get(&getContext(), base);
  if (!name)
    return mlir::emitError(model.getLoc())
           << "@" << model.getSymName()
           << " is derived from no one model: name the one that it was grown from with base=";
  auto baseModel = symbols.lookup<tritter::ModelOp>(name);
  if (!baseModel)
    return mlir::emitError(model.getLoc())
           << "there is no tritter.model @" << name.getValue() << " that @" << model.getSymName() << " was grown from";
  ProofResult result = proveGrowth(baseModel, model);
  model->setAttr(proofAttrName, result.toAttr(&getContext()));
  if (observer)
    observer(result);
  auto promise = model->getAttrOfType<PromiseAttr>(promiseAttrName);
  bool promised = promise && promise.getValue() == Promise::Preserves;
  bool broken = !result.preserved() && (require || promised);
  InFlightDiagnostic diagnostic = broken ? mlir::emitError(model.getLoc()) : mlir::emitRemark(model.getLoc());
  diagnostic << "growth of @" << name.getValue() << " to @" << model.getSymName()
             << (broken && promised ? " promises the same function, but is " : ": ") << result.str();
  if (result.assumesFinite)
    diagnostic << " (for finite values)";
  if (!result.preserved())
    diagnostic.attachNote(result.location) << "here";
  return failure(broken);
}

std::unique_ptr<Pass> mlir::growth::createVerifyGrowthPass(std::function<void(const ProofResult &)> observer) {
  auto pass = std::make_unique<VerifyGrowthPass>();
  pass->observer = std::move(observer);
  return pass;
}

void VerifyGrowthPass::runOnOperation() {
  SymbolTable symbols(getOperation());
  bool bad = false;
  if (!grown.empty()) {
    auto model = symbols.lookup<tritter::ModelOp>(grown);
    if (!model) {
      getOperation().emitError() << "there is no tritter.model @" << grown;
      return signalPassFailure();
    }
    bad = failed(verify(model, symbols));
  } else {
    for (auto model : getOperation().getOps<tritter::ModelOp>())
      if (findBase(model))
        bad |= failed(verify(model, symbols));
  }
  if (bad)
    signalPassFailure();
}
