// The walk over a grown model that relates its values to the base's: by rules, layer by layer, each pair of blocks once
// for each pair of input facts.

#include "Prover.h"
#include "Rules.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::growth;
using namespace mlir::tritter;

const Knowledge &Comparison::knowledge(Value value) const {
  static const Knowledge top;
  auto found = known.find(value);
  return found == known.end() ? top : found->second;
}

bool Scope::reads(const Term &term, Value baseParameter, StringAttr base) const {
  auto param = baseParameter.getDefiningOp<ParamOp>();
  if (!param || term.kind != Term::Kind::Source || term.model != base || term.type != param.getType())
    return false;
  switch (kind) {
  case Kind::Whole:
  case Kind::SameLayer:
    return term.path == param.getPathAttr();
  case Kind::OtherLayer:
    return false;
  case Kind::Absolute:
    return term.path.getValue() == (prefix.getValue() + "." + param.getPath()).str();
  }
  return false;
}

namespace {
class Context : public RuleContext {
public:
  Context(Prover &prover, Comparison &comparison, Operation *op) : prover(prover), comparison(comparison), op(op) {}

  const Knowledge &knowledge(Value value) const override { return comparison.knowledge(value); }

  const Derivation *derivation(Value value) override {
    auto param = value.getDefiningOp<ParamOp>();
    if (!param) {
      fail("its weight is no parameter");
      return nullptr;
    }
    const Derivation *form = prover.form(param);
    if (!form)
      fail(param.getPath() + ": " + prover.formError(param));
    return form;
  }

  bool reads(const Term &term, Value baseParameter) const override {
    return comparison.scope.reads(term, baseParameter, prover.baseName());
  }

  StringAttr baseName() const override { return prover.baseName(); }

  std::nullopt_t fail(const Twine &reason, bool operandsFault = false) override {
    auto &kept = comparison.reasons[op];
    auto rank = [](bool likely, bool fault) { return 2 * likely + !fault; };
    if (kept.text.empty() || rank(kept.likely, kept.operandsFault) < rank(likely, operandsFault))
      kept = {reason.str(), operandsFault, likely};
    return std::nullopt;
  }

  /// Of the operations of the base that are tried, those whose parameters are read are likely to be meant: their
  /// reasons are the ones to tell. Nothing else depends on it.
  void consider(Operation *candidate) {
    bool one = false, another = false;
    for (auto [operand, other] : llvm::zip(op->getOperands(), candidate->getOperands())) {
      auto param = operand.getDefiningOp<ParamOp>();
      const Derivation *form = param ? prover.form(param) : nullptr;
      // A parameter that reads no tensor of the base, such as a bias that is zero now, does not tell which operation
      // is meant.
      if (!form || llvm::none_of(form->terms, [](const Term &term) { return term.kind == Term::Kind::Source; }))
        continue;
      bool own = llvm::any_of(form->terms, [&](const Term &term) { return reads(term, other); });
      one |= own;
      another |= !own;
    }
    likely = one && !another;
  }

private:
  Prover &prover;
  Comparison &comparison;
  Operation *op;
  bool likely = false;
};
} // namespace

const Derivation *Prover::form(ParamOp param) {
  auto found = forms.find(param);
  if (found == forms.end()) {
    // A normal form that does not exist is a reason of the verdict, not an error of the IR.
    std::string error;
    ScopedDiagnosticHandler handler(param.getContext(), [&](Diagnostic &diagnostic) {
      error = diagnostic.str();
      return success();
    });
    FailureOr<Derivation> form = normalise(param, [&] { return mlir::emitError(param.getLoc()); });
    formErrors[param] = error;
    found = forms.try_emplace(param, succeeded(form) ? std::optional(std::move(*form)) : std::nullopt).first;
  }
  return found->second ? &*found->second : nullptr;
}

Block *Prover::bodyOf(LayerOp layer) {
  auto block = symbols.lookupNearestSymbolFrom<BlockOp>(layer, layer.getBlockAttr());
  return block ? &block.getBody().front() : nullptr;
}

static bool sameArguments(ArrayRef<Knowledge> a, ArrayRef<Knowledge> b) {
  return llvm::equal(a, b, [](const Knowledge &left, const Knowledge &right) {
    return left.zero == right.zero && llvm::equal(left.facts, right.facts, [](const Fact &x, const Fact &y) {
             return x.base == y.base && x.relation == y.relation;
           });
  });
}

Comparison &Prover::compare(Block *grownBlock, Block *baseBlock, Scope scope, SmallVector<Knowledge, 1> arguments) {
  for (auto &known : comparisons[grownBlock])
    if (known->base == baseBlock && known->scope == scope && sameArguments(known->arguments, arguments))
      return *known;
  auto owner = std::make_unique<Comparison>();
  Comparison &result = *owner;
  result.grown = grownBlock;
  result.base = baseBlock;
  result.scope = scope;
  result.arguments = std::move(arguments);
  comparisons[grownBlock].push_back(std::move(owner));
  for (auto [argument, knowledge] : llvm::zip_equal(grownBlock->getArguments(), result.arguments))
    result.known[argument] = knowledge;
  for (Operation &op : grownBlock->without_terminator())
    visit(&op, result);
  return result;
}

