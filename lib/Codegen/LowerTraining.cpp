// The loss, sums over everything and the optimizer as row kernels.

#include "lib/Codegen/Lowerings.h"

#include <limits>

using namespace mlir;
using namespace mlir::tritter;
using namespace mlir::row;
using Compare = arith::CmpFPredicate;

/// log(sum(exp(x))) of the row is `top` + log(`total`).
namespace {
struct Softmax {
  Real top, exponential, total;
};
} // namespace

static Softmax softmax(Real logits) {
  Real top = largest(logits);
  Real exponential = exp(logits - top);
  return {top, exponential, sum(exponential)};
}

static Values lowerCrossEntropy(OpBuilder &builder, CrossEntropyOp op) {
  RankedTensorType type = tensorType(op.getLogits());
  KernelBuilder kernel(builder, op.getLoc(), "cross_entropy", rowCount(type), lastDim(type),
                       accumulatorType(type.getElementType()));
  Real logits = kernel.element(op.getLogits()), target = kernel.row(op.getTargets());
  Real chosen = sum(select(Compare::OEQ, kernel.columnIndex(), target, logits, kernel.constant(0)));
  Softmax parts = softmax(logits);
  kernel.outputRow(log(parts.total) + (parts.top - chosen), op.getType());
  return Values(kernel.finish().getResults());
}

static Values lowerCrossEntropyGrad(OpBuilder &builder, CrossEntropyGradOp op) {
  RankedTensorType type = tensorType(op.getLogits());
  KernelBuilder kernel(builder, op.getLoc(), "cross_entropy_grad", rowCount(type), lastDim(type),
                       accumulatorType(type.getElementType()));
  Real logits = kernel.element(op.getLogits()), target = kernel.row(op.getTargets());
  Real scale = kernel.scalar(op.getScale()) * op.getWeight().convertToDouble();
  Softmax parts = softmax(logits);
  Real probability = parts.exponential * (1.0 / parts.total);
  Real one = select(Compare::OEQ, kernel.columnIndex(), target, kernel.constant(1), kernel.constant(0));
  kernel.output((probability - one) * scale, op.getType());
  return Values(kernel.finish().getResults());
}

/// The sum of `term` of every element, times `factor`: by rows, and then of the rows.
static Values sumAll(OpBuilder &builder, Location loc, StringRef label, Value input, Type result,
                     llvm::function_ref<Real(Real)> term, double factor) {
  RankedTensorType type = tensorType(input);
  Type compute = accumulatorType(type.getElementType());
  int64_t rows = type.getRank() < 2 ? 1 : rowCount(type);
  if (rows > 1) {
    KernelBuilder kernel(builder, loc, label, rows, lastDim(type), compute);
    kernel.outputRow(sum(term(kernel.element(input))), RankedTensorType::get({rows}, compute));
    input = kernel.finish().getResult(0);
    type = tensorType(input);
    label = "sum_partials";
    term = [](Real x) { return x; };
  }
  KernelBuilder kernel(builder, loc, label, 1, type.getNumElements(), compute);
  Real total = sum(term(kernel.element(input)));
  kernel.outputScalar(factor == 1 ? total : total * factor, result);
  return Values(kernel.finish().getResults());
}

static Values lowerSpread(OpBuilder &builder, SpreadOp op) {
  RankedTensorType type = op.getType();
  int64_t columns = type.getRank() == 0 ? 1 : lastDim(type);
  KernelBuilder kernel(builder, op.getLoc(), "spread", type.getNumElements() / columns, columns,
                       accumulatorType(type.getElementType()));
  Real value = kernel.scalar(op.getScale()) * op.getWeight().convertToDouble();
  if (type.getRank() == 0)
    kernel.outputScalar(value, type);
  else
    kernel.output(value, type);
  return Values(kernel.finish().getResults());
}

static Values lowerMean(OpBuilder &builder, MeanOp op) {
  double factor = 1.0 / double(tensorType(op.getInput()).getNumElements());
  return sumAll(
      builder, op.getLoc(), "mean", op.getInput(), op.getType(), [](Real x) { return x; }, factor);
}

