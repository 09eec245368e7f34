// --tritter-differentiate: the programs of training from a model.

#include "BlockGradients.h"
#include "Head.h"
#include "ReverseMode.h"
#include "dialects/Tritter/Shapes.h"
#include "tritter/Support/Training.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "lib/Training/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

template <> ArrayRef<Word<Recompute>> mlir::tritter::wordsOf<Recompute>() {
  static constexpr Word<Recompute> words[] = {
      {Recompute::None, "none", "what only its pointwise operations need"},
      {Recompute::Pointwise, "pointwise", "normed and gated activations too, the inputs of products"}};
  return words;
}

namespace {

/// A named part of the loss.
struct Term {
  std::string name;
  Losses losses;
};

/// A program that is being built, which yields nothing until it is finished.
struct Graph {
  ProgramOp program;
  /// Before the yield.
  OpBuilder builder;
  YieldOp yield;

  Graph(ModelOp trained, StringRef name, ArrayRef<Type> inputs, ArrayRef<StringRef> names);
  Block &body() { return program.getBody().front(); }
  Value tokens() { return body().getArgument(0); }
  Value targets() { return body().getArgument(1); }
  /// Copies a model's graph; returns its logits.
  Value apply(ModelOp model, Value tokens);
  /// The terms of an objective, the models that it applies copied; those of the model's cross entropy without one.
  SmallVector<Term> terms(ObjectiveOp objective, const SymbolTable &symbols);
  void finish(ArrayRef<Value> results, ArrayRef<std::string> names);

  ModelOp trained;
};

/// The programs of what trains one model.
class Programs {
public:
  Programs(ModelOp model, ObjectiveOp objective, SymbolTable &symbols, Recompute recompute, int64_t headRows)
      : model(model), objective(objective), symbols(symbols), blocks(symbols, recompute), headRows(headRows) {}

  LogicalResult buildStep();
  LogicalResult buildEvaluate();
  void buildLogits();
  const BlockDifferentiator &differentiator() const { return blocks; }

private:
  LogicalResult followLayer(LayerOp layer, ReverseMode &reverse);
  LogicalResult backwardLayer(LayerOp layer, const BlockGradients &gradients, OpBuilder &builder, ReverseMode &reverse);
  /// The mean of the losses of every term; with the gradients of the head where there is `reverse`.
  FailureOr<SmallVector<Value>> addMeans(Graph &graph, ArrayRef<Term> terms, ReverseMode *reverse);

  ModelOp model;
  /// Null where the loss is the model's cross entropy.
  ObjectiveOp objective;
  SymbolTable &symbols;
  BlockDifferentiator blocks;
  int64_t headRows;
  /// Forward instances of the step, with how they were differentiated.
  DenseMap<Operation *, const BlockGradients *> differentiated;
};

} // namespace

Graph::Graph(ModelOp trained, StringRef name, ArrayRef<Type> inputs, ArrayRef<StringRef> names)
    : builder(trained->getContext()), trained(trained) {
  builder.setInsertionPointToEnd(trained->getBlock());
  program = ProgramOp::create(builder, trained.getLoc(), name, builder.getFunctionType(inputs, {}), names);
  builder.setInsertionPointToEnd(&body());
  yield = YieldOp::create(builder, trained.getLoc(), ValueRange());
  builder.setInsertionPoint(yield);
}

Value Graph::apply(ModelOp model, Value tokens) {
  Block &from = model.getBody().front();
  IRMapping mapping;
  mapping.map(from.getArgument(0), tokens);
  // What belongs to another model than the one that is trained says so, and is frozen.
  auto other = model == trained ? FlatSymbolRefAttr() : FlatSymbolRefAttr::get(model.getSymNameAttr());
  SmallVector<Operation *> copies;
  for (Operation &op : from.without_terminator()) {
    Operation *copy = copies.emplace_back(builder.clone(op, mapping));
    if (auto param = dyn_cast<ParamOp>(copy)) {
      param.removeInitAttr();
      param.setModelAttr(other);
      param.setFrozen(param.getFrozen() || other);
    } else if (auto layer = dyn_cast<LayerOp>(copy)) {
      layer.setModelAttr(other);
      layer.setFrozen(layer.getFrozen() || other);
    }
  }
  Value logits = mapping.lookup(from.getTerminator()->getOperand(0));
  // A layer does nothing but compute its results here; later, instances of backward blocks do more.
  for (Operation *copy : llvm::reverse(copies))
    if (copy != logits.getDefiningOp() && (isOpTriviallyDead(copy) || (isa<LayerOp>(copy) && copy->use_empty())))
      copy->erase();
  return logits;
}

/// Looks through a cast to f32 before the loss: the loss computes in f32 whatever type it reads.
static void readNarrowLogits(CrossEntropyOp op) {
  auto cast = op.getLogits().getDefiningOp<CastOp>();
  if (cast &&
      accumulatorType(tensorType(cast.getInput()).getElementType()) == tensorType(op.getLosses()).getElementType())
    op.getLogitsMutable().set(cast.getInput());
}

