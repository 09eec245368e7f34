// Tables and positions as row kernels.

#include "lib/Codegen/Lowerings.h"

using namespace mlir;
using namespace mlir::tritter;
using namespace mlir::row;
using Compare = arith::CmpFPredicate;

static Values lowerEmbedding(OpBuilder &builder, EmbeddingOp op) {
  RankedTensorType type = op.getType();
  int64_t columns = lastDim(type);
  KernelBuilder kernel(builder, op.getLoc(), "embedding", rowCount(type), columns,
                       accumulatorType(type.getElementType()));
  kernel.row(op.getTokens());
  Real chosen = kernel.input(op.getTable(), kernel.gather(columns, 0));
  kernel.output(chosen, type);
  return Values(kernel.finish().getResults());
}

static Values lowerPositionEmbedding(OpBuilder &builder, PositionEmbeddingOp op) {
  RankedTensorType type = op.getType();
  int64_t columns = lastDim(type), sequence = type.getDimSize(1);
  KernelBuilder kernel(builder, op.getLoc(), "position_embedding", rowCount(type), columns,
                       accumulatorType(type.getElementType()));
  Real x = kernel.element(op.getInput());
  Real position = kernel.input(op.getTable(), kernel.view(columns, 1, sequence, 0));
  kernel.output(x + position, type);
  return Values(kernel.finish().getResults());
}

/// The rows of one position lie a sequence apart, one in each element of the batch: that many views of one tensor.
static Values lowerPositionEmbeddingGrad(OpBuilder &builder, PositionEmbeddingGradOp op) {
  RankedTensorType input = tensorType(op.getGradient()), type = op.getType();
  int64_t columns = lastDim(input), sequence = input.getDimSize(1), batch = input.getDimSize(0);
  int64_t positions = type.getDimSize(0);
  constexpr int64_t mostViews = 32;
  Value sum;
  for (int64_t first = 0; first < batch; first += mostViews) {
    KernelBuilder kernel(builder, op.getLoc(), "position_embedding_grad", positions, columns,
                         accumulatorType(input.getElementType()));
    std::optional<Real> total;
    if (sum)
      total = kernel.element(sum);
    for (int64_t b = first; b < std::min(batch, first + mostViews); ++b) {
      Real part = kernel.input(op.getGradient(), kernel.view(columns, 1, sequence, b * sequence * columns));
      if (sequence < positions)
        part = select(Compare::OLT, kernel.rowIndex(), kernel.constant(double(sequence)), part, kernel.constant(0));
      total = total ? *total + part : part;
    }
    kernel.output(*total, type);
    sum = kernel.finish().getResult(0);
  }
  return {sum};
}

/// Cosines and sines of every angle, [sequence, head_dim / 2] each: made once for a function.
static std::pair<Value, Value> ropeTables(OpBuilder &builder, RopeOp op, int64_t sequence, int64_t half, Type compute) {
  OpBuilder::InsertionGuard guard(builder);
  Operation *function = op->getParentOp();
  while (!function->hasTrait<OpTrait::IsIsolatedFromAbove>())
    function = function->getParentOp();
  Block &entry = function->getRegion(0).front();
  auto type = RankedTensorType::get({sequence, half}, compute);
  // Every digit of theta: tables of equal labels are one.
  SmallString<32> label("rope_table.");
  op.getTheta().toString(label, /*FormatPrecision=*/0, /*FormatMaxPadding=*/17);
  for (auto made : entry.getOps<GenericOp>())
    if (made.getLabel() == label && made.getResultTypes().front() == type)
      return {made.getResult(0), made.getResult(1)};

  builder.setInsertionPointToStart(&entry);
  KernelBuilder kernel(builder, op.getLoc(), label, sequence, half, compute);
  Real exponent = kernel.columnIndex() * (1.0 / double(half));
  Real angle = kernel.rowIndex() * (1.0 / power(op.getTheta().convertToDouble(), exponent));
  kernel.output(cos(angle), type);
  kernel.output(sin(angle), type);
  GenericOp tables = kernel.finish();
  return {tables.getResult(0), tables.getResult(1)};
}

static Values lowerRope(OpBuilder &builder, RopeOp op) {
  RankedTensorType type = op.getType();
  int64_t sequence = type.getDimSize(1), heads = type.getDimSize(2), width = type.getDimSize(3), half = width / 2;
  Type compute = accumulatorType(type.getElementType());
  auto [cosines, sines] = ropeTables(builder, op, sequence, half, compute);
  KernelBuilder kernel(builder, op.getLoc(), op.getInverse() ? "rope_inverse" : "rope", rowCount(type), half, compute);
  ViewAttr lowView = kernel.view(width, 1, 0, 0), highView = kernel.view(width, 1, 0, half);
  ViewAttr tableView = kernel.view(half, heads, sequence, 0);
  Real low = kernel.input(op.getInput(), lowView), high = kernel.input(op.getInput(), highView);
  Real cosine = kernel.input(cosines, tableView), sine = kernel.input(sines, tableView);
  if (op.getInverse())
    sine = -sine;
  unsigned result = kernel.output(low * cosine - high * sine, lowView, type);
  kernel.alsoOutput(result, high * cosine + low * sine, highView);
  return Values(kernel.finish().getResults());
}

void tritter::attachPositionLowerings(MLIRContext &context) {
  EmbeddingOp::attachInterface<RowLowering<EmbeddingOp, lowerEmbedding>>(context);
  PositionEmbeddingOp::attachInterface<RowLowering<PositionEmbeddingOp, lowerPositionEmbedding>>(context);
  PositionEmbeddingGradOp::attachInterface<RowLowering<PositionEmbeddingGradOp, lowerPositionEmbeddingGrad>>(context);
  RopeOp::attachInterface<RowLowering<RopeOp, lowerRope>>(context);
}
