#include "lib/Codegen/Native/BodyEmitter.h"
#include "lib/Codegen/Native/VectorMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::row;

bool row::hasNativeCode(KernelOp kernel) {
  if (!kernel.getComputeType().isF32())
    return false;
  for (auto view : kernel.getViews().getAsRange<ViewAttr>())
    if (!view.isRowUniform() && view.getColumnStride() != 1)
      return false;
  for (Type type : kernel.getTypes().getAsValueRange<TypeAttr>())
    if (type.isF64())
      return false;
  for (Operation &op : kernel.getBody().front())
    if (isa<math::SinOp, math::CosOp, math::TanhOp, math::PowFOp>(op))
      return false;
  return true;
}

static llvm::Value *constant(llvm::IRBuilder<> &builder, arith::ConstantOp op) {
  if (auto real = dyn_cast<FloatAttr>(op.getValue()))
    return llvm::ConstantFP::get(builder.getFloatTy(), real.getValueAsDouble());
  return builder.getInt1(!cast<IntegerAttr>(op.getValue()).getValue().isZero());
}

static llvm::CmpInst::Predicate predicate(arith::CmpFPredicate kind) {
  switch (kind) {
  case arith::CmpFPredicate::OLT:
    return llvm::CmpInst::FCMP_OLT;
  case arith::CmpFPredicate::OLE:
    return llvm::CmpInst::FCMP_OLE;
  case arith::CmpFPredicate::OGT:
    return llvm::CmpInst::FCMP_OGT;
  case arith::CmpFPredicate::OGE:
    return llvm::CmpInst::FCMP_OGE;
  case arith::CmpFPredicate::OEQ:
    return llvm::CmpInst::FCMP_OEQ;
  default:
    return llvm::CmpInst::FCMP_UNE;
  }
}

llvm::Value *row::emitBodyOperation(llvm::IRBuilder<> &b, Operation &op, llvm::ArrayRef<llvm::Value *> x,
                                    const MathFunctions &math) {
  using llvm::Value;
  auto sqrt = [&] { return b.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, x[0]); };
  auto divide = [&](Value *dividend, Value *divisor) {
    return math.divide ? math.divide(b, dividend, divisor) : b.CreateFDiv(dividend, divisor);
  };
  return TypeSwitch<Operation *, Value *>(&op)
      .Case([&](arith::ConstantOp c) { return constant(b, c); })
      .Case([&](arith::AddFOp) { return b.CreateFAdd(x[0], x[1]); })
      .Case([&](arith::SubFOp) { return b.CreateFSub(x[0], x[1]); })
      .Case([&](arith::MulFOp) { return b.CreateFMul(x[0], x[1]); })
      .Case([&](arith::DivFOp) { return divide(x[0], x[1]); })
      .Case([&](arith::NegFOp) { return b.CreateFNeg(x[0]); })
      .Case([&](arith::MaximumFOp) { return buildMaximum(b, x[0], x[1]); })
      .Case([&](arith::MinimumFOp) { return buildMinimum(b, x[0], x[1]); })
      .Case([&](arith::CmpFOp c) { return b.CreateFCmp(predicate(c.getPredicate()), x[0], x[1]); })
      .Case([&](arith::SelectOp) { return b.CreateSelect(x[0], x[1], x[2]); })
      .Case([&](arith::AndIOp) { return b.CreateAnd(x[0], x[1]); })
      .Case([&](arith::OrIOp) { return b.CreateOr(x[0], x[1]); })
      .Case([&](math::FmaOp) { return b.CreateIntrinsic(llvm::Intrinsic::fma, {x[0]->getType()}, {x[0], x[1], x[2]}); })
      .Case([&](math::AbsFOp) { return b.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x[0]); })
      .Case([&](math::SqrtOp) { return sqrt(); })
      .Case([&](math::RsqrtOp) {
        return math.rsqrt ? math.rsqrt(b, x[0]) : b.CreateFDiv(llvm::ConstantFP::get(x[0]->getType(), 1), sqrt());
      })
      .Case([&](math::ExpOp) { return math.exp(b, x[0]); })
      .Case([&](math::LogOp) { return math.log(b, x[0]); })
      .Case([&](math::ErfOp) { return math.erf(b, x[0]); });
}
