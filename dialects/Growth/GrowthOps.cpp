// Shape inference, verifiers and folders of derivations.

#include "dialects/Growth/GrowthDialect.h"
#include "tritter/Support/CheckedMath.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace mlir::growth;

#define GET_OP_CLASSES
#include "dialects/Growth/GrowthOps.cpp.inc"

using Types = SmallVectorImpl<Type>;

/// `type` with `size` coordinates along `axis`.
static LogicalResult resize(std::optional<Location> loc, RankedTensorType type, int64_t axis, int64_t size,
                            Types &results) {
  SmallVector<int64_t> shape(type.getShape());
  shape[axis] = size;
  results.push_back(type.clone(shape));
  return success();
}

static LogicalResult checkAxis(std::optional<Location> loc, RankedTensorType type, int64_t axis) {
  if (!type.hasStaticShape()) // gather C1, pad C1, tile C1
    return emitOptionalError(loc, "needs a static shape, found ", type);
  if (axis >= 0 && axis < type.getRank()) // gather C2, pad C2, tile C2
    return success();
  return emitOptionalError(loc, "axis must be one of the ", type.getRank(), " of the input, found ", axis);
}

static RankedTensorType tensor(Value value) { return cast<RankedTensorType>(value.getType()); }

LogicalResult SourceOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // A growth is read also where its base is another module's; then there is nothing to compare with.
  Operation *model = symbols.lookupNearestSymbolFrom(*this, getModelAttr());
  if (model && !isa<tritter::ModelOp, tritter::DecoderOp>(model)) // source C1
    return emitOpError() << "reads a tensor of " << getModelAttr() << ", which is no tritter.model";
  return success();
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor, Types &results) {
  RankedTensorType input = tensor(adaptor.getInput());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(loc, input, axis)))
    return failure();
  // gather C3
  for (const Run &run : adaptor.getMap().getRuns()) {
    if (run.kind != Run::Kind::Copy)
      continue;
    int64_t last = run.first + (run.length - 1) * run.step;
    if (std::max(run.first, last) >= input.getDimSize(axis))
      return emitOptionalError(loc, "the map reads coordinate ", std::max(run.first, last), " of an axis of ",
                               input.getDimSize(axis));
  }
  return resize(loc, input, axis, adaptor.getMap().getLength(), results);
}

LogicalResult ScaleOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor, Types &results) {
  results.push_back(adaptor.getInput().getType());
  return success();
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor, Types &results) {
  RankedTensorType input = tensor(adaptor.getInput());
  int64_t axis = adaptor.getAxis(), size = adaptor.getSize();
  if (failed(checkAxis(loc, input, axis)))
    return failure();
  if (size < input.getDimSize(axis)) // pad C3
    return emitOptionalError(loc, "pads to a size of ", input.getDimSize(axis), " or more, found ", size);
  return resize(loc, input, axis, size, results);
}

LogicalResult TileOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor, Types &results) {
  RankedTensorType input = tensor(adaptor.getInput());
  int64_t axis = adaptor.getAxis(), times = adaptor.getTimes();
  if (failed(checkAxis(loc, input, axis)))
    return failure();
  if (times <= 0) // tile C3
    return emitOptionalError(loc, "needs a positive number of times, found ", times);
  constexpr int64_t mostTimes = int64_t(1) << 16;
  if (times > mostTimes) // tile C5
    return emitOptionalError(loc, "repeats an axis ", mostTimes, " times at most, found ", times);
  std::optional<int64_t> size = tritter::checkedProduct({input.getDimSize(axis), times});
  if (!size) // tile C4
    return emitOptionalError(loc, "needs a result of less than 2^63 coordinates, found ", times, " times ",
                             input.getDimSize(axis));
  return resize(loc, input, axis, *size, results);
}

LogicalResult ConstantOp::verify() {
  if (getValue().isNaN()) // constant C1
    return emitOpError() << "needs a number, found " << getValueAttr();
  return success();
}

LogicalResult NormalOp::verify() {
  // normal C1
  if (!getStddev().isFinite() || (getStddev().isNegative() && !getStddev().isZero()))
    return emitOpError() << "needs a standard deviation that is finite and not negative, found " << getStddevAttr();
  return success();
}

LogicalResult YieldOp::verify() {
  Type expected = cast<tritter::ParamOp>((*this)->getParentOp()).getType();
  if (getValue().getType() != expected) // yield C1
    return emitOpError() << "yields " << getValue().getType() << " for a parameter of " << expected;
  return success();
}

//===----------------------------------------------------------------------===//
// Folders: what changes nothing
//===----------------------------------------------------------------------===//

OpFoldResult GatherOp::fold(FoldAdaptor) {
  int64_t at = 0;
  for (const Run &run : getMap().getRuns()) {
    if (run.kind != Run::Kind::Copy || run.first != at || (run.step != 1 && run.length != 1) ||
        !run.coefficient.isOne())
      return {};
    at += run.length;
  }
  return getInput().getType() == getType() ? getInput() : OpFoldResult();
}

OpFoldResult ScaleOp::fold(FoldAdaptor) { return getBy().getValue().isOne() ? getInput() : OpFoldResult(); }
OpFoldResult PadOp::fold(FoldAdaptor) { return getInput().getType() == getType() ? getInput() : OpFoldResult(); }
OpFoldResult TileOp::fold(FoldAdaptor) { return getTimes() == 1 ? getInput() : OpFoldResult(); }

OpFoldResult AddOp::fold(FoldAdaptor) { return getInputs().size() == 1 ? getInputs().front() : OpFoldResult(); }