SmallVector<Term> Graph::terms(ObjectiveOp objective, const SymbolTable &symbols) {
  SmallVector<Term> terms;
  if (!objective) {
    auto losses = CrossEntropyOp::create(builder, trained.getLoc(), apply(trained, tokens()), targets());
    readNarrowLogits(losses);
    return {{"cross_entropy", {losses.getLosses(), 1}}};
  }
  IRMapping mapping;
  mapping.map(objective.getBody().getArguments(), body().getArguments());
  for (Operation &op : objective.getBody().front()) {
    if (auto apply = dyn_cast<ApplyOp>(op)) {
      auto model = symbols.lookup<ModelOp>(apply.getModelAttr().getValue());
      mapping.map(apply.getLogits(), this->apply(model, mapping.lookup(apply.getTokens())));
    } else if (auto term = dyn_cast<TermOp>(op)) {
      Losses losses{mapping.lookup(term.getLosses()), term.getWeight().convertToDouble()};
      terms.push_back({term.getName().str(), losses});
    } else if (auto losses = dyn_cast<CrossEntropyOp>(builder.clone(op, mapping))) {
      readNarrowLogits(losses);
    }
  }
  return terms;
}

void Graph::finish(ArrayRef<Value> results, ArrayRef<std::string> names) {
  yield.getValuesMutable().assign(results);
  eraseDeadOps(body());
  program.setFunctionType(builder.getFunctionType(body().getArgumentTypes(), ValueRange(results).getTypes()));
  SmallVector<Attribute> all(program.getNames().getValue());
  for (StringRef name : names)
    all.push_back(builder.getStringAttr(name));
  program.setNamesAttr(builder.getArrayAttr(all));
}

FailureOr<SmallVector<Value>> Programs::addMeans(Graph &graph, ArrayRef<Term> terms, ReverseMode *reverse) {
  // Terms of one tensor are one loss.
  SmallVector<Losses> losses;
  SmallVector<unsigned> places;
  for (const Term &term : terms) {
    auto *known = llvm::find_if(losses, [&](Losses &other) { return other.values == term.losses.values; });
    places.push_back(known - losses.begin());
    if (known == losses.end())
      losses.push_back(term.losses);
    else
      known->weight += term.losses.weight;
  }
  FailureOr<SmallVector<Value>> values =
      Head(losses, tensorType(graph.tokens())).build(graph.builder, headRows, reverse);
  if (failed(values))
    return failure();
  SmallVector<Value> means;
  for (unsigned place : places)
    means.push_back(MeanOp::create(graph.builder, model.getLoc(), (*values)[place]));
  return means;
}

//===----------------------------------------------------------------------===//
// step
//===----------------------------------------------------------------------===//

/// Puts the forward block that saves in the place of an instance that gradients pass through.
LogicalResult Programs::followLayer(LayerOp layer, ReverseMode &reverse) {
  auto block = symbols.lookup<BlockOp>(layer.getBlock());
  BlockUse use;
  use.train = !layer.getFrozen() && llvm::any_of(block.getOps<ParamOp>(), [](ParamOp p) { return !p.getFrozen(); });
  use.inputs = llvm::map_to_vector(layer.getInputs(), [&](Value input) { return reverse.isWanted(input); });
  use.results = llvm::map_to_vector(layer.getOutputs(), [](Value output) { return !output.use_empty(); });
  bool isUsed = llvm::is_contained(use.results, true);
  if (!isUsed || (!use.train && !llvm::is_contained(use.inputs, true)))
    return success();
  const BlockGradients *gradients = blocks.get(block, use);
  if (!gradients)
    return failure();

  OpBuilder builder(layer);
  BlockOp saving = gradients->forward;
  auto forward =
      LayerOp::create(builder, layer.getLoc(), saving.getResultTypes(), layer.getPathAttr(),
                      FlatSymbolRefAttr::get(saving.getSymNameAttr()), layer.getInputs(), layer.getOriginAttr(),
                      layer.getAddedAttr(), layer.getFrozenAttr(), FlatSymbolRefAttr());
  layer.replaceAllUsesWith(forward.getOutputs().take_front(layer.getNumResults()));
  layer.erase();
  for (auto [given, output] : llvm::zip(use.results, forward.getOutputs()))
    if (given)
      reverse.want(output);
  differentiated[forward] = gradients;
  return success();
}

LogicalResult Programs::backwardLayer(LayerOp layer, const BlockGradients &gradients, OpBuilder &builder,
                                      ReverseMode &reverse) {
  SmallVector<Value> operands;
  for (Value output : layer.getOutputs())
    if (reverse.isWanted(output)) {
      operands.push_back(reverse.gradient(builder, output));
      if (!operands.back())
        return layer.emitOpError() << "has a result that the loss does not depend on";
    }
  for (BlockGradients::Operand operand : gradients.operands)
    operands.push_back(operand.isInput ? layer.getInputs()[operand.index] : layer.getOutputs()[operand.index]);
  BlockOp block = gradients.backward;
  auto backward = LayerOp::create(builder, layer.getLoc(), block.getResultTypes(), layer.getPathAttr(),
                                  FlatSymbolRefAttr::get(block.getSymNameAttr()), operands, StringAttr(), IntegerAttr(),
                                  UnitAttr(), FlatSymbolRefAttr());
  for (auto [input, gradient] : llvm::zip_equal(gradients.inputs, backward.getOutputs()))
    reverse.add(builder, layer.getInputs()[input], gradient);
  return success();
}

