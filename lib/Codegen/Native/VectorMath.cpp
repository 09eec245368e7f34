#include "lib/Codegen/Native/VectorMath.h"

#include "llvm/IR/Intrinsics.h"

#include <limits>

using namespace llvm;

namespace {
/// Arithmetic on values of one type, a scalar or a vector.
struct Arithmetic {
  IRBuilder<> &b;
  Type *real;
  Type *integer;

  Arithmetic(IRBuilder<> &builder, llvm::Value *like)
      : b(builder), real(like->getType()), integer(real->getWithNewType(builder.getInt32Ty())) {}

  llvm::Value *constant(double value) { return ConstantFP::get(real, value); }
  llvm::Value *bits(int64_t value) { return ConstantInt::get(integer, uint64_t(value), /*IsSigned=*/true); }
  llvm::Value *fma(llvm::Value *x, llvm::Value *y, llvm::Value *z) {
    return b.CreateIntrinsic(Intrinsic::fma, {real}, {x, y, z});
  }
  llvm::Value *fma(llvm::Value *x, llvm::Value *y, double z) { return fma(x, y, constant(z)); }
  llvm::Value *fma(llvm::Value *x, double y, llvm::Value *z) { return fma(x, constant(y), z); }
  llvm::Value *polynomial(llvm::Value *x, ArrayRef<double> coefficients) {
    llvm::Value *result = constant(coefficients.front());
    for (double coefficient : coefficients.drop_front())
      result = fma(result, x, coefficient);
    return result;
  }
};
} // namespace

static constexpr double infinity = std::numeric_limits<double>::infinity();

llvm::Value *mlir::row::buildExp(IRBuilder<> &b, llvm::Value *x) {
  Arithmetic a(b, x);
  constexpr double shifter = 12582912.0; // 1.5 * 2^23: adding it rounds to an integer in the low bits.
  llvm::Value *shifted = a.fma(x, a.constant(1.44269504088896341), shifter);
  llvm::Value *n = b.CreateFSub(shifted, a.constant(shifter));
  llvm::Value *r = a.fma(n, -0.693359375, x);
  r = a.fma(n, 2.12194440e-4, r);
  llvm::Value *p = a.polynomial(
      r, {1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1});
  p = b.CreateFAdd(a.fma(p, b.CreateFMul(r, r), r), a.constant(1));
  // Times 2^n: n is added to the exponent.
  llvm::Value *exponent = b.CreateShl(b.CreateBitCast(shifted, a.integer), a.bits(23));
  llvm::Value *scaled = b.CreateBitCast(b.CreateAdd(b.CreateBitCast(p, a.integer), exponent), a.real);
  scaled = b.CreateSelect(b.CreateFCmpOLT(x, a.constant(-87)), a.constant(0), scaled);
  scaled = b.CreateSelect(b.CreateFCmpOGT(x, a.constant(88.72283)), a.constant(infinity), scaled);
  return b.CreateSelect(b.CreateFCmpUNO(x, x), x, scaled);
}

/// x = m 2^e with m in [sqrt(1/2), sqrt(2)); log(x) = log(m) + e log(2), after Cephes.
llvm::Value *mlir::row::buildLog(IRBuilder<> &b, llvm::Value *x) {
  Arithmetic a(b, x);
  llvm::Value *bits = b.CreateBitCast(x, a.integer);
  llvm::Value *offset = b.CreateSub(bits, a.bits(0x3f3504f3)); // sqrt(1/2)
  llvm::Value *exponent = b.CreateAShr(offset, a.bits(23));
  llvm::Value *e = b.CreateSIToFP(exponent, a.real);
  llvm::Value *mantissa = b.CreateSub(bits, b.CreateShl(exponent, a.bits(23)));
  llvm::Value *m = b.CreateFSub(b.CreateBitCast(mantissa, a.real), a.constant(1));
  llvm::Value *square = b.CreateFMul(m, m);
  llvm::Value *p =
      a.polynomial(m, {7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
                       -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1});
  p = b.CreateFMul(b.CreateFMul(p, m), square);
  p = a.fma(e, -2.12194440e-4, p);
  p = a.fma(square, -0.5, p);
  llvm::Value *result = a.fma(e, 0.693359375, b.CreateFAdd(m, p));
  result = b.CreateSelect(b.CreateFCmpOEQ(x, a.constant(infinity)), x, result);
  result = b.CreateSelect(b.CreateFCmpOEQ(x, a.constant(0)), a.constant(-infinity), result);
  llvm::Value *isNumber = b.CreateFCmpOGE(x, a.constant(0));
  return b.CreateSelect(isNumber, result, a.constant(std::numeric_limits<double>::quiet_NaN()));
}

/// Up to 1 an odd polynomial (Cephes); beyond, Abramowitz and Stegun 7.1.26.
llvm::Value *mlir::row::buildErf(IRBuilder<> &b, llvm::Value *x, llvm::Value *(*exp)(IRBuilder<> &, llvm::Value *)) {
  Arithmetic a(b, x);
  llvm::Value *square = b.CreateFMul(x, x);
  llvm::Value *small = b.CreateFMul(
      x, a.polynomial(square, {7.853861353153693e-5, -8.010193625184903e-4, 5.188327685732524e-3, -2.685381193529856e-2,
                               1.128358514861418e-1, -3.761262582423300e-1, 1.128379165726710}));
  llvm::Value *magnitude = b.CreateUnaryIntrinsic(Intrinsic::fabs, x);
  llvm::Value *t = b.CreateFDiv(a.constant(1), a.fma(magnitude, a.constant(0.3275911), 1.0));
  llvm::Value *p = a.polynomial(t, {1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592});
  llvm::Value *tail = b.CreateFMul(b.CreateFMul(p, t), exp(b, b.CreateFNeg(square)));
  llvm::Value *large = b.CreateFSub(a.constant(1), tail);
  large = b.CreateBinaryIntrinsic(Intrinsic::copysign, large, x);
  return b.CreateSelect(b.CreateFCmpOLT(magnitude, a.constant(1)), small, large);
}

// The plain selection is one instruction of x86, and takes the second of two where they do not compare.
llvm::Value *mlir::row::buildMaximum(IRBuilder<> &b, llvm::Value *x, llvm::Value *y) {
  return b.CreateSelect(b.CreateFCmpUNO(x, x), x, b.CreateSelect(b.CreateFCmpOGT(x, y), x, y));
}
llvm::Value *mlir::row::buildMinimum(IRBuilder<> &b, llvm::Value *x, llvm::Value *y) {
  return b.CreateSelect(b.CreateFCmpUNO(x, x), x, b.CreateSelect(b.CreateFCmpOLT(x, y), x, y));
}
