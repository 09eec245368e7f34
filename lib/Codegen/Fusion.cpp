#include "lib/Codegen/Fusion.h"
#include "dialects/Row/Schedule.h"

#include "dialects/Tritter/TritterDialect.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::row;

/// More operands than this make a kernel slow by themselves.
static constexpr unsigned mostViews = 40;
/// Kernels of more operations than this are made no larger: what looks for more to fuse goes through all of them.
static constexpr size_t mostOperations = 512;

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

static bool writes(Operation &op) {
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  return effects ? effects.hasEffect<MemoryEffects::Write>() : !isMemoryEffectFree(&op);
}

Operation *row::placeFor(GenericOp first, GenericOp second) {
  Block *block = first->getBlock();
  if (second->getBlock() != block ||
      first.getBody().front().getOperations().size() + second.getBody().front().getOperations().size() > mostOperations)
    return nullptr;
  // Before every user, after every operand.
  Operation *place = second;
  for (GenericOp op : {first, second})
    for (Operation *user : op->getUsers()) {
      Operation *at = block->findAncestorOpInBlock(*user);
      if (at != second && at->isBeforeInBlock(place))
        place = at;
    }
  for (GenericOp op : {first, second})
    for (Value input : op.getInputs()) {
      Operation *made = input.getDefiningOp();
      if (made && made != first && made->getBlock() == block && !made->isBeforeInBlock(place))
        return nullptr;
    }
  // A state is read where it is used.
  if (llvm::any_of(first.getInputs(), [](Value input) { return input.getDefiningOp<tritter::StateOp>(); }))
    for (Operation *op = first->getNextNode(); op != place; op = op->getNextNode())
      if (writes(*op))
        return nullptr;
  return place;
}

//===----------------------------------------------------------------------===//
// A kernel that is made of others
//===----------------------------------------------------------------------===//

namespace {
class FusedKernel {
public:
  explicit FusedKernel(MLIRContext *context) : body(std::make_unique<Block>()), builder(context) {
    builder.setInsertionPointToEnd(body.get());
  }

  Value input(Value tensor, ViewAttr view, Type compute, Location loc) {
    for (auto [number, known] : llvm::enumerate(inputs))
      if (known == tensor && inputViews[number] == view)
        return body->getArgument(number);
    inputs.push_back(tensor);
    inputViews.push_back(view);
    return body->addArgument(compute, loc);
  }

  /// Operand `number` of `op` as `op` reads it, or through another view.
  Value inputOf(GenericOp op, unsigned number, ViewAttr view = {}) {
    Value tensor = op.getInputs()[number];
    if (!view)
      view = op.getInputView(number);
    if (view.getAccess() == Access::Gather) {
      Value index = inputOf(op, view.getIndex());
      view = ViewAttr::get(view.getContext(), Access::Gather, view.getRowStride(), view.getColumnStride(),
                           view.getDivisor(), view.getModulus(), view.getOffset(),
                           cast<BlockArgument>(index).getArgNumber());
    }
    return input(tensor, view, op.getComputeType(), op.getLoc());
  }

  /// The body of `op` with these values of its arguments; returns what it yields.
  SmallVector<Value> inlineBody(GenericOp op, ValueRange arguments) {
    IRMapping mapping;
    mapping.map(op.getBody().getArguments(), arguments);
    for (Operation &inner : op.getBody().front().without_terminator())
      cloneOnce(inner, mapping);
    SmallVector<Value> yielded;
    for (Value value : op.getYield().getValues())
      yielded.push_back(mapping.lookup(value));
    return yielded;
  }

  /// Stores to what replaces `result`.
  void store(Value value, ViewAttr view, OpResult result) {
    auto found = llvm::find(results, result);
    outputs.push_back(found - results.begin());
    if (found == results.end())
      results.push_back(result);
    yielded.push_back(value);
    outputViews.push_back(view);
  }

  /// Stores all that `op` does, but for results without uses outside of `except`.
  void storeAll(GenericOp op, ArrayRef<Value> values, Operation *except = nullptr) {
    for (auto [number, result] : llvm::enumerate(op.getOutputs()))
      if (llvm::any_of(op.getResult(result).getUsers(), [&](Operation *user) { return user != except; }))
        store(values[number], op.getOutputView(number), cast<OpResult>(op.getResult(result)));
  }

  /// Replaces `first` and `second`, or returns null.
  GenericOp finish(GenericOp first, GenericOp second, GenericOp space, Operation *place) {
    if (inputs.size() + outputs.size() > mostViews || outputs.empty())
      return nullptr;
    YieldOp::create(builder, second.getLoc(), yielded);
    if (heavyWork(*body, allViews(), space.getColumns()) * space.getRows() > heavyWork(first) + heavyWork(second))
      return nullptr;
    GenericOp fused = create(place, builder.getFusedLoc({first.getLoc(), second.getLoc()}), space,
                             std::max(first.getBlocks(), second.getBlocks()), label(first, second));
    second.erase();
    first.erase();
    return fused;
  }