/// A scalar times a number.
static Value times(OpBuilder &builder, Value scalar, double factor) {
  if (factor == 1)
    return scalar;
  return SpreadOp::create(builder, scalar.getLoc(), scalar.getType(), scalar, builder.getF64FloatAttr(factor));
}

LogicalResult Programs::buildStep() {
  Type tokens = model.getArgumentTypes()[0];
  Graph graph(model, "step", {tokens, tokens}, {"tokens", "targets"});
  SmallVector<Term> terms = graph.terms(objective, symbols);
  Block &body = graph.body();
  ReverseMode reverse;
  for (Operation &op : llvm::make_early_inc_range(body.without_terminator())) {
    auto layer = dyn_cast<LayerOp>(op);
    if (!layer)
      reverse.follow(&op);
    else if (failed(followLayer(layer, reverse)))
      return failure();
  }
  if (llvm::none_of(terms, [&](Term &term) { return reverse.isWanted(term.losses.values); }))
    return model.emitOpError() << "has nothing to train: every parameter that its loss depends on is frozen";

  FailureOr<SmallVector<Value>> means = addMeans(graph, terms, &reverse);
  if (failed(means))
    return failure();
  auto forward = llvm::map_to_vector(body.without_terminator(), [](Operation &op) { return &op; });
  for (Operation *op : llvm::reverse(forward)) {
    auto known = differentiated.find(op);
    LogicalResult done = known == differentiated.end()
                             ? reverse.backward(graph.builder, op)
                             : backwardLayer(cast<LayerOp>(op), *known->second, graph.builder, reverse);
    if (failed(done))
      return failure();
  }

  // Each term scaled as gradients are, so that those of several batches add up to the mean.
  OpBuilder &builder = graph.builder;
  SmallVector<Value> results = {Value()};
  SmallVector<std::string> names = {"loss"};
  Value scale = ScalarOp::create(builder, model.getLoc(), means->front().getType(), "loss_scale");
  for (auto [term, mean] : llvm::zip_equal(terms, *means)) {
    Value value = MulOp::create(builder, model.getLoc(), mean, scale);
    Value part = times(builder, value, term.losses.weight);
    results[0] = results[0] ? AddOp::create(builder, model.getLoc(), results[0], part).getResult() : part;
    if (terms.size() > 1) {
      results.push_back(value);
      names.push_back("term." + term.name);
    }
  }
  graph.finish(results, names);
  return success();
}

//===----------------------------------------------------------------------===//
// evaluate, logits
//===----------------------------------------------------------------------===//

LogicalResult Programs::buildEvaluate() {
  Type tokens = model.getArgumentTypes()[0];
  Graph graph(model, "evaluate", {tokens, tokens}, {"tokens", "targets"});
  // Models are compared by their cross entropy, whatever they are trained for.
  FailureOr<SmallVector<Value>> means = addMeans(graph, graph.terms({}, symbols), nullptr);
  if (failed(means))
    return failure();
  graph.finish(means->front(), {"loss"});
  return success();
}

void Programs::buildLogits() {
  Graph graph(model, "logits", model.getArgumentTypes()[0], {"tokens"});
  SmallVector<Value> results = {graph.apply(model, graph.tokens())};
  SmallVector<std::string> names = {"logits"};
  auto addResidual = [&](Value value) {
    if (isa<IntegerType>(getElementTypeOrSelf(value)))
      return; // tokens
    names.push_back("residual." + std::to_string(results.size() - 1));
    results.push_back(value);
  };
  for (LayerOp layer : graph.body().getOps<LayerOp>()) {
    if (results.size() == 1 && !layer.getInputs().empty())
      addResidual(layer.getInputs().front());
    addResidual(layer.getOutputs().front());
  }
  graph.finish(results, names);
}

namespace {

struct DifferentiatePass : tritter::impl::DifferentiatePassBase<DifferentiatePass> {
  using DifferentiatePassBase::DifferentiatePassBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

  LogicalResult run(ModuleOp module) {
    FailureOr<Training> training = trainingOf(module);
    if (failed(training))
      return failure();
    ModelOp model = training->model;
    auto tokens = cast<RankedTensorType>(model.getArgumentTypes()[0]);
    if (!tokens.hasStaticShape())
      return model.emitOpError() << "needs a static batch and sequence (--tritter-specialize), found " << tokens;
    if (headRows <= 0)
      return module.emitError() << "head-rows must be positive, found " << int64_t(headRows);
    SymbolTable symbolTable(module);
    Programs programs(model, training->objective, symbolTable, recompute, headRows);
    if ((step && failed(programs.buildStep())) || (evaluate && failed(programs.buildEvaluate())))
      return failure();
    if (logits)
      programs.buildLogits();
    variants += programs.differentiator().variantCount();
    saved += programs.differentiator().savedCount();
    return success();
  }
};

} // namespace
