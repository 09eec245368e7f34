// The walk over a grown model, backwards, that relates gradients to the base's; it goes where the proof has been.

#include "tritter/Proof/Adjoint.h"
#include "Prover.h"
#include "Rules.h"

using namespace mlir;
using namespace mlir::growth;
using namespace mlir::tritter;

#include "lib/Proof/AdjointInterface.cpp.inc"

namespace {
using Kind = GradientRelation::Kind;

/// What one use gives to the gradient of a value: a relation to what one use in the base gives to its value's, or (no
/// use) to the whole of that.
struct Contribution {
  GradientRelation relation;
  OpOperand *use = nullptr;
};

/// What was found of a graph, for what is known of the gradients of what it yields.
struct GraphGradients {
  SmallVector<GradientRelation, 1> yields, arguments;
  DenseMap<Operation *, std::optional<Derivation>> parameters;
};

bool same(ArrayRef<GradientRelation> a, ArrayRef<GradientRelation> b) {
  return llvm::equal(a, b, [](const GradientRelation &x, const GradientRelation &y) {
    return x.kind == y.kind && x.base == y.base && x.maps == y.maps;
  });
}

GradientRelation related(Value base, ArrayRef<AxisMap> maps) {
  if (llvm::any_of(maps, [](const AxisMap &map) { return map.all(Run::Kind::Zero); }))
    return {};
  return {Kind::Related, base, SmallVector<AxisMap, 2>(maps)};
}

GradientRelation unknown() { return {Kind::Unknown, {}, {}}; }

/// The sum of contributions. Those that are not zero must make up the whole of one gradient of the base, all by the
/// same maps; coordinates on which they differ are unknown.
GradientRelation sum(ArrayRef<Contribution> contributions) {
  GradientRelation total;
  llvm::SmallPtrSet<OpOperand *, 4> uses;
  bool whole = false;
  for (const Contribution &part : contributions) {
    if (part.relation.kind == Kind::Zero)
      continue;
    bool first = total.kind == Kind::Zero;
    if (part.relation.kind == Kind::Unknown || (!first && part.relation.base != total.base) || whole ||
        (!part.use && !first) || (part.use && !uses.insert(part.use).second))
      return unknown();
    whole = !part.use;
    if (first)
      total = part.relation;
    else if (total.maps.size() == 1)
      total.maps[0] = commonRows(total.maps[0], part.relation.maps[0]);
    else if (!(total.maps == part.relation.maps))
      return unknown();
  }
  if (total.kind == Kind::Related && !whole && size_t(llvm::range_size(total.base.getUses())) != uses.size())
    return unknown();
  return total;
}
} // namespace

class Adjoints::Walk {
public:
  Walk(ModelOp base, ModelOp grown) : prover(base, grown), models(prover.run()) {
    Operation *end = models.grown->getTerminator(), *baseEnd = models.base->getTerminator();
    Value logits = end->getOperand(0), baseLogits = baseEnd->getOperand(0);
    for (const Fact &fact : models.knowledge(logits).facts) {
      if (fact.base != baseLogits || !isPreserved(fact.relation.map))
        continue;
      // Masked logits have no share of the loss.
      AxisMap kept = AxisMap::identity(fact.relation.map.getDomain()).padded(fact.relation.map.getLength());
      root = &run(models, {related(baseLogits, kept)}, {&baseEnd->getOpOperand(0)});
    }
  }

  const Derivation *find(ParamOp param, LayerOp layer) const {
    const GraphGradients *graph = root;
    if (layer) {
      auto found = layers.find(layer);
      graph = found == layers.end() ? nullptr : found->second;
    }
    if (!graph)
      return nullptr;
    auto found = graph->parameters.find(param);
    return found != graph->parameters.end() && found->second ? &*found->second : nullptr;
  }

private:
  class Context;

  using Contributions = DenseMap<Value, SmallVector<Contribution, 2>>;
  const GraphGradients &run(Comparison &graph, ArrayRef<GradientRelation> yields, ArrayRef<OpOperand *> uses);
  void visit(Operation *op, Comparison &graph, Contributions &contributions);
  void visitLayer(LayerOp layer, Comparison &graph, Contributions &contributions);
  std::optional<Derivation> derive(ParamOp param, const GradientRelation &gradient, const Comparison &graph);

  Prover prover;
  Comparison &models;
  const GraphGradients *root = nullptr;
  DenseMap<Operation *, const GraphGradients *> layers;
  DenseMap<Comparison *, SmallVector<std::unique_ptr<GraphGradients>, 1>> graphs;
  /// Derivations without draws.
  DenseMap<const Derivation *, std::unique_ptr<Derivation>> drawless;
};

class Adjoints::Walk::Context : public AdjointContext {
public:
  Context(Walk &walk, Comparison &graph, Operation *op, const GradientRelation &result, Operation *base,
          Contributions &contributions)
      : walk(walk), graph(graph), op(op), result(result), base(base), contributions(contributions),
        passed(op->getNumOperands()) {}

