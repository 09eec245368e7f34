// From relations to a verdict.

#include "tritter/Proof/Proof.h"
#include "Prover.h"
#include "Rules.h"

#include <chrono>

using namespace mlir;
using namespace mlir::growth;

void mlir::growth::registerGrowthRules(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, tritter::TritterDialect *) {
    attachLinearRules(context);
    attachNormRules(context);
    attachPointwiseRules(context);
    attachAttentionRules(context);
  });
}

/// The base's logits as they are, then logits that no token of the base's vocabulary has, masked.
static bool isPreserved(const AxisMap &map) {
  AxisMap expected = AxisMap::identity(map.getDomain());
  if (map.getLength() < map.getDomain())
    return false;
  expected.append(Run::masked(map.getLength() - map.getDomain()));
  return map == expected;
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
  if (!result.preserved()) {
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
