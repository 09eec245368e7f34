// Verifiers of kernels, and what can be said of a body.

#include "dialects/Row/RowDialect.h"
#include "dialects/Row/Schedule.h"
#include "tritter/Support/CheckedMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::row;

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

FloatType GenericOp::getComputeType() { return cast<FloatType>(getYield().getOperandTypes().front()); }
FloatType KernelOp::getComputeType() { return cast<FloatType>(getYield().getOperandTypes().front()); }
YieldOp GenericOp::getYield() { return cast<YieldOp>(getBody().front().getTerminator()); }
YieldOp KernelOp::getYield() { return cast<YieldOp>(getBody().front().getTerminator()); }

/// What the interpreter, vector code and PTX all have.
static bool isBodyOp(Operation &op) {
  using Compare = arith::CmpFPredicate;
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    return llvm::is_contained({Compare::OLT, Compare::OLE, Compare::OGT, Compare::OGE, Compare::OEQ, Compare::UNE},
                              compare.getPredicate());
  return isa<ReduceOp, RowIndexOp, ColumnIndexOp, arith::ConstantOp, arith::AddFOp, arith::SubFOp, arith::MulFOp,
             arith::DivFOp, arith::NegFOp, arith::MaximumFOp, arith::MinimumFOp, arith::SelectOp, arith::AndIOp,
             arith::OrIOp, math::FmaOp, math::AbsFOp, math::ExpOp, math::LogOp, math::SqrtOp, math::RsqrtOp,
             math::TanhOp, math::ErfOp, math::SinOp, math::CosOp, math::PowFOp>(op);
}

/// What `generic` and `kernel` say of a body. `elements` has the element type of each argument's tensor.
static LogicalResult verifyBody(Operation *op, Block &body, ArrayAttr views, ArrayRef<int64_t> outputs,
                                ArrayRef<Type> elements) {
  auto yield = dyn_cast<YieldOp>(body.back());
  if (!yield) // generic C1, kernel C1
    return op->emitOpError() << "ends its body with row.yield";
  unsigned inputs = body.getNumArguments();
  if (yield.getValues().empty() || outputs.size() != yield.getValues().size()) // generic C2, kernel C2
    return op->emitOpError() << "yields a value for each of `outputs`, at least one, found " << yield.getValues().size()
                             << " for " << outputs.size();
  if (views.size() != inputs + outputs.size()) // generic C3, kernel C3
    return op->emitOpError() << "needs a view for each of " << inputs << " operands and " << outputs.size()
                             << " yielded values, found " << views.size();
  Type compute = yield.getOperandTypes().front();
  SmallVector<Type> types(body.getArgumentTypes());
  types.append(yield.getOperandTypes().begin(), yield.getOperandTypes().end());
  for (Type type : types)
    if (type != compute) // generic C4, kernel C4
      return op->emitOpError() << "computes in one type, found " << compute << " and " << type;
  for (Operation &inner : body.without_terminator())
    if (!isBodyOp(inner)) // generic C5, kernel C5
      return inner.emitOpError() << "cannot stand in a row kernel";

  BodyAnalysis analysis(body, views);
  for (auto [number, view] : llvm::enumerate(views.getAsRange<ViewAttr>())) {
    // generic C6, kernel C6
    if (view.getDivisor() < 1 || view.getModulus() < 0 || view.getOffset() < 0 || view.getRowStride() < 0 ||
        view.getColumnStride() < 0)
      return op->emitOpError() << "needs views with a positive divisor and nothing negative, found " << view;
    if (number < inputs) {
      if (view.getAccess() == Access::ColumnSum) // generic C7, kernel C7
        return op->emitOpError() << "reads operand " << number << " through column_sum, which is for results";
      // generic C8, kernel C8
      if (view.getAccess() == Access::Gather && (view.getIndex() < 0 || view.getIndex() >= inputs ||
                                                 cast<ViewAttr>(views[view.getIndex()]).getAccess() != Access::Row ||
                                                 !elements[view.getIndex()].isInteger(32)))
        return op->emitOpError() << "gathers by operand " << view.getIndex() << ", which is no i32 with a row view";
      continue;
    }
    unsigned output = number - inputs;
    if (view.getAccess() == Access::Gather || view.getAccess() == Access::Column) // generic C9, kernel C9
      return op->emitOpError() << "cannot store through " << view;
    if (view.isRowUniform() && !analysis.isRowUniform(yield.getValues()[output])) // generic C10, kernel C10
      return op->emitOpError() << "stores yielded value " << output << " once a row, but it differs between columns";
  }
  return success();
}

/// That numbers of elements and of column sums fit, of sizes that are positive.
static LogicalResult verifySpace(Operation *op, int64_t rows, int64_t columns, int64_t blocks) {
  for (int64_t lines : {rows, std::max<int64_t>(blocks, 1)})
    if (!tritter::countElements({lines, columns}))
      return op->emitOpError() << "has " << lines << " rows or blocks of " << columns << " columns, more elements than "
                               << tritter::mostTensorElements;
  return success();
}