  const Knowledge &knowledge(Value value) const override { return graph.knowledge(value); }
  bool reads(const Term &term, Value parameter) const override {
    return graph.scope.reads(term, parameter, walk.prover.baseName());
  }
  StringAttr baseName() const override { return walk.prover.baseName(); }
  std::nullopt_t fail(const Twine &, bool) override { return std::nullopt; }

  const Derivation *derivation(Value value) override {
    auto param = value.getDefiningOp<ParamOp>();
    const Derivation *form = param ? walk.prover.form(param) : nullptr;
    if (!form || llvm::none_of(form->terms, [](const Term &term) { return term.kind == Term::Kind::Normal; }))
      return form;
    std::unique_ptr<Derivation> &rest = walk.drawless[form];
    if (!rest) {
      rest = std::make_unique<Derivation>(*form);
      llvm::erase_if(rest->terms, [](const Term &term) { return term.kind == Term::Kind::Normal; });
    }
    return rest.get();
  }

  const AxisMap &gradient() const override { return result.maps.front(); }

  void pass(unsigned operand, unsigned baseOperand, ArrayRef<AxisMap> maps) override {
    OpOperand &use = base->getOpOperand(baseOperand);
    give(operand, {related(use.get(), maps), &use});
  }
  void passResult(unsigned operand) override { give(operand, {result, nullptr}); }
  void passZero(unsigned operand) override { give(operand, {}); }

  std::optional<AxisMap> transposedRows(Value weight, Value baseWeight) override {
    auto param = weight.getDefiningOp<ParamOp>();
    const Derivation *form = derivation(weight), *whole = param ? walk.prover.form(param) : nullptr;
    if (!form)
      return std::nullopt;
    AxisMap rows = relateRows(*form, /*rowAxis=*/1, &gradient(), baseWeight, *this).rows;
    if (form == whole)
      return rows;
    AxisMap drawn = relateRows(*whole, 1, &gradient(), baseWeight, *this).rows, kept(rows.getDomain(), {});
    walkTogether({&rows, &drawn}, [&](int64_t, ArrayRef<Run> parts) {
      bool drawsAlone = parts[0].kind == Run::Kind::Zero && parts[1].kind != Run::Kind::Zero;
      kept.append(drawsAlone ? Run::unknown(parts[0].length) : parts[0]);
    });
    return kept;
  }

  /// Marks the gradients of operands that no rule has passed on as unknown.
  void finish() {
    for (unsigned operand = 0; operand < op->getNumOperands(); ++operand)
      if (!passed[operand])
        give(operand, {unknown(), nullptr});
  }

private:
  void give(unsigned operand, Contribution contribution) {
    passed[operand] = true;
    contributions[op->getOperand(operand)].push_back(std::move(contribution));
  }

  Walk &walk;
  Comparison &graph;
  Operation *op;
  const GradientRelation &result;
  Operation *base;
  Contributions &contributions;
  SmallVector<bool, 4> passed;
};

/// The gradient Q G P' as a derivation over the gradient G of the base's parameter.
std::optional<Derivation> Adjoints::Walk::derive(ParamOp param, const GradientRelation &gradient,
                                                 const Comparison &graph) {
  Derivation result;
  result.type = cast<RankedTensorType>(param.getType());
  if (gradient.kind == Kind::Zero)
    return result;
  auto base = gradient.kind == Kind::Related ? gradient.base.getDefiningOp<ParamOp>() : ParamOp();
  if (!base || graph.scope.kind == Scope::Kind::OtherLayer ||
      llvm::any_of(gradient.maps, [](const AxisMap &map) { return map.any(Run::Kind::Unknown); }))
    return std::nullopt;
  Term term;
  term.kind = Term::Kind::Source;
  term.model = prover.baseName();
  term.path = base.getPathAttr();
  if (graph.scope.kind == Scope::Kind::Absolute)
    term.path = StringAttr::get(param.getContext(), graph.scope.prefix.getValue() + "." + base.getPath());
  term.type = cast<RankedTensorType>(base.getType());
  term.axes = gradient.maps;
  result.terms.push_back(std::move(term));
  return result;
}

const GraphGradients &Adjoints::Walk::run(Comparison &graph, ArrayRef<GradientRelation> yields,
                                          ArrayRef<OpOperand *> uses) {
  for (const auto &known : graphs[&graph])
    if (same(known->yields, yields))
      return *known;
  auto owner = std::make_unique<GraphGradients>();
  GraphGradients &result = *owner;
  graphs[&graph].push_back(std::move(owner));
  result.yields.assign(yields.begin(), yields.end());
  Contributions contributions;
  for (auto [operand, yield, use] : llvm::zip_equal(graph.grown->getTerminator()->getOperands(), yields, uses))
    contributions[operand].push_back({yield, use});
  for (Operation &op : llvm::reverse(graph.grown->without_terminator())) {
    if (auto param = dyn_cast<ParamOp>(op))
      result.parameters[param] = derive(param, sum(contributions[param.getResult()]), graph);
    else if (auto layer = dyn_cast<LayerOp>(op))
      visitLayer(layer, graph, contributions);
    else
      visit(&op, graph, contributions);
  }
  for (BlockArgument argument : graph.grown->getArguments())
    result.arguments.push_back(sum(contributions[argument]));
  return result;
}

