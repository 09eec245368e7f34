// --tritter-differentiate: the programs of training from a model.

#include "BlockGradients.h"
#include "Head.h"
#include "ReverseMode.h"
#include "dialects/Tritter/Shapes.h"

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

/// A copy of a model's graph inside a program that yields its logits until it is finished.
struct Graph {
  ProgramOp program;
  /// Before the yield.
  OpBuilder builder;
  YieldOp yield;

  Graph(ModelOp model, StringRef name, ArrayRef<Type> inputs, ArrayRef<StringRef> names);
  Value targets() { return program.getBody().front().getArgument(1); }
  auto layers() { return llvm::to_vector(program.getBody().front().getOps<LayerOp>()); }
  Value logits() { return yield.getValues().front(); }
  void finish(ArrayRef<Value> results, ArrayRef<std::string> names);
};

/// Programs of one model.
class Programs {
public:
  Programs(ModelOp model, SymbolTable &symbols, Recompute recompute, int64_t headRows)
      : model(model), symbols(symbols), blocks(symbols, recompute), headRows(headRows) {}

  LogicalResult buildStep();
  LogicalResult buildEvaluate();
  void buildLogits();
  const BlockDifferentiator &differentiator() const { return blocks; }

private:
  LogicalResult followLayer(LayerOp layer, ReverseMode &reverse);
  LogicalResult backwardLayer(LayerOp layer, const BlockGradients &gradients, OpBuilder &builder, ReverseMode &reverse);
  /// Puts the loss in the place of the logits; with the gradients of the head where there is `reverse`.
  FailureOr<Value> addLoss(Graph &graph, ReverseMode *reverse);

  ModelOp model;
  SymbolTable &symbols;
  BlockDifferentiator blocks;
  int64_t headRows;
  /// Forward instances of the step, with how they were differentiated.
  DenseMap<Operation *, const BlockGradients *> differentiated;
};

} // namespace

Graph::Graph(ModelOp model, StringRef name, ArrayRef<Type> inputs, ArrayRef<StringRef> names)
    : builder(model->getContext()) {
  builder.setInsertionPointToEnd(model->getBlock());
  program = ProgramOp::create(builder, model.getLoc(), name, builder.getFunctionType(inputs, {}), names);
  Block &from = model.getBody().front(), &to = program.getBody().front();
  builder.setInsertionPointToEnd(&to);
  IRMapping mapping;
  mapping.map(from.getArgument(0), to.getArgument(0));
  for (Operation &op : from.without_terminator()) {
    Operation *copy = builder.clone(op, mapping);
    if (auto param = dyn_cast<ParamOp>(copy))
      param.removeInitAttr();
  }
  yield = cast<YieldOp>(builder.clone(*from.getTerminator(), mapping));
  builder.setInsertionPoint(yield);
  // A layer does nothing but compute its results here; later, instances of backward blocks do more.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(to)))
    if (isOpTriviallyDead(&op) || (isa<LayerOp>(op) && op.use_empty()))
      op.erase();
}

void Graph::finish(ArrayRef<Value> results, ArrayRef<std::string> names) {
  yield.getValuesMutable().assign(results);
  Block &body = program.getBody().front();
  eraseDeadOps(body);
  program.setFunctionType(builder.getFunctionType(body.getArgumentTypes(), ValueRange(results).getTypes()));
  SmallVector<Attribute> all(program.getNames().getValue());
  for (StringRef name : names)
    all.push_back(builder.getStringAttr(name));
  program.setNamesAttr(builder.getArrayAttr(all));
}

FailureOr<Value> Programs::addLoss(Graph &graph, ReverseMode *reverse) {
  Value logits = graph.logits();
  graph.yield->setOperands({});
  FailureOr<Value> losses = Head(logits).build(graph.builder, graph.targets(), headRows, reverse);
  if (failed(losses))
    return failure();
  return MeanOp::create(graph.builder, model.getLoc(), *losses).getResult();
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
  auto forward = LayerOp::create(builder, layer.getLoc(), saving.getResultTypes(), layer.getPathAttr(),
                                 FlatSymbolRefAttr::get(saving.getSymNameAttr()), layer.getInputs(),
                                 layer.getOriginAttr(), layer.getAddedAttr(), layer.getFrozenAttr());
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
                                  UnitAttr());
  for (auto [input, gradient] : llvm::zip_equal(gradients.inputs, backward.getOutputs()))
    reverse.add(builder, layer.getInputs()[input], gradient);
  return success();
}

LogicalResult Programs::buildStep() {
  Type tokens = model.getArgumentTypes()[0];
  Graph graph(model, "step", {tokens, tokens}, {"tokens", "targets"});
  Block &body = graph.program.getBody().front();
  ReverseMode reverse;
  for (Operation &op : llvm::make_early_inc_range(body.without_terminator())) {
    auto layer = dyn_cast<LayerOp>(op);
    if (!layer)
      reverse.follow(&op);
    else if (failed(followLayer(layer, reverse)))
      return failure();
  }
  if (!reverse.isWanted(graph.logits()))
    return model.emitOpError() << "has nothing to train: every parameter that its logits depend on is frozen";

  FailureOr<Value> loss = addLoss(graph, &reverse);
  if (failed(loss))
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
  graph.finish(*loss, {"loss"});
  return success();
}

//===----------------------------------------------------------------------===//
// evaluate, logits
//===----------------------------------------------------------------------===//

LogicalResult Programs::buildEvaluate() {
  Type tokens = model.getArgumentTypes()[0];
  Graph graph(model, "evaluate", {tokens, tokens}, {"tokens", "targets"});
  FailureOr<Value> loss = addLoss(graph, nullptr);
  if (failed(loss))
    return failure();
  graph.finish(*loss, {"loss"});
  return success();
}

void Programs::buildLogits() {
  Graph graph(model, "logits", model.getArgumentTypes()[0], {"tokens"});
  SmallVector<Value> results = {graph.logits()};
  SmallVector<std::string> names = {"logits"};
  auto addResidual = [&](Value value) {
    if (isa<IntegerType>(getElementTypeOrSelf(value)))
      return; // tokens
    names.push_back("residual." + std::to_string(results.size() - 1));
    results.push_back(value);
  };
  for (LayerOp layer : graph.layers()) {
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
    auto models = llvm::to_vector(module.getOps<ModelOp>());
    if (models.size() != 1)
      return module.emitError() << "expected one tritter.model to differentiate, found " << models.size();
    ModelOp model = models.front();
    auto tokens = cast<RankedTensorType>(model.getArgumentTypes()[0]);
    if (!tokens.hasStaticShape())
      return model.emitOpError() << "needs a static batch and sequence (--tritter-specialize), found " << tokens;
    if (tokens.getNumElements() == 0)
      return model.emitOpError() << "has no tokens to learn from, found " << tokens;
    if (headRows <= 0)
      return module.emitError() << "head-rows must be positive, found " << int64_t(headRows);
    SymbolTable symbolTable(module);
    Programs programs(model, symbolTable, recompute, headRows);
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