/// Operations of the base that an operation may stand for, by its own word, and that read what an operand is related
/// to.
static llvm::SmallSetVector<Operation *, 2> findCandidates(Operation *op, const Comparison &comparison,
                                                           function_ref<bool(Operation *)> mayStandFor) {
  llvm::SmallSetVector<Operation *, 2> result;
  if (!comparison.base)
    return result;
  for (Value operand : op->getOperands())
    for (const Fact &fact : comparison.knowledge(operand).facts)
      for (Operation *user : fact.base.getUsers())
        if (user->getBlock() == comparison.base && mayStandFor(user))
          result.insert(user);
  return result;
}

void Prover::visit(Operation *op, Comparison &comparison) {
  if (isa<ParamOp>(op))
    return;
  if (auto layer = dyn_cast<LayerOp>(op))
    return visitLayer(layer, comparison);
  Context context(*this, comparison, op);
  auto growable = dyn_cast<GrowableOpInterface>(op);
  if (!growable) {
    context.fail("the proof has no rule for '" + op->getName().getStringRef() + "'");
    return;
  }
  SmallVector<Knowledge, 1> known;
  for (unsigned result = 0; result < op->getNumResults(); ++result)
    known.push_back(growable.relateResultAlone(result, context));
  auto elementType = [](Value value) { return cast<ShapedType>(value.getType()).getElementType(); };
  auto mayStandFor = [&](Operation *user) { return growable.mayStandFor(user); };
  for (Operation *candidate : findCandidates(op, comparison, mayStandFor)) {
    context.consider(candidate);
    for (ResultFact &fact : growable.relateResults(candidate, context)) {
      if (elementType(op->getResult(fact.result)) == elementType(fact.base))
        known[fact.result].add(fact.base, std::move(fact.relation));
      else
        context.fail("computes in another type than the base");
    }
  }
  for (auto [result, knowledge] : llvm::zip_equal(op->getResults(), known))
    if (!knowledge.isTop())
      comparison.known[result] = std::move(knowledge);
}

/// Relations inside a block to what is outside: its arguments are the layer's operands, what it yields its results.
void Prover::relateLayers(LayerOp layer, LayerOp baseLayer, Comparison &comparison) {
  Block *body = bodyOf(layer), *baseBody = baseLayer ? bodyOf(baseLayer) : nullptr;
  if (!body || (baseLayer && (!baseBody || baseLayer.getInputs().size() != layer.getInputs().size())))
    return;
  Scope scope{Scope::Kind::OtherLayer, {}};
  if (baseLayer && !layer.getOrigin())
    scope = {Scope::Kind::Absolute, baseLayer.getPathAttr()};
  else if (baseLayer && layer.getOriginAttr() == baseLayer.getPathAttr())
    scope.kind = Scope::Kind::SameLayer;

  SmallVector<Knowledge, 1> arguments;
  SmallVector<Value> outside;
  for (auto [index, input] : llvm::enumerate(layer.getInputs())) {
    const Knowledge &known = comparison.knowledge(input);
    Knowledge &argument = arguments.emplace_back();
    Value baseInput = baseLayer ? baseLayer.getInputs()[index] : known.facts.empty() ? Value() : known.facts[0].base;
    outside.push_back(baseInput);
    argument.zero = known.zero;
    for (const Fact &fact : known.facts)
      if (fact.base == baseInput)
        argument.facts.push_back({baseLayer ? baseBody->getArgument(index) : body->getArgument(index), fact.relation});
  }
  Comparison &inside = compare(body, baseBody, scope, std::move(arguments));
  comparison.layers[layer].push_back({baseLayer, &inside});

  Block *argumentsOf = baseLayer ? baseBody : body;
  for (auto [yielded, output] : llvm::zip_equal(body->getTerminator()->getOperands(), layer.getOutputs())) {
    const Knowledge &known = inside.knowledge(yielded);
    Knowledge &result = comparison.known[output];
    if (known.zero && !result.zero)
      result.zero = known.zero;
    for (const Fact &fact : known.facts) {
      if (auto argument = dyn_cast<BlockArgument>(fact.base); argument && argument.getOwner() == argumentsOf)
        result.add(outside[argument.getArgNumber()], fact.relation);
      if (baseLayer)
        for (auto [baseYielded, baseOutput] :
             llvm::zip_equal(baseBody->getTerminator()->getOperands(), baseLayer.getOutputs()))
          if (baseYielded == fact.base)
            result.add(baseOutput, fact.relation);
    }
  }
}

void Prover::visitLayer(LayerOp layer, Comparison &comparison) {
  if (comparison.grown != &grown.getBody().front()) {
    Context(*this, comparison, layer).fail("the proof has no rule for layers inside blocks");
    return;
  }
  llvm::SmallSetVector<Operation *, 2> candidates =
      findCandidates(layer, comparison, [](Operation *user) { return isa<LayerOp>(user); });
  for (Operation *candidate : candidates)
    relateLayers(layer, cast<LayerOp>(candidate), comparison);
  // Nothing in the base goes on from here: the layer may still pass its input through.
  if (candidates.empty())
    relateLayers(layer, nullptr, comparison);
}

Comparison &Prover::run() {
  Block *grownBody = &grown.getBody().front(), *baseBody = &base.getBody().front();
  Knowledge tokens;
  tokens.add(baseBody->getArgument(0), {AxisMap::identity(1), {}});
  return compare(grownBody, baseBody, Scope{}, {tokens});
}