void Adjoints::Walk::visit(Operation *op, Comparison &graph, Contributions &contributions) {
  GradientRelation gradient = op->getNumResults() == 1 ? sum(contributions[op->getResult(0)]) : unknown();
  if (gradient.kind == Kind::Zero)
    return;
  auto rules = dyn_cast<AdjointOpInterface>(op);
  Operation *base = gradient.kind == Kind::Related ? gradient.base.getDefiningOp() : nullptr;
  // The rules rest on what the proof found of the result; coordinates of which it found nothing are unknown here too.
  const Relation *values = nullptr;
  if (base)
    for (const Fact &fact : graph.knowledge(op->getResult(0)).facts)
      if (fact.base == gradient.base)
        values = &fact.relation;
  bool paired = rules && values && base->getName() == op->getName();
  if (paired) {
    AxisMap known(values->map.getDomain(), {});
    walkTogether({&gradient.maps.front(), &values->map}, [&](int64_t, ArrayRef<Run> parts) {
      bool lost = parts[0].kind != Run::Kind::Zero && parts[1].kind == Run::Kind::Unknown;
      known.append(lost ? Run::unknown(parts[0].length) : parts[0]);
    });
    GradientRelation masked{Kind::Related, gradient.base, {known}};
    Context context(*this, graph, op, masked, base, contributions);
    paired = succeeded(rules.pullBack(base, context));
    if (paired)
      return context.finish();
  }
  Context context(*this, graph, op, gradient, nullptr, contributions);
  if (rules)
    rules.pullBackAlone(context);
  context.finish();
}

/// Into the layer by what it yields, out of it by its arguments. It is the base's layer beside it, or, where a gradient
/// is that of what a layer reads, one that the base has not and that passes its input through.
void Adjoints::Walk::visitLayer(LayerOp layer, Comparison &graph, Contributions &contributions) {
  SmallVector<GradientRelation, 1> outer;
  for (Value output : layer.getOutputs())
    outer.push_back(sum(contributions[output]));
  auto giveUp = [&] {
    for (Value input : layer.getInputs())
      contributions[input].push_back({unknown(), nullptr});
  };
  for (const LayerComparison &comparison : graph.layers[layer]) {
    Comparison &inside = *comparison.inside;
    LayerOp base = comparison.base;
    Block *body = base ? inside.base : inside.grown;
    SmallVector<GradientRelation, 1> yields;
    SmallVector<OpOperand *, 1> uses;
    bool fits = true;
    for (auto [index, gradient] : llvm::enumerate(outer)) {
      OpOperand *use = nullptr;
      if (gradient.kind == Kind::Related) {
        Value outside = gradient.base;
        gradient.base = {};
        if (base && outside.getDefiningOp() == base) {
          use = &body->getTerminator()->getOpOperand(cast<OpResult>(outside).getResultNumber());
          gradient.base = use->get();
        } else {
          for (auto [at, input] : llvm::enumerate(base ? base.getInputs() : layer.getInputs()))
            if (input == outside || (!base && llvm::any_of(graph.knowledge(input).facts,
                                                           [&](const Fact &fact) { return fact.base == outside; })))
              gradient.base = body->getArgument(at);
        }
        fits &= bool(gradient.base);
        yields.push_back(gradient);
        gradient.base = outside;
      } else {
        yields.push_back(gradient);
      }
      uses.push_back(use);
    }
    if (!fits)
      continue;
    const GraphGradients &found = run(inside, yields, uses);
    layers[layer] = &found;
    for (auto [index, gradient] : llvm::enumerate(found.arguments)) {
      Contribution part{gradient, nullptr};
      auto argument = gradient.kind == Kind::Related ? dyn_cast<BlockArgument>(gradient.base) : BlockArgument();
      if (gradient.kind == Kind::Related && (!argument || argument.getOwner() != body)) {
        part.relation = unknown();
      } else if (argument && llvm::is_contained(uses, nullptr)) {
        // Passed through: what the layer reads has the gradient of what it gives.
        part.relation.base = outer.front().base;
      } else if (argument) {
        OpOperand &use = base->getOpOperand(argument.getArgNumber());
        part.relation.base = use.get();
        part.use = &use;
      }
      contributions[layer.getInputs()[index]].push_back(std::move(part));
    }
    return;
  }
  giveUp();
}

Adjoints::Adjoints(ModelOp base, ModelOp grown) : walk(std::make_unique<Walk>(base, grown)) {}
Adjoints::~Adjoints() = default;

const Derivation *Adjoints::find(ParamOp param, LayerOp layer) const { return walk->find(param, layer); }