  /// Replaces `op`.
  void finish(GenericOp op) {
    YieldOp::create(builder, op.getLoc(), yielded);
    create(op, op.getLoc(), op, op.getBlocks(), op.getLabel().value_or("").str());
    op.erase();
  }

private:
  ArrayAttr allViews() {
    SmallVector<Attribute> views(inputViews.begin(), inputViews.end());
    views.append(outputViews.begin(), outputViews.end());
    return builder.getArrayAttr(views);
  }

  GenericOp create(Operation *place, Location loc, GenericOp space, uint64_t blocks, const std::string &label) {
    OpBuilder outer(place);
    SmallVector<Type> types;
    for (OpResult result : results)
      types.push_back(result.getType());
    // Column sums that nothing uses are gone, and the blocks that they were made in with them.
    if (llvm::none_of(outputViews, [](ViewAttr view) { return view.getAccess() == Access::ColumnSum; }))
      blocks = 0;
    auto made = GenericOp::create(outer, loc, types, space.getRows(), space.getColumns(), blocks, inputs, allViews(),
                                  outputs, outer.getStringAttr(label));
    made.getBody().push_back(body.release());
    for (auto [old, fresh] : llvm::zip_equal(results, made.getResults()))
      old.replaceAllUsesWith(fresh);
    return made;
  }

  /// Equal operations on equal values are one.
  void cloneOnce(Operation &inner, IRMapping &mapping) {
    Operation *clone = builder.clone(inner, mapping);
    for (Operation &other : *body) {
      if (&other == clone)
        return;
      if (!OperationEquivalence::isEquivalentTo(&other, clone, OperationEquivalence::IgnoreLocations))
        continue;
      mapping.map(inner.getResults(), other.getResults());
      clone->erase();
      return;
    }
  }

  /// How often a row's columns go through functions that cost many operations each.
  static uint64_t heavyWork(Block &body, ArrayAttr views, uint64_t columns) {
    uint64_t count = 0;
    for (const Sweep &sweep : Schedule(body, views).sweeps)
      for (Operation *op : sweep.columns)
        count += isa<math::ExpOp, math::LogOp, math::TanhOp, math::ErfOp, math::SinOp, math::CosOp, math::PowFOp>(op);
    return count * columns;
  }
  static uint64_t heavyWork(GenericOp op) {
    return heavyWork(op.getBody().front(), op.getViews(), op.getColumns()) * op.getRows();
  }

  static std::string label(GenericOp first, GenericOp second) {
    StringRef a = first.getLabel().value_or(""), b = second.getLabel().value_or("");
    if (a == "cast" || a.empty() || b.ends_with(a))
      return b.str();
    if (b == "cast" || b.empty() || a.ends_with(b) || a.size() + b.size() > 60)
      return a.str();
    return (a + "." + b).str();
  }

  std::unique_ptr<Block> body;
  OpBuilder builder;
  SmallVector<Value> inputs, yielded;
  SmallVector<ViewAttr> inputViews, outputViews;
  SmallVector<int64_t> outputs;
  SmallVector<OpResult> results;
};
} // namespace

void row::dropUnusedResults(GenericOp op) {
  if (llvm::none_of(op.getResults(), [](Value result) { return result.use_empty(); }) || op->use_empty())
    return;
  FusedKernel kept(op.getContext());
  SmallVector<Value> arguments;
  for (unsigned i = 0; i < op.getInputCount(); ++i)
    arguments.push_back(kept.inputOf(op, i));
  kept.storeAll(op, kept.inlineBody(op, arguments));
  kept.finish(op);
}

static bool sameSpace(GenericOp a, GenericOp b) {
  return a.getRows() == b.getRows() && a.getColumns() == b.getColumns() && a.getComputeType() == b.getComputeType() &&
         (a.getBlocks() == b.getBlocks() || a.getBlocks() == 0 || b.getBlocks() == 0);
}

/// Constants of a program stay kernels of their own.
static bool isConstant(GenericOp op) { return op.getInputs().empty(); }

/// Element n of every result is computed from elements n of operands and from scalars.
static bool isPointwiseOnTensors(GenericOp op) {
  for (auto view : op.getViews().getAsRange<ViewAttr>())
    if (!view.isFlat(op.getColumns()) && view.getAccess() != Access::Scalar)
      return false;
  for (unsigned output = 0; output < op.getOutputCount(); ++output)
    if (op.getOutputView(output).getAccess() == Access::Scalar)
      return false;
  for (Operation &inner : op.getBody().front())
    if (isa<ReduceOp, RowIndexOp, ColumnIndexOp>(inner))
      return false;
  return true;
}

/// The outputs of `producer` that are stored to `result`.
static SmallVector<unsigned> outputsOf(GenericOp producer, Value result) {
  SmallVector<unsigned> found;
  for (auto [output, number] : llvm::enumerate(producer.getOutputs()))
    if (producer.getResult(number) == result)
      found.push_back(output);
  return found;
}