LogicalResult GenericOp::verify() {
  Block &body = getBody().front();
  int64_t rows = getRows(), columns = getColumns(), blocks = getBlocks();
  if (body.getNumArguments() != getInputs().size()) // generic C11
    return emitOpError() << "has " << getInputs().size() << " operands and " << body.getNumArguments() << " arguments";
  if (rows < 1 || columns < 1 || blocks < 0) // generic C12
    return emitOpError() << "needs positive rows and columns and no negative blocks, found " << rows << ", " << columns
                         << " and " << blocks;
  if (failed(verifySpace(*this, rows, columns, blocks))) // generic C12
    return failure();
  SmallVector<Type> elements = llvm::map_to_vector(
      getInputs().getTypes(), [](Type type) { return cast<RankedTensorType>(type).getElementType(); });
  if (failed(verifyBody(*this, body, getViews(), getOutputs(), elements)))
    return failure();
  SmallVector<bool> stored(getNumResults());
  bool columnSums = false;
  for (auto [number, result] : llvm::enumerate(getOutputs())) {
    if (result < 0 || uint64_t(result) >= getNumResults()) // generic C13
      return emitOpError() << "stores to result " << result << ", but has " << getNumResults();
    stored[result] = true;
    auto type = cast<RankedTensorType>(getResultTypes()[result]);
    if (getOutputView(number).getAccess() != Access::ColumnSum)
      continue;
    columnSums = true;
    // generic C15
    if (blocks > 0 && (type.getElementType() != getComputeType() || !type.hasStaticShape() ||
                       type.getNumElements() != blocks * columns))
      return emitOpError() << "sums columns into " << blocks * columns << " elements of " << getComputeType()
                           << ", found " << type;
  }
  if (llvm::is_contained(stored, false)) // generic C14
    return emitOpError() << "has a result that nothing is stored to";
  if (columnSums != (blocks > 0)) // generic C16
    return emitOpError() << "has blocks if, and only if, a result holds column sums";
  return success();
}

LogicalResult KernelOp::verify() {
  if (getTypes().size() != getViews().size()) // kernel C11
    return emitOpError() << "needs a type for each view, found " << getTypes().size() << " for " << getViews().size();
  if (int64_t(getColumns()) < 1) // kernel C12
    return emitOpError() << "needs positive columns, found " << int64_t(getColumns());
  if (failed(verifySpace(*this, 1, getColumns(), 0))) // kernel C12
    return failure();
  for (int64_t result : getOutputs())
    if (result < 0) // kernel C13
      return emitOpError() << "stores to result " << result << "; results are numbered from 0";
  SmallVector<Type> elements = llvm::to_vector(getTypes().getAsValueRange<TypeAttr>());
  return verifyBody(*this, getBody().front(), getViews(), getOutputs(), elements);
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel) // launch C1
    return emitOpError() << "runs " << getKernelAttr() << ", which is no row.kernel";
  if (kernel.getInputCount() != getInputs().size()) // launch C2
    return emitOpError() << "gives " << getInputs().size() << " operands to a kernel with " << kernel.getInputCount();
  for (auto [input, type] : llvm::zip(getInputs().getTypes(), kernel.getTypes().getAsValueRange<TypeAttr>()))
    if (cast<RankedTensorType>(input).getElementType() != type) // launch C3
      return emitOpError() << "gives " << input << " where the kernel takes elements of " << type;
  for (auto [output, result] : llvm::enumerate(kernel.getOutputs())) {
    Type type = cast<TypeAttr>(kernel.getTypes()[kernel.getInputCount() + output]).getValue();
    // launch C4
    if (uint64_t(result) >= getNumResults() ||
        cast<RankedTensorType>(getResultTypes()[result]).getElementType() != type)
      return emitOpError() << "has no result " << result << " with elements of " << type;
  }
  if (int64_t(getRows()) < 1 || int64_t(getBlocks()) < 0) // launch C5
    return emitOpError() << "needs positive rows and no negative blocks, found " << int64_t(getRows()) << " and "
                         << int64_t(getBlocks());
  return verifySpace(*this, getRows(), kernel.getColumns(), getBlocks()); // launch C5
}

bool KernelOp::mayShareStorage(unsigned input, unsigned result) {
  std::optional<unsigned> stored;
  for (auto [output, target] : llvm::enumerate(getOutputs())) {
    if (unsigned(target) != result)
      continue;
    ViewAttr view = getOutputView(output);
    // Only the same element is read where one is written.
    if (view != getInputView(input) || view.getAccess() != Access::Element || view.getDivisor() != 1 ||
        view.getModulus() != 0 || getTypes()[input] != getTypes()[getInputCount() + output] || stored)
      return false;
    stored = output;
  }
  if (!stored)
    return false;
  // No later sweep may read what is gone. In a sweep, a column is read before it is stored.
  bool gone = false;
  for (const Sweep &sweep : Schedule(getBody().front(), getViews()).sweeps) {
    if (gone && llvm::is_contained(sweep.loads, getBody().getArgument(input)))
      return false;
    gone |= llvm::is_contained(sweep.columnStores, *stored);
  }
  return true;
}
