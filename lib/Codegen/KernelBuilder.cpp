#include "tritter/Codegen/KernelBuilder.h"

#include "dialects/Tritter/Shapes.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::row;

KernelBuilder::KernelBuilder(OpBuilder &builder, Location loc, StringRef label, int64_t rows, int64_t columns,
                             Type compute)
    : outer(builder), loc(loc), label(label), rows(rows), columns(columns), compute(compute),
      body(std::make_unique<Block>()), inner(builder.getContext()) {
  inner.setInsertionPointToEnd(body.get());
}
KernelBuilder::~KernelBuilder() = default;

Real KernelBuilder::input(Value tensor, ViewAttr view) {
  inputs.push_back(tritter::withoutReshapes(tensor));
  inputViews.push_back(view);
  return {&inner, loc, body->addArgument(compute, loc)};
}

Real KernelBuilder::constant(double value) {
  return {&inner, loc, arith::ConstantOp::create(inner, loc, inner.getFloatAttr(compute, value))};
}
Real KernelBuilder::rowIndex() { return {&inner, loc, RowIndexOp::create(inner, loc, compute)}; }
Real KernelBuilder::columnIndex() { return {&inner, loc, ColumnIndexOp::create(inner, loc, compute)}; }

unsigned KernelBuilder::output(Real value, ViewAttr view, Type type) {
  resultTypes.push_back(type);
  alsoOutput(resultTypes.size() - 1, value, view);
  return resultTypes.size() - 1;
}

unsigned KernelBuilder::outputColumnSum(Real value, int64_t count) {
  blocks = count;
  return output(value, view(Access::ColumnSum, columns), RankedTensorType::get({count, columns}, compute));
}

void KernelBuilder::alsoOutput(unsigned result, Real value, ViewAttr view) {
  yielded.push_back(value.value);
  outputViews.push_back(view);
  outputs.push_back(result);
}

ViewAttr KernelBuilder::view(Access access, int64_t rowStride) {
  return ViewAttr::get(outer.getContext(), access, rowStride);
}
ViewAttr KernelBuilder::view(int64_t rowStride, int64_t divisor, int64_t modulus, int64_t offset) {
  return ViewAttr::get(outer.getContext(), Access::Element, rowStride, 1, divisor, modulus, offset, -1);
}
ViewAttr KernelBuilder::gather(int64_t rowStride, int64_t index) {
  return ViewAttr::get(outer.getContext(), Access::Gather, rowStride, 1, 1, 0, 0, index);
}

GenericOp KernelBuilder::finish() {
  YieldOp::create(inner, loc, yielded);
  SmallVector<Attribute> views(inputViews);
  views.append(outputViews.begin(), outputViews.end());
  auto generic = GenericOp::create(outer, loc, resultTypes, rows, columns, blocks, inputs, outer.getArrayAttr(views),
                                   outputs, outer.getStringAttr(label));
  generic.getBody().push_back(body.release());
  return generic;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

template <typename Op, typename... Operands> static Real make(Real a, Operands... operands) {
  return {a.builder, a.loc, Op::create(*a.builder, a.loc, a.value, operands.value...)};
}
static Real constantLike(Real a, double value) {
  return {a.builder, a.loc,
          arith::ConstantOp::create(*a.builder, a.loc, a.builder->getFloatAttr(a.value.getType(), value))};
}

Real row::operator+(Real a, Real b) { return make<arith::AddFOp>(a, b); }
Real row::operator-(Real a, Real b) { return make<arith::SubFOp>(a, b); }
Real row::operator*(Real a, Real b) { return make<arith::MulFOp>(a, b); }
Real row::operator/(Real a, Real b) { return make<arith::DivFOp>(a, b); }
Real row::operator-(Real a) { return make<arith::NegFOp>(a); }
Real row::operator+(Real a, double b) { return a + constantLike(a, b); }
Real row::operator-(Real a, double b) { return a - constantLike(a, b); }
Real row::operator*(Real a, double b) { return a * constantLike(a, b); }
Real row::operator+(double a, Real b) { return constantLike(b, a) + b; }
Real row::operator-(double a, Real b) { return constantLike(b, a) - b; }
Real row::operator*(double a, Real b) { return constantLike(b, a) * b; }
Real row::operator/(double a, Real b) { return constantLike(b, a) / b; }
Real row::exp(Real a) { return make<math::ExpOp>(a); }
Real row::log(Real a) { return make<math::LogOp>(a); }
Real row::sqrt(Real a) { return make<math::SqrtOp>(a); }
Real row::rsqrt(Real a) { return make<math::RsqrtOp>(a); }
Real row::erf(Real a) { return make<math::ErfOp>(a); }
Real row::sin(Real a) { return make<math::SinOp>(a); }
Real row::cos(Real a) { return make<math::CosOp>(a); }
Real row::power(double base, Real exponent) { return make<math::PowFOp>(constantLike(exponent, base), exponent); }
Real row::maximum(Real a, Real b) { return make<arith::MaximumFOp>(a, b); }
Real row::minimum(Real a, Real b) { return make<arith::MinimumFOp>(a, b); }

Real row::select(arith::CmpFPredicate predicate, Real a, Real b, Real yes, Real no) {
  Value holds = arith::CmpFOp::create(*a.builder, a.loc, predicate, a.value, b.value);
  return {a.builder, a.loc, arith::SelectOp::create(*a.builder, a.loc, holds, yes.value, no.value)};
}

static Real reduce(ReduceKind kind, Real a) {
  return {a.builder, a.loc, ReduceOp::create(*a.builder, a.loc, a.value.getType(), kind, a.value)};
}
Real row::sum(Real a) { return reduce(ReduceKind::Add, a); }
Real row::largest(Real a) { return reduce(ReduceKind::Maximum, a); }

//===----------------------------------------------------------------------===//

int64_t row::blocksFor(int64_t rows) { return std::clamp<int64_t>((rows + 63) / 64, 1, 128); }
