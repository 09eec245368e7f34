// From relations to a verdict.

#include "tritter/Proof/Proof.h"
#include "Prover.h"
#include "Rules.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

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

/// To two digits, for a bound that is printed to stay one.
static double roundUp(double value) {
  if (!(value > 0))
    return 0;
  double unit = std::pow(10, std::floor(std::log10(value)) - 1);
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.1e", std::ceil(value / unit) * unit);
  return std::strtod(text.c_str(), nullptr);
}

/// What a graph looked at by itself does not show: a whole path that two parameters have. Derivations name tensors by
/// paths, so one that reads it would be taken for either.
static std::optional<std::pair<tritter::ParamOp, std::string>> findRepeatedPath(tritter::ModelOp model) {
  llvm::StringSet<> paths;
  std::optional<std::pair<tritter::ParamOp, std::string>> found;
  SymbolTableCollection symbols;
  auto add = [&](tritter::ParamOp param, StringRef prefix) {
    std::string path = (prefix + param.getPath()).str();
    if (!paths.insert(path).second && !found)
      found = {param, path};
  };
  model.walk([&](tritter::ParamOp param) { add(param, ""); });
  model.walk([&](tritter::LayerOp layer) {
    if (auto *block = symbols.lookupNearestSymbolFrom(layer, layer.getBlockAttr()))
      block->walk([&](tritter::ParamOp param) { add(param, (layer.getPath() + ".").str()); });
  });
  return found;
}

/// What each layer's output is; of several values, that behind the layer that it comes from.
static std::vector<RelatedStream> relatedStreams(const Comparison &models) {
  std::vector<RelatedStream> result;
  for (auto layer : models.grown->getOps<tritter::LayerOp>()) {
    const Fact *best = nullptr;
    for (const Fact &fact :
         layer.getNumResults() == 1 ? models.knowledge(layer.getResult(0)).facts : ArrayRef<Fact>()) {
      auto behind = fact.base.getDefiningOp<tritter::LayerOp>();
      bool own = behind && behind.getPathAttr() == layer.getOriginAttr();
      if (!fact.relation.map.any(Run::Kind::Unknown) && (!best || own))
        best = &fact;
    }
    if (!best)
      continue;
    auto behind = best->base.getDefiningOp<tritter::LayerOp>();
    result.push_back({layer.getPath().str(), behind ? behind.getPath().str() : "", best->relation.map});
  }
  return result;
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
    result.verdict = quality.error > 0 ? Verdict::Rounding : Verdict::Exact;
    result.bitwise = quality.bitwise && quality.error == 0;
    result.relativeError = roundUp(quality.error);
    result.assumesFinite = quality.assumesFinite;
  }
  result.streams = relatedStreams(models);
  auto refuse = [&](tritter::ParamOp param, StringRef path, const Twine &reason) {
    result.verdict = Verdict::NotPreserved;
    result.bitwise = false;
    result.relativeError = 0;
    result.firstBroken = path.str();
    result.reason = reason.str();
    result.location = param.getLoc();
  };
  auto repeated = findRepeatedPath(base);
  StringRef owner = repeated ? base.getSymName() : grown.getSymName();
  if (!repeated)
    repeated = findRepeatedPath(grown);
  if (repeated)
    refuse(repeated->first, repeated->second, "is the path of two parameters of @" + owner);
  else if (tritter::ParamOp param = findInfinite(grown, prover))
    refuse(param, param.getPath(), "holds values that are not finite");
  else if (!result.preserved()) {
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
  if (relativeError > 0)
    llvm::raw_string_ostream(text) << llvm::format(", within %.1e relative", relativeError);
  if (!preserved())
    text += ": first broken at " + firstBroken + ": " + reason;
  return text;
}

ProofAttr ProofResult::toAttr(MLIRContext *context) const {
  return ProofAttr::get(context, verdict, bitwise, llvm::APFloat(relativeError), firstBroken, reason);
}
