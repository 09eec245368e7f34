#include "Head.h"
#include "HeadRows.h"

#include "RefineTypes.h"
#include "dialects/Tritter/Shapes.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tritter;

static bool isParam(Value value) { return isa_and_present<ParamOp>(value.getDefiningOp()); }

/// One number, or one vector, for every row.
bool Head::isRows(Value value) const {
  ArrayRef<int64_t> shape = tensorType(value).getShape();
  return shape == rows.getShape() || (!shape.empty() && shape.drop_back() == rows.getShape());
}

bool Head::isEnd(Operation &op) const {
  return llvm::any_of(losses, [&](Losses loss) { return loss.values.getDefiningOp() == &op; });
}

/// Row-wise, with nothing kept from one row to the next but parameters.
bool Head::canChunk(Operation &op) const {
  return op.hasTrait<OpTrait::RowWise>() &&
         llvm::all_of(op.getOperands(), [&](Value value) { return isParam(value) || isRows(value); }) &&
         llvm::all_of(op.getResults(), [&](Value value) { return isRows(value); });
}

Head::Head(ArrayRef<Losses> losses, RankedTensorType rows) : losses(losses), rows(rows) {
  llvm::SetVector<Operation *> inside;
  Value any = losses.front().values;
  for (Operation &op : llvm::reverse(*any.getParentBlock())) {
    bool onlyInside =
        llvm::all_of(op.getUsers(), [&](Operation *user) { return inside.contains(user) || isOpTriviallyDead(user); });
    if (onlyInside && (isEnd(op) || !op.use_empty()) && canChunk(op))
      inside.insert(&op);
  }
  ops.assign(inside.rbegin(), inside.rend());
  trim();
}

/// The chunk begins with products: what comes before them is cheaper done once, next to what made it.
void Head::trim() {
  auto isFirst = [&](Operation *op) {
    return !op->hasTrait<OpTrait::ReadsWholeOperands>() && !isEnd(*op) &&
           llvm::none_of(op->getOperands(), [&](Value operand) { return isInside(operand.getDefiningOp()); });
  };
  while (true) {
    auto *first = llvm::find_if(ops, isFirst);
    if (first == ops.end())
      return;
    ops.erase(first);
  }
}

void Head::seed(OpBuilder &builder, const Losses &loss, Value values, ReverseMode &reverse) const {
  if (!reverse.isWanted(values))
    return;
  auto scaleType = RankedTensorType::get({}, accumulatorType(tensorType(values).getElementType()));
  Value scale = ScalarOp::create(builder, values.getLoc(), scaleType, "loss_scale");
  double weight = loss.weight / double(tensorType(loss.values).getNumElements());
  reverse.add(builder, values,
              SpreadOp::create(builder, values.getLoc(), values.getType(), scale, builder.getF64FloatAttr(weight)));
}

FailureOr<SmallVector<Value>> Head::build(OpBuilder &builder, int64_t mostRows, ReverseMode *outside) {
  SmallVector<Value> results;
  SmallVector<unsigned> chunked;
  for (auto [index, loss] : llvm::enumerate(losses)) {
    results.push_back(loss.values);
    if (isInside(loss.values.getDefiningOp()))
      chunked.push_back(index);
    else if (outside)
      seed(builder, loss, loss.values, *outside);
  }
  if (chunked.empty())
    return results;

  Location loc = ops.front()->getLoc();
  FailureOr<int64_t> chosen = chooseHeadRows(loc, rows.getNumElements(), mostRows);
  if (failed(chosen))
    return failure();
  int64_t chunkRows = *chosen;
  llvm::SetVector<Value> inputs;
  for (Operation *op : ops)
    for (Value operand : op->getOperands())
      if (!isParam(operand) && !isInside(operand.getDefiningOp()))
        inputs.insert(operand);

  // The body, on some of the rows.
  Region region;
  Block &body = region.emplaceBlock();
  OpBuilder inner(builder.getContext());
  inner.setInsertionPointToEnd(&body);
  IRMapping mapping;
  for (Value input : inputs) {
    SmallVector<int64_t> shape = {chunkRows};
    if (tensorType(input).getShape() != rows.getShape())
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
  SmallVector<Value> yielded, differentiated;
  SmallVector<Type> types;
  SmallVector<Operation *> forward = llvm::map_to_vector(body, [](Operation &op) { return &op; });
  ReverseMode reverse;
  if (outside) {
    for (Value input : inputs)
      if (outside->isWanted(input))
        reverse.want(mapping.lookup(input));
    for (Operation *&op : forward)
      op = reverse.follow(op);
  }
  for (unsigned index : chunked) {
    yielded.push_back(mapping.lookup(losses[index].values));
    types.push_back(losses[index].values.getType());
    if (outside)
      seed(inner, losses[index], yielded.back(), reverse);
  }
  if (outside) {
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

  auto chunk = ChunkOp::create(builder, loc, types, chunkRows, inputs.getArrayRef());
  chunk.getBody().takeBody(region);
  for (auto [index, output] : llvm::zip(chunked, chunk.getOutputs()))
    results[index] = output;
  for (auto [input, gradient] : llvm::zip_equal(differentiated, chunk.getOutputs().drop_front(chunked.size())))
    outside->add(builder, input, gradient);
  return results;
}