static Values lowerSumOfSquares(OpBuilder &builder, SumOfSquaresOp op) {
  return sumAll(
      builder, op.getLoc(), "sum_of_squares", op.getInput(), op.getType(), [](Real x) { return x * x; }, 1);
}

static Values lowerClip(OpBuilder &builder, ClipOp op) {
  Type type = op.getNorm().getType();
  KernelBuilder kernel(builder, op.getLoc(), "clip", 1, 1, accumulatorType(tensorType(op.getNorm()).getElementType()));
  Real norm = sqrt(kernel.scalar(op.getSquaredNorm())), limit = kernel.scalar(op.getLimit());
  Real zero = kernel.constant(0), one = kernel.constant(1);
  Real infinity = kernel.constant(std::numeric_limits<double>::infinity());
  kernel.outputScalar(norm, type);
  kernel.outputScalar(select(Compare::OGT, limit, zero, minimum(one, limit / (norm + 1e-6)), one), type);
  Real loss = kernel.scalar(op.getLoss());
  Real finite = select(Compare::UNE, kernel.scalar(op.getWasFinite()), zero, one, zero);
  finite = select(Compare::OLT, loss, infinity, finite, zero);
  finite = select(Compare::OGT, loss, kernel.constant(-std::numeric_limits<double>::infinity()), finite, zero);
  kernel.outputScalar(select(Compare::OLT, norm, infinity, finite, zero), type);
  return Values(kernel.finish().getResults());
}

/// In torch's order: w (1 - lr decay) - (lr / correction1) m / (sqrt(v) / sqrt(correction2) + epsilon).
static Values lowerAdamW(OpBuilder &builder, AdamWOp op) {
  RankedTensorType type = tensorType(op.getMaster());
  int64_t columns = lastDim(type);
  KernelBuilder kernel(builder, op.getLoc(), "adamw", type.getNumElements() / columns, columns,
                       accumulatorType(type.getElementType()));
  Real master = kernel.element(op.getMaster()), gradient = kernel.element(op.getGradient());
  Real m = kernel.element(op.getM()), v = kernel.element(op.getV());
  Real factor = kernel.scalar(op.getFactor()), finite = kernel.scalar(op.getFinite());
  Real rate = kernel.scalar(op.getLearningRate()), beta1 = kernel.scalar(op.getBeta1());
  Real beta2 = kernel.scalar(op.getBeta2()), epsilon = kernel.scalar(op.getEpsilon());
  Real correction1 = kernel.scalar(op.getCorrection1()), correction2 = kernel.scalar(op.getCorrection2());

  Real scaled = gradient * factor;
  Real newM = m + (1.0 - beta1) * (scaled - m);
  Real newV = beta2 * v + (1.0 - beta2) * scaled * scaled;
  Real decayed = op.getDecay() ? master * (1.0 - rate * kernel.scalar(op.getDecay())) : master;
  Real step = (rate / correction1) * newM / (sqrt(newV) * rsqrt(correction2) + epsilon);
  auto applied = [&](Real fresh, Real old) { return select(Compare::UNE, finite, kernel.constant(0), fresh, old); };
  kernel.output(applied(decayed - step, master), op.getNewMaster().getType());
  kernel.output(applied(newM, m), op.getNewM().getType());
  kernel.output(applied(newV, v), op.getNewV().getType());
  return Values(kernel.finish().getResults());
}

void tritter::attachTrainingLowerings(MLIRContext &context) {
  CrossEntropyOp::attachInterface<RowLowering<CrossEntropyOp, lowerCrossEntropy>>(context);
  CrossEntropyGradOp::attachInterface<RowLowering<CrossEntropyGradOp, lowerCrossEntropyGrad>>(context);
  SpreadOp::attachInterface<RowLowering<SpreadOp, lowerSpread>>(context);
  MeanOp::attachInterface<RowLowering<MeanOp, lowerMean>>(context);
  SumOfSquaresOp::attachInterface<RowLowering<SumOfSquaresOp, lowerSumOfSquares>>(context);
  ClipOp::attachInterface<RowLowering<ClipOp, lowerClip>>(context);
  AdamWOp::attachInterface<RowLowering<AdamWOp, lowerAdamW>>(context);
}
