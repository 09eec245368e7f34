#include "Head.h"
#include "HeadRows.h"

#include "RefineTypes.h"
#include "dialects/Tritter/Shapes.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tritter;

static bool isParam(Value value) { return isa_and_present<ParamOp>(value.getDefiningOp()); }

/// Row-wise, with nothing kept from one row to the next but parameters.
bool Head::canChunk(Operation &op) const {
  auto isRows = [&](Value value) {
    return isParam(value) || tensorType(value).getShape().drop_back() == tensorType(logits).getShape().drop_back();
  };
  return op.hasTrait<OpTrait::RowWise>() && llvm::all_of(op.getOperands(), isRows);
}

Head::Head(Value logits) : logits(logits) {
  // A widening before the loss is the loss's own: it computes in f32 whatever it reads.
  if (auto cast = logits.getDefiningOp<CastOp>())
    if (accumulatorType(tensorType(cast.getInput()).getElementType()) == tensorType(logits).getElementType())
      this->logits = logits = cast.getInput();
  llvm::SetVector<Operation *> inside;
  for (Operation &op : llvm::reverse(*logits.getParentBlock())) {
    bool onlyInside =
        llvm::all_of(op.getUsers(), [&](Operation *user) { return inside.contains(user) || isOpTriviallyDead(user); });
    bool isEnd = op.getNumResults() == 1 && op.getResult(0) == logits;
    if ((isEnd || (!op.use_empty() && onlyInside)) && canChunk(op))
      inside.insert(&op);
  }
  ops.assign(inside.rbegin(), inside.rend());
  trim();
}

/// The chunk begins with products: what comes before them is cheaper done once, next to what made it.
void Head::trim() {
  auto isFirst = [&](Operation *op) {
    return !op->hasTrait<OpTrait::ReadsWholeOperands>() && llvm::none_of(op->getOperands(), [&](Value operand) {
      return llvm::is_contained(ops, operand.getDefiningOp());
    });
  };
  while (true) {
    auto *first = llvm::find_if(ops, isFirst);
    if (first == ops.end())
      return;
    ops.erase(first);
  }
}

FailureOr<Value> Head::build(OpBuilder &builder, Value targets, int64_t mostRows, ReverseMode *outside) {
  Location loc = logits.getLoc();
  RankedTensorType lossType = withoutLastDim(tensorType(logits), accumulatorType(tensorType(logits).getElementType()));
  int64_t allRows = rowCount(lossType, /*all=*/true);
  FailureOr<int64_t> chosen = chooseHeadRows(loc, allRows, mostRows);
  if (failed(chosen))
    return failure();
  int64_t rows = *chosen;

  llvm::SetVector<Value> inputs;
  if (ops.empty())
    inputs.insert(logits);
  for (Operation *op : ops)
    for (Value operand : op->getOperands())
      if (!isParam(operand) && !llvm::is_contained(ops, operand.getDefiningOp()))
        inputs.insert(operand);
  inputs.insert(targets);

  // The body, on `rows` rows.
  Region region;
  Block &body = region.emplaceBlock();
  OpBuilder inner(builder.getContext());
  inner.setInsertionPointToEnd(&body);
  IRMapping mapping;
  for (Value input : inputs) {
    SmallVector<int64_t> shape = {rows};
    if (input != targets)
      shape.push_back(lastDim(tensorType(input)));
    mapping.map(input, body.addArgument(tensorType(input).clone(shape), loc));
  }
  for (Operation *op : ops) {
    for (Value operand : op->getOperands())
      if (isParam(operand) && !mapping.contains(operand))
        inner.clone(*operand.getDefiningOp(), mapping);
    if (failed(refineResultTypes(inner.clone(*op, mapping))))
      return failure();
  }
  auto losses = CrossEntropyOp::create(inner, loc, mapping.lookup(logits), mapping.lookup(targets));
  SmallVector<Value> yielded = {losses.getLosses()}, differentiated;
  SmallVector<Type> types = {lossType};

  if (outside) {
    ReverseMode reverse;
    for (Value input : inputs)
      if (outside->isWanted(input))
        reverse.want(mapping.lookup(input));
    SmallVector<Operation *> forward = llvm::map_to_vector(body, [](Operation &op) { return &op; });
    for (Operation *&op : forward)
      op = reverse.follow(op);
    Value scale = ScalarOp::create(inner, loc, RankedTensorType::get({}, lossType.getElementType()), "loss_scale");
    reverse.add(inner, losses.getLosses(),
                SpreadOp::create(inner, loc, losses.getLosses().getType(), scale,
                                 inner.getF64FloatAttr(1.0 / double(allRows))));
    for (Operation *op : llvm::reverse(forward))
      if (failed(reverse.backward(inner, op)))
        return failure();
    for (Value input : inputs)
      if (Value gradient = reverse.gradient(inner, mapping.lookup(input))) {
        yielded.push_back(gradient);
        differentiated.push_back(input);
        types.push_back(input.getType());
      }
  }
  YieldOp::create(inner, loc, yielded);
  eraseDeadOps(body);

  auto chunk = ChunkOp::create(builder, loc, types, rows, inputs.getArrayRef());
  chunk.getBody().takeBody(region);
  for (auto [input, gradient] : llvm::zip_equal(differentiated, chunk.getOutputs().drop_front()))
    outside->add(builder, input, gradient);
  return chunk.getOutputs().front();
}
