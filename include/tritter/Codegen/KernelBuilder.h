#ifndef TRITTER_CODEGEN_KERNELBUILDER_H
#define TRITTER_CODEGEN_KERNELBUILDER_H

#include "dialects/Row/RowDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace mlir::row {

/// A value of a body, with arithmetic.
struct Real {
  OpBuilder *builder = nullptr;
  Location loc;
  Value value;
};

/// Writes a `row.generic`: operands and results one after the other, the body by arithmetic on `Real`s.
class KernelBuilder {
public:
  /// The kernel will stand where `builder` does. `label` says what it does, in a word.
  KernelBuilder(OpBuilder &builder, Location loc, StringRef label, int64_t rows, int64_t columns, Type compute);
  ~KernelBuilder();
  KernelBuilder(const KernelBuilder &) = delete;

  /// An operand, and what the body sees of it. Reshapes are looked through.
  Real input(Value tensor, ViewAttr view);
  /// The elements of a tensor of rows * columns elements.
  Real element(Value tensor) { return input(tensor, view(Access::Element, columns)); }
  /// A vector of the columns.
  Real column(Value tensor) { return input(tensor, view(Access::Column)); }
  /// A vector of the rows.
  Real row(Value tensor) { return input(tensor, view(Access::Row, 1)); }
  Real scalar(Value tensor) { return input(tensor, view(Access::Scalar)); }

  Real constant(double value);
  Real rowIndex();
  Real columnIndex();

  /// A new result that `value` is stored to; its number.
  unsigned output(Real value, ViewAttr view, Type type);
  unsigned output(Real value, Type type) { return output(value, view(Access::Element, columns), type); }
  unsigned outputRow(Real value, Type type) { return output(value, view(Access::Row, 1), type); }
  unsigned outputScalar(Real value, Type type) { return output(value, view(Access::Scalar), type); }
  /// The sums of the columns of each of `blocks` runs of rows, [blocks, columns].
  unsigned outputColumnSum(Real value, int64_t blocks);
  /// Another part of result `result`.
  void alsoOutput(unsigned result, Real value, ViewAttr view);

  ViewAttr view(Access access, int64_t rowStride = 0);
  /// An element view in full.
  ViewAttr view(int64_t rowStride, int64_t divisor, int64_t modulus, int64_t offset);
  ViewAttr gather(int64_t rowStride, int64_t index);

  GenericOp finish();

private:
  OpBuilder &outer;
  Location loc;
  StringRef label;
  int64_t rows, columns, blocks = 0;
  Type compute;
  std::unique_ptr<Block> body;
  OpBuilder inner;
  SmallVector<Value> inputs, yielded;
  SmallVector<Attribute> inputViews, outputViews;
  SmallVector<int64_t> outputs;
  SmallVector<Type> resultTypes;
};

Real operator+(Real a, Real b);
Real operator-(Real a, Real b);
Real operator*(Real a, Real b);
Real operator/(Real a, Real b);
Real operator-(Real a);
Real operator+(Real a, double b);
Real operator-(Real a, double b);
Real operator*(Real a, double b);
Real operator+(double a, Real b);
Real operator-(double a, Real b);
Real operator*(double a, Real b);
Real operator/(double a, Real b);
Real exp(Real a);
Real log(Real a);
Real sqrt(Real a);
Real rsqrt(Real a);
Real erf(Real a);
Real sin(Real a);
Real cos(Real a);
/// base^exponent
Real power(double base, Real exponent);
Real maximum(Real a, Real b);
Real minimum(Real a, Real b);
/// `yes` where the comparison holds, else `no`.
Real select(arith::CmpFPredicate predicate, Real a, Real b, Real yes, Real no);
/// Over the columns of the row.
Real sum(Real a);
Real largest(Real a);

/// How many runs of rows are summed apart: a function of the number of rows alone, so that sums do not depend on the
/// number of threads.
int64_t blocksFor(int64_t rows);

} // namespace mlir::row

#endif // TRITTER_CODEGEN_KERNELBUILDER_H
