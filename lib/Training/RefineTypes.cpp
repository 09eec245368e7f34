#include "RefineTypes.h"

#include "dialects/Tritter/TritterDialect.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::tritter;

static RankedTensorType tensor(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The leading dimensions are the input's; how the last one splits stands in the result.
static RankedTensorType splitType(SplitHeadsOp op) {
  SmallVector<int64_t> shape(tensor(op.getInput()).getShape().drop_back());
  llvm::append_range(shape, tensor(op.getResult()).getShape().take_back(2));
  return tensor(op.getInput()).clone(shape);
}

LogicalResult tritter::refineResultTypes(Operation *op) {
  SmallVector<Type> types;
  if (auto infer = dyn_cast<InferTypeOpInterface>(op)) {
    if (failed(infer.inferReturnTypes(op->getContext(), op->getLoc(), op->getOperands(),
                                      op->getDiscardableAttrDictionary(), op->getPropertiesStorage(), op->getRegions(),
                                      types)))
      return failure();
  } else {
    llvm::append_range(types, op->getResultTypes());
    if (auto split = dyn_cast<SplitHeadsOp>(op))
      types[0] = splitType(split);
    else if (auto cast = dyn_cast<CastOp>(op))
      types[0] = tensor(cast.getInput()).clone(tensor(cast.getResult()).getElementType());
  }
  for (auto [result, type] : llvm::zip_equal(op->getResults(), types))
    result.setType(type);
  return success();
}
