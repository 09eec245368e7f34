#include "ReverseMode.h"

#include "dialects/Tritter/Shapes.h"

using namespace mlir;
using namespace mlir::tritter;

static bool isReal(Value value) { return isa<FloatType>(cast<RankedTensorType>(value.getType()).getElementType()); }

static Value castTo(OpBuilder &builder, Value value, Type type) {
  return value.getType() == type ? value : CastOp::create(builder, value.getLoc(), type, value).getResult();
}

static Value widen(OpBuilder &builder, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return castTo(builder, value, type.clone(accumulatorType(type.getElementType())));
}

Operation *ReverseMode::follow(Operation *op) {
  if (auto param = dyn_cast<ParamOp>(op)) {
    if (trainParameters && !param.getFrozen())
      wanted.insert(param.getValue());
    return op;
  }
  if (llvm::none_of(op->getOperands(), [&](Value operand) { return isWanted(operand); }))
    return op;
  if (auto differentiable = dyn_cast<DifferentiableOpInterface>(op))
    op = differentiable.prepareForGradient();
  for (Value result : op->getResults())
    if (isReal(result))
      wanted.insert(result);
  return op;
}

void ReverseMode::add(OpBuilder &builder, Value value, Value gradient) {
  if (auto param = value.getDefiningOp<ParamOp>()) {
    GradientOp::create(builder, param.getLoc(), param.getPathAttr(), gradient);
    return;
  }
  Value &sum = gradients[value];
  if (!sum) {
    sum = gradient;
    return;
  }
  Value before = widen(builder, sum), next = widen(builder, gradient);
  sum = AddOp::create(builder, gradient.getLoc(), before, next);
}

Value ReverseMode::gradient(OpBuilder &builder, Value value) const {
  Value sum = gradients.lookup(value);
  return sum ? castTo(builder, sum, value.getType()) : sum;
}

LogicalResult ReverseMode::backward(OpBuilder &builder, Operation *op) {
  auto needed = llvm::map_to_vector(op->getOperands(), [&](Value operand) { return isWanted(operand); });
  auto arrived = [&](Value result) { return gradients.contains(result); };
  if (llvm::none_of(op->getResults(), arrived) || !llvm::is_contained(needed, true))
    return success();
  auto differentiable = dyn_cast<DifferentiableOpInterface>(op);
  if (!differentiable)
    return op->emitOpError() << "has no gradient; --tritter-differentiate needs its DifferentiableOpInterface";
  auto results = llvm::map_to_vector(op->getResults(), [&](Value result) {
    return differentiable.takesUnroundedGradients() ? gradients.lookup(result) : gradient(builder, result);
  });
  SmallVector<Value> operands = differentiable.buildGradient(builder, results, needed);
  for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
    if (!needed[index])
      continue;
    if (!operands[index])
      return op->emitOpError() << "has no gradient of operand " << index << " here";
    add(builder, operand, operands[index]);
  }
  return success();
}

void tritter::eraseDeadOps(Block &body) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
    if (isOpTriviallyDead(&op))
      op.erase();
}
