// Where a proof broke: from the logits back to the earliest operation whose operands are related and whose result is
// not.

#include "Prover.h"
#include "tritter/Derivation/Origins.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::growth;
using namespace mlir::tritter;

static std::string describe(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return "the tokens";
  if (auto layer = dyn_cast<LayerOp>(op))
    return "old " + layer.getPath().str() + "'s output";
  if (isa<EmbeddingOp, PositionEmbeddingOp>(op))
    return "the embedding's output";
  return "the output of '" + op->getName().getStringRef().str() + "'";
}

/// "reads old layers.3's output, was layers.1's".
static std::string reads(Value now, Value before) {
  std::string was = describe(before);
  for (StringRef shared : {"old ", "'s output"}) {
    if (size_t at = was.find(shared); at != std::string::npos && StringRef(describe(now)).contains(shared))
      was.erase(at, shared.size()).insert(at, shared == "old " ? "" : "'s");
  }
  return "reads " + describe(now) + ", was " + was;
}

/// What people call an operation: its weight's path, or its own name.
static std::string nameOf(Operation *op) {
  for (Value operand : op->getOperands())
    if (auto param = operand.getDefiningOp<ParamOp>()) {
      StringRef path = param.getPath();
      path.consume_back(".weight");
      return path.str();
    }
  StringRef name = op->getName().stripDialect();
  return name.str();
}

static bool mayStandFor(Operation *op, Operation *base) {
  auto growable = dyn_cast<GrowableOpInterface>(op);
  return growable && growable.mayStandFor(base) && base->getNumOperands() > 0;
}

/// Where no operation of the kind reads the related value in the base.
static std::string misplaced(Operation *op, const Comparison &comparison) {
  std::string kind = (Twine("'") + op->getName().getStringRef() + "'").str();
  for (Value operand : op->getOperands())
    for (const Fact &fact : comparison.knowledge(operand).facts)
      if (Operation *source = fact.base.getDefiningOp())
        return "reads the base's " + nameOf(source) + ", which no " + kind + " of the base reads";
  return "no " + kind + " of the base reads the same";
}

/// The earliest operation, on a way of unrelated values back from `from`, that is to blame itself.
static Operation *findBroken(const Comparison &comparison, Value from) {
  Operation *earliest = nullptr;
  llvm::SmallSetVector<Operation *, 8> work;
  if (Operation *op = from.getDefiningOp())
    work.insert(op);
  for (size_t i = 0; i < work.size(); ++i) {
    Operation *op = work[i];
    bool related = true;
    auto reason = comparison.reasons.find(op);
    bool ownFault = reason != comparison.reasons.end() && !reason->second.operandsFault && !isa<LayerOp>(op) &&
                    llvm::any_of(op->getOperands(), [&](Value operand) {
                      const Knowledge &known = comparison.knowledge(operand);
                      return !known.isTop() && !known.isComplete();
                    });
    for (Value operand : op->getOperands()) {
      if (operand.getDefiningOp<ParamOp>() || comparison.knowledge(operand).isComplete())
        continue;
      related = false;
      if (Operation *source = operand.getDefiningOp(); source && !ownFault)
        work.insert(source);
    }
    if ((related || ownFault) && (!earliest || op->isBeforeInBlock(earliest)))
      earliest = op;
  }
  return earliest;
}

/// Whether a layer has parameters that are zero: then it means to change nothing.
static bool hasZeros(const Comparison &comparison, Prover &prover) {
  return llvm::any_of(comparison.grown->getOps<ParamOp>(), [&](ParamOp param) {
    const Derivation *form = prover.form(param);
    return form && form->isZero();
  });
}

/// In an inserted layer that means to add nothing: the product that does add something.
static Operation *findAddition(const Comparison &comparison) {
  for (auto add : comparison.grown->getOps<tritter::AddOp>()) {
    if (comparison.knowledge(add.getResult()).isComplete())
      continue;
    for (bool second : {false, true}) {
      Operation *source = add->getOperand(second).getDefiningOp();
      if (source && isa<LinearOp>(source) && !comparison.knowledge(add->getOperand(second)).zero &&
          comparison.knowledge(add->getOperand(!second)).isComplete())
        return source;
    }
  }
  return nullptr;
}

/// Whether a layer is one more than the base has, as far as its derivations can be read.
static bool isNew(LayerOp layer, const Comparison &models) {
  ScopedDiagnosticHandler quiet(layer.getContext(), [](Diagnostic &) { return success(); });
  FailureOr<GrowthOrigins> origins =
      GrowthOrigins::get(cast<ModelOp>(models.base->getParentOp()), cast<ModelOp>(models.grown->getParentOp()));
  const LayerOrigin *origin = succeeded(origins) ? origins->find(layer) : nullptr;
  return origin && origin->isNew;
}

