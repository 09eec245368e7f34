// Norms and their gradients as row kernels, in the type that sums are kept in.

#include "lib/Codegen/Lowerings.h"

using namespace mlir;
using namespace mlir::tritter;
using namespace mlir::row;

static KernelBuilder overRows(OpBuilder &builder, Location loc, StringRef label, RankedTensorType type) {
  return KernelBuilder(builder, loc, label, rowCount(type), lastDim(type), accumulatorType(type.getElementType()));
}

static Real mean(Real x, RankedTensorType type) { return sum(x) * (1.0 / double(lastDim(type))); }

Value row::sumPartials(OpBuilder &builder, Location loc, Value partials, Type type) {
  RankedTensorType from = tensorType(partials);
  auto to = cast<RankedTensorType>(type);
  // There are few partial sums, so all rows are summed in one run.
  KernelBuilder kernel(builder, loc, "sum_partials", from.getDimSize(0), from.getDimSize(1), from.getElementType());
  kernel.outputColumnSum(kernel.element(partials), 1);
  GenericOp sums = kernel.finish();
  sums.getResult(0).setType(to);
  return sums.getResult(0);
}

static Values lowerRmsNorm(OpBuilder &builder, RmsNormOp op) {
  RankedTensorType type = op.getType();
  KernelBuilder kernel = overRows(builder, op.getLoc(), "rms_norm", type);
  Real x = kernel.element(op.getInput()), weight = kernel.column(op.getWeight());
  Real factor = rsqrt(mean(x * x, type) + op.getEps().convertToDouble());
  kernel.output(x * factor * weight, type);
  return Values(kernel.finish().getResults());
}

/// With n = x r: dx = r (dn - n mean(dn n)) for dn = dy w, and dw = sum over rows of dy n.
static Values lowerRmsNormGrad(OpBuilder &builder, RmsNormGradOp op) {
  RankedTensorType type = tensorType(op.getInput());
  KernelBuilder kernel = overRows(builder, op.getLoc(), "rms_norm_grad", type);
  Real gradient = kernel.element(op.getGradient()), x = kernel.element(op.getInput());
  Real weighted = gradient * kernel.column(op.getWeight());
  Real factor = rsqrt(mean(x * x, type) + op.getEps().convertToDouble());
  Real along = mean(weighted * x, type) * factor * factor;
  kernel.output(factor * (weighted - x * along), op.getInputGradient().getType());
  kernel.outputColumnSum(gradient * (x * factor), blocksFor(rowCount(type)));
  GenericOp phase = kernel.finish();
  return {phase.getResult(0), sumPartials(builder, op.getLoc(), phase.getResult(1), op.getWeightGradient().getType())};
}

namespace {
/// x - mean(x), and 1 / sqrt(var(x) + eps).
struct Centred {
  Real x, factor;
};
} // namespace

static Centred centre(Real x, RankedTensorType type, double eps) {
  Real centred = x - mean(x, type);
  return {centred, rsqrt(mean(centred * centred, type) + eps)};
}

static Values lowerLayerNorm(OpBuilder &builder, LayerNormOp op) {
  RankedTensorType type = op.getType();
  KernelBuilder kernel = overRows(builder, op.getLoc(), "layer_norm", type);
  Real input = kernel.element(op.getInput()), weight = kernel.column(op.getWeight());
  auto [x, factor] = centre(input, type, op.getEps().convertToDouble());
  Real result = x * factor * weight;
  if (op.getBias())
    result = result + kernel.column(op.getBias());
  kernel.output(result, type);
  return Values(kernel.finish().getResults());
}

/// With n = (x - mean) r: dx = r (dn - mean(dn) - n mean(dn n)) for dn = dy w.
static Values lowerLayerNormGrad(OpBuilder &builder, LayerNormGradOp op) {
  RankedTensorType type = tensorType(op.getInput());
  KernelBuilder kernel = overRows(builder, op.getLoc(), "layer_norm_grad", type);
  Real gradient = kernel.element(op.getGradient()), input = kernel.element(op.getInput());
  Real weighted = gradient * kernel.column(op.getWeight());
  auto [x, factor] = centre(input, type, op.getEps().convertToDouble());
  Real normed = x * factor;
  Real shift = mean(weighted, type), along = mean(weighted * normed, type);
  kernel.output(factor * (weighted - shift - normed * along), op.getInputGradient().getType());
  int64_t blocks = blocksFor(rowCount(type));
  kernel.outputColumnSum(gradient * normed, blocks);
  kernel.outputColumnSum(gradient, blocks);
  GenericOp phase = kernel.finish();
  return {phase.getResult(0), sumPartials(builder, op.getLoc(), phase.getResult(1), op.getWeightGradient().getType()),
          sumPartials(builder, op.getLoc(), phase.getResult(2), op.getBiasGradient().getType())};
}

static Values lowerSumRows(OpBuilder &builder, SumRowsOp op) {
  RankedTensorType type = tensorType(op.getInput());
  KernelBuilder kernel = overRows(builder, op.getLoc(), "sum_rows", type);
  kernel.outputColumnSum(kernel.element(op.getInput()), blocksFor(rowCount(type)));
  return {sumPartials(builder, op.getLoc(), kernel.finish().getResult(0), op.getType())};
}

void tritter::attachNormLowerings(MLIRContext &context) {
  RmsNormOp::attachInterface<RowLowering<RmsNormOp, lowerRmsNorm>>(context);
  RmsNormGradOp::attachInterface<RowLowering<RmsNormGradOp, lowerRmsNormGrad>>(context);
  LayerNormOp::attachInterface<RowLowering<LayerNormOp, lowerLayerNorm>>(context);
  LayerNormGradOp::attachInterface<RowLowering<LayerNormGradOp, lowerLayerNormGrad>>(context);
  SumRowsOp::attachInterface<RowLowering<SumRowsOp, lowerSumRows>>(context);
}