GenericOp row::fuseInOneSpace(GenericOp producer, GenericOp consumer, Operation *place) {
  if (isConstant(producer) || !sameSpace(producer, consumer))
    return nullptr;
  // What stands for each operand of the consumer that the producer makes.
  SmallVector<std::optional<unsigned>> replaced(consumer.getInputCount());
  for (auto [number, input] : llvm::enumerate(consumer.getInputs())) {
    if (input.getDefiningOp() != producer)
      continue;
    ViewAttr view = consumer.getInputView(number);
    for (unsigned output : outputsOf(producer, input))
      if (!replaced[number] && producer.getOutputView(output) == view)
        replaced[number] = output;
    bool scalar = view.getAccess() == Access::Scalar && producer.getRows() != 1;
    if (!replaced[number] || scalar || view.getAccess() == Access::ColumnSum ||
        view.getAccess() == Access::Gather)
      return nullptr;
  }
  FusedKernel fused(producer.getContext());
  SmallVector<Value> arguments;
  for (unsigned i = 0; i < producer.getInputCount(); ++i)
    arguments.push_back(fused.inputOf(producer, i));
  SmallVector<Value> made = fused.inlineBody(producer, arguments);
  arguments.clear();
  for (unsigned i = 0; i < consumer.getInputCount(); ++i)
    arguments.push_back(replaced[i] ? made[*replaced[i]] : fused.inputOf(consumer, i));
  fused.storeAll(producer, made, consumer);
  fused.storeAll(consumer, fused.inlineBody(consumer, arguments));
  return fused.finish(producer, consumer, consumer, place);
}

GenericOp row::fuseIntoViews(GenericOp producer, GenericOp consumer, Operation *place) {
  if (isConstant(producer) || !isPointwiseOnTensors(producer) ||
      producer.getComputeType() != consumer.getComputeType() ||
      llvm::any_of(producer->getUsers(), [&](Operation *user) { return user != consumer; }))
    return nullptr;
  FusedKernel fused(producer.getContext());
  SmallVector<Value> arguments;
  for (auto [number, input] : llvm::enumerate(consumer.getInputs())) {
    if (input.getDefiningOp() != producer) {
      arguments.push_back(fused.inputOf(consumer, number));
      continue;
    }
    ViewAttr view = consumer.getInputView(number);
    if (view.getAccess() == Access::Gather)
      return nullptr;
    SmallVector<Value> operands;
    for (unsigned i = 0; i < producer.getInputCount(); ++i)
      operands.push_back(
          fused.inputOf(producer, i, producer.getInputView(i).getAccess() == Access::Scalar ? ViewAttr() : view));
    arguments.push_back(fused.inlineBody(producer, operands)[outputsOf(producer, input).front()]);
  }
  fused.storeAll(consumer, fused.inlineBody(consumer, arguments));
  return fused.finish(producer, consumer, consumer, place);
}

GenericOp row::fuseIntoStores(GenericOp producer, GenericOp consumer, Operation *place) {
  if (isConstant(producer) || !isPointwiseOnTensors(consumer) || producer.getComputeType() != consumer.getComputeType())
    return nullptr;
  std::optional<Value> read;
  for (Value input : consumer.getInputs())
    if (input.getDefiningOp() == producer) {
      if (read && *read != input)
        return nullptr;
      read = input;
    }
  FusedKernel fused(producer.getContext());
  SmallVector<Value> arguments;
  for (unsigned i = 0; i < producer.getInputCount(); ++i)
    arguments.push_back(fused.inputOf(producer, i));
  SmallVector<Value> made = fused.inlineBody(producer, arguments);
  fused.storeAll(producer, made, consumer);
  for (unsigned output : outputsOf(producer, *read)) {
    ViewAttr view = producer.getOutputView(output);
    if (view.getAccess() != Access::Element)
      return nullptr;
    arguments.clear();
    for (auto [number, input] : llvm::enumerate(consumer.getInputs()))
      if (input == *read)
        arguments.push_back(made[output]);
      else
        arguments.push_back(fused.inputOf(
            consumer, number, consumer.getInputView(number).getAccess() == Access::Scalar ? ViewAttr() : view));
    SmallVector<Value> values = fused.inlineBody(consumer, arguments);
    for (auto [number, result] : llvm::enumerate(consumer.getOutputs()))
      fused.store(values[number], view, cast<OpResult>(consumer.getResult(result)));
  }
  return fused.finish(producer, consumer, producer, place);
}

GenericOp row::fuseSiblings(GenericOp first, GenericOp second, Operation *place) {
  if (isConstant(first) || isConstant(second) || !sameSpace(first, second))
    return nullptr;
  auto shares = [&](unsigned i) {
    if (first.getInputView(i).getAccess() != Access::Element)
      return false;
    for (unsigned j = 0; j < second.getInputCount(); ++j)
      if (first.getInputs()[i] == second.getInputs()[j] && first.getInputView(i) == second.getInputView(j))
        return true;
    return false;
  };
  if (llvm::none_of(llvm::seq(first.getInputCount()), shares))
    return nullptr;
  FusedKernel fused(first.getContext());
  for (GenericOp op : {first, second}) {
    SmallVector<Value> arguments;
    for (unsigned i = 0; i < op.getInputCount(); ++i)
      arguments.push_back(fused.inputOf(op, i));
    fused.storeAll(op, fused.inlineBody(op, arguments));
  }
  return fused.finish(first, second, first, place);
}
