// Pointwise operations, tables and positions as row kernels.

#include "dialects/Tritter/Shapes.h"
#include "lib/Codegen/Lowerings.h"

#include <cmath>

using namespace mlir;
using namespace mlir::tritter;
using namespace mlir::row;
using Compare = arith::CmpFPredicate;

/// Heads are columns too, where columns mean nothing: longer rows have less around them.
static std::pair<int64_t, int64_t> pointwiseSpace(RankedTensorType type) {
  if (type.getRank() == 0)
    return {1, 1};
  int64_t columns = lastDim(type);
  if (type.getRank() == 4)
    columns *= type.getDimSize(2);
  return {type.getNumElements() / columns, columns};
}

static Real sigmoid(Real x) { return 1.0 / (1.0 + exp(-x)); }

static Real activation(KernelBuilder &kernel, ActivationKind kind, Real x) {
  Real positive = maximum(x, kernel.constant(0));
  switch (kind) {
  case ActivationKind::Silu:
    return x / (1.0 + exp(-x));
  case ActivationKind::Gelu:
    return 0.5 * x * (1.0 + erf(x * std::sqrt(0.5)));
  case ActivationKind::Relu:
    return positive;
  case ActivationKind::SquaredRelu:
    return positive * positive;
  }
  llvm_unreachable("a kind of activation without a kernel");
}

static Real activationDerivative(KernelBuilder &kernel, ActivationKind kind, Real x) {
  Real zero = kernel.constant(0);
  switch (kind) {
  case ActivationKind::Silu: {
    Real s = sigmoid(x);
    return s * (1.0 + x * (1.0 - s));
  }
  case ActivationKind::Gelu:
    return 0.5 * (1.0 + erf(x * std::sqrt(0.5))) + x * exp(-0.5 * x * x) * (1.0 / std::sqrt(2 * M_PI));
  case ActivationKind::Relu:
    return select(Compare::OGT, x, zero, kernel.constant(1), zero);
  case ActivationKind::SquaredRelu:
    return 2.0 * maximum(x, zero);
  }
  llvm_unreachable("a kind of activation without a derivative");
}

Values tritter::lowerPointwise(OpBuilder &builder, Operation *op) {
  auto type = cast<RankedTensorType>(op->getResultTypes()[0]);
  auto [rows, columns] = pointwiseSpace(type);
  Type compute = accumulatorType(type.getElementType());
  if (auto cast = dyn_cast<CastOp>(op); cast && tensorType(cast.getInput()).getElementType().isF64())
    compute = builder.getF64Type();
  KernelBuilder kernel(builder, op->getLoc(), op->getName().stripDialect(), rows, columns, compute);
  SmallVector<Real> x;
  for (Value operand : op->getOperands())
    x.push_back(type.getRank() == 0 ? kernel.scalar(operand) : kernel.element(operand));
  Real result =
      TypeSwitch<Operation *, Real>(op)
          .Case<AddOp>([&](auto) { return x[0] + x[1]; })
          .Case<MulOp>([&](auto) { return x[0] * x[1]; })
          .Case<CastOp>([&](auto) { return x[0]; })
          .Case<ActivationOp>([&](auto act) { return activation(kernel, act.getKind(), x[0]); })
          .Case<ActivationGradOp>([&](auto grad) { return x[0] * activationDerivative(kernel, grad.getKind(), x[1]); });
  if (type.getRank() == 0)
    kernel.outputScalar(result, type);
  else
    kernel.output(result, type);
  return Values(kernel.finish().getResults());
}

Values tritter::lowerEmbedding(OpBuilder &builder, EmbeddingOp op) {
  RankedTensorType type = op.getType();
  int64_t columns = lastDim(type);
  KernelBuilder kernel(builder, op.getLoc(), "embedding", rowCount(type), columns,
                       accumulatorType(type.getElementType()));
  kernel.row(op.getTokens());
  Real chosen = kernel.input(op.getTable(), kernel.gather(columns, 0));
  kernel.output(chosen, type);
  return Values(kernel.finish().getResults());
}

Values tritter::lowerPositionEmbedding(OpBuilder &builder, PositionEmbeddingOp op) {
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
Values tritter::lowerPositionEmbeddingGrad(OpBuilder &builder, PositionEmbeddingGradOp op) {
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

Values tritter::lowerRope(OpBuilder &builder, RopeOp op) {
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
