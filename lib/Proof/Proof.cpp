// From relations to a verdict.

#include "tritter/Proof/Proof.h"
#include "Prover.h"
#include "Rules.h"

#include "llvm/ADT/SmallPtrSet.h"

#include <chrono>
#include <cmath>

using namespace mlir;
using namespace mlir::growth;

void mlir::growth::registerGrowthRules(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, tritter::TritterDialect *) {
    attachLinearRules(context);
    attachNormRules(context);
    attachPointwiseRules(context);
    attachAttentionRules(context);
    attachAdjointRules(context);
  });
}

bool mlir::growth::isPreserved(const AxisMap &map) {
  AxisMap expected = AxisMap::identity(map.getDomain());
  if (map.getLength() < map.getDomain())
    return false;
  expected.append(Run::masked(map.getLength() - map.getDomain()));
  return map == expected;
}

/// What is unknown is taken to be finite; so no parameter may hold what is not, but for the mask of the logits.
static tritter::ParamOp findInfinite(tritter::ModelOp grown, Prover &prover) {
  auto isMask = [&](tritter::ParamOp param) {
    return llvm::all_of(param->getUses(), [&](OpOperand &use) {
      auto linear = dyn_cast<tritter::LinearOp>(use.getOwner());
      return linear && linear.getBias() == param.getValue() && linear->getParentOp() == grown.getOperation() &&
             llvm::all_of(linear->getUsers(), [](Operation *user) { return isa<tritter::YieldOp>(user); });
    });
  };
  tritter::ParamOp found;
  auto search = [&](Operation *graph) {
    graph->walk([&](tritter::ParamOp param) {
      const Derivation *form = prover.form(param);
      bool finite = !form || llvm::all_of(form->terms, [](const Term &term) { return std::isfinite(term.value); });
      if (!finite && !isMask(param) && !found)
        found = param;
    });
  };
  search(grown);
  SymbolTableCollection symbols;
  llvm::SmallPtrSet<Operation *, 4> blocks;
  for (auto layer : grown.getOps<tritter::LayerOp>())
    if (auto *block = symbols.lookupNearestSymbolFrom(layer, layer.getBlockAttr()); blocks.insert(block).second)
      search(block);
  return found;
}

ProofResult mlir::growth::proveGrowth(tritter::ModelOp base, tritter::ModelOp grown) {
  auto start = std::chrono::steady_clock::now();
  ProofResult result(grown.getLoc());
  Prover prover(base, grown);
  Comparison &models = prover.run();
  Value logits = models.grown->getTerminator()->getOperand(0), baseLogits = models.base->getTerminator()->getOperand(0);
  for (const Fact &fact : models.knowledge(logits).facts) {
    if (fact.base != baseLogits || !isPreserved(fact.relation.map))
      continue;
    const Quality &quality = fact.relation.quality;
    result.verdict = quality.rounded ? Verdict::Rounding : Verdict::Exact;
    result.bitwise = quality.bitwise && !quality.rounded;
    result.assumesFinite = quality.assumesFinite;
  }
  if (tritter::ParamOp param = findInfinite(grown, prover)) {
    result.verdict = Verdict::NotPreserved;
    result.bitwise = false;
    result.firstBroken = param.getPath().str();
    result.reason = "holds values that are not finite";
    result.location = param.getLoc();
  } else if (!result.preserved()) {
    Diagnosis diagnosis = diagnose(models, prover);
    result.firstBroken = std::move(diagnosis.where);
    result.reason = std::move(diagnosis.reason);
    result.location = diagnosis.location;
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::string ProofResult::str() const {
  std::string text = stringifyVerdict(verdict).str();
  if (bitwise)
    text += ", bitwise";
  if (!preserved())
    text += ": first broken at " + firstBroken + ": " + reason;
  return text;
}

ProofAttr ProofResult::toAttr(MLIRContext *context) const {
  return ProofAttr::get(context, verdict, bitwise, firstBroken, reason);
}
