// Pointwise operations as row kernels.

#include "lib/Codegen/Lowerings.h"

#include <cmath>

using namespace mlir;
using namespace mlir::tritter;
using namespace mlir::row;
using Compare = arith::CmpFPredicate;

/// Where an operation does not care what a column is, heads become columns too: longer rows have less overhead.
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

/// One kernel over all elements of the operands, which have one shape; `body` is what it does to one of each.
static Values lowerElements(OpBuilder &builder, Operation *op,
                            llvm::function_ref<Real(KernelBuilder &, ArrayRef<Real>)> body) {
  auto type = cast<RankedTensorType>(op->getResultTypes()[0]);
  auto [rows, columns] = pointwiseSpace(type);
  auto isF64 = [](Value operand) { return tensorType(operand).getElementType().isF64(); };
  Type compute =
      llvm::any_of(op->getOperands(), isF64) ? builder.getF64Type() : accumulatorType(type.getElementType());
  KernelBuilder kernel(builder, op->getLoc(), op->getName().stripDialect(), rows, columns, compute);
  SmallVector<Real> x;
  for (Value operand : op->getOperands())
    x.push_back(type.getRank() == 0 ? kernel.scalar(operand) : kernel.element(operand));
  Real result = body(kernel, x);
  if (type.getRank() == 0)
    kernel.outputScalar(result, type);
  else
    kernel.output(result, type);
  return Values(kernel.finish().getResults());
}

static Values lowerAdd(OpBuilder &builder, AddOp op) {
  return lowerElements(builder, op, [](KernelBuilder &, ArrayRef<Real> x) { return x[0] + x[1]; });
}

static Values lowerMul(OpBuilder &builder, MulOp op) {
  return lowerElements(builder, op, [](KernelBuilder &, ArrayRef<Real> x) { return x[0] * x[1]; });
}

/// Loads and stores convert.
static Values lowerCast(OpBuilder &builder, CastOp op) {
  return lowerElements(builder, op, [](KernelBuilder &, ArrayRef<Real> x) { return x[0]; });
}

static Values lowerActivation(OpBuilder &builder, ActivationOp op) {
  return lowerElements(builder, op, [&](KernelBuilder &kernel, ArrayRef<Real> x) {
    return activation(kernel, op.getKind(), x[0]);
  });
}

static Values lowerActivationGrad(OpBuilder &builder, ActivationGradOp op) {
  return lowerElements(builder, op, [&](KernelBuilder &kernel, ArrayRef<Real> x) {
    return x[0] * activationDerivative(kernel, op.getKind(), x[1]);
  });
}

void tritter::attachPointwiseLowerings(MLIRContext &context) {
  AddOp::attachInterface<RowLowering<AddOp, lowerAdd>>(context);
  MulOp::attachInterface<RowLowering<MulOp, lowerMul>>(context);
  CastOp::attachInterface<RowLowering<CastOp, lowerCast>>(context);
  ActivationOp::attachInterface<RowLowering<ActivationOp, lowerActivation>>(context);
  ActivationGradOp::attachInterface<RowLowering<ActivationGradOp, lowerActivationGrad>>(context);
}