static Diagnosis diagnoseLayer(LayerOp layer, Comparison &models, Prover &prover) {
  std::string where = layer.getPath().str();
  StringAttr origin = layer.getOriginAttr();
  if (origin && origin != layer.getPathAttr())
    where += " (old " + origin.str() + ")";
  MutableArrayRef<LayerComparison> found = models.layers[layer];
  LayerComparison *own = nullptr;
  for (LayerComparison &comparison : found)
    if (!origin || (comparison.base && comparison.base.getPathAttr() == origin))
      own = &comparison;

  auto inside = [&](Operation *op, std::string reason) {
    return Diagnosis{layer.getPath().str() + "." + nameOf(op), std::move(reason), op->getLoc()};
  };
  // Whether the layer was inserted is only guessed; the guess decides the wording and nothing else.
  if (!found.empty() && (!own || isNew(layer, models))) {
    const Comparison &comparison = own ? *own->inside : *found.front().inside;
    bool means = hasZeros(comparison, prover);
    if (Operation *addition = means ? findAddition(comparison) : nullptr) {
      auto weight = cast<LinearOp>(addition).getWeight().getDefiningOp<ParamOp>();
      const Derivation *form = weight ? prover.form(weight) : nullptr;
      return inside(addition, std::string("an inserted layer must add nothing, but this ") +
                                  (form && form->isZero() ? "bias" : "weight") + " is not zero");
    }
    if (Operation *op = means ? findBroken(comparison, comparison.grown->getTerminator()->getOperand(0)) : nullptr)
      return inside(op, "an inserted layer must pass its input on, and this changes it");
  }
  // A layer of the base in another place.
  if (!own && !found.empty()) {
    LayerOp old;
    for (auto op :
         found.front().base ? found.front().base->getBlock()->getOps<LayerOp>() : models.base->getOps<LayerOp>())
      if (op.getPathAttr() == origin)
        old = op;
    for (Value input : layer.getInputs())
      for (const Fact &fact : models.knowledge(input).facts)
        if (old && !old.getInputs().empty() && fact.base != old.getInputs().front())
          return {where, reads(fact.base, old.getInputs().front()), layer.getLoc()};
    return {where, old ? "is not computed from what the base's is" : "comes from a layer that the base has not",
            layer.getLoc()};
  }
  if (own)
    for (Value yielded : own->inside->grown->getTerminator()->getOperands())
      if (!own->inside->knowledge(yielded).isComplete())
        if (Operation *op = findBroken(*own->inside, yielded)) {
          std::string reason = own->inside->reasons[op].text;
          return inside(op, reason.empty() ? misplaced(op, *own->inside) : reason);
        }
  return {where, "its result is no value of the base's", layer.getLoc()};
}

Diagnosis mlir::growth::diagnose(Comparison &models, Prover &prover) {
  Value logits = models.grown->getTerminator()->getOperand(0), baseLogits = models.base->getTerminator()->getOperand(0);
  const Knowledge &known = models.knowledge(logits);
  if (Operation *op = known.isComplete() ? nullptr : findBroken(models, logits)) {
    if (auto layer = dyn_cast<LayerOp>(op))
      return diagnoseLayer(layer, models, prover);
    std::string reason = models.reasons[op].text;
    if (reason.empty()) {
      reason = misplaced(op, models);
      for (Value operand : op->getOperands())
        for (const Fact &fact : models.knowledge(operand).facts)
          for (Operation &other : *models.base)
            if (mayStandFor(op, &other) && other.getOperand(0) != fact.base)
              reason = reads(fact.base, other.getOperand(0));
    }
    return {nameOf(op), reason, op->getLoc()};
  }
  Operation *last = logits.getDefiningOp();
  std::string reason = "the logits are another value of the base's";
  if (known.zero)
    reason = "the logits are zero";
  for (const Fact &fact : known.facts)
    if (fact.base == baseLogits) {
      const AxisMap &map = fact.relation.map;
      reason = map.getLength() > map.getDomain()
                   ? "the logits of the new " + std::to_string(map.getLength() - map.getDomain()) +
                         " rows of the vocabulary are not masked to minus infinity"
                   : "the logits are not the base's, one by one with coefficient 1";
    }
  return {last ? nameOf(last) : "the result", reason, last ? last->getLoc() : logits.getLoc()};
}
