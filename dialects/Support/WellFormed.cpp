// What every operation of the project's dialects is held to.

#include "dialects/Support/WellFormed.h"

#include "dialects/Support/Nearest.h"
#include "tritter/Support/CheckedMath.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::tritter;

static LogicalResult verifySize(Operation *op, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return success();
  if (llvm::is_contained(tensor.getShape(), 0))
    return op->emitOpError() << "has a dimension of 0 in " << tensor << "; each must be at least 1";
  if (!countElements(tensor.getShape()))
    return op->emitOpError() << "has more elements in " << tensor << " than the " << mostTensorElements
                             << " that a tensor may have";
  return success();
}

static LogicalResult verifySizes(Operation *op) {
  for (TypeRange types : {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
    for (Type type : types)
      if (failed(verifySize(op, type)))
        return failure();
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Type type : block.getArgumentTypes())
        if (failed(verifySize(op, type)))
          return failure();
  return success();
}

static LogicalResult verifyNames(Operation *op) {
  for (NamedAttribute attribute : op->getDiscardableAttrs()) {
    StringRef name = attribute.getName();
    if (name.contains('.') || (isa<SymbolOpInterface>(op) && name == SymbolTable::getVisibilityAttrName()))
      continue;
    SmallVector<StringRef> known =
        llvm::map_to_vector(op->getName().getAttributeNames(), [](StringAttr own) { return own.getValue(); });
    InFlightDiagnostic diagnostic = op->emitOpError() << "has no attribute " << name;
    if (std::optional<StringRef> near = nearest(name, known)) {
      diagnostic << ": did you mean " << *near << "?";
    } else if (!known.empty()) {
      diagnostic << ", it has ";
      llvm::interleaveComma(known, diagnostic);
    }
    return diagnostic;
  }
  return success();
}

LogicalResult tritter::verifyWellFormed(Operation *op) {
  return failure(failed(verifyNames(op)) || failed(verifySizes(op)));
}

static bool isFinite(llvm::APFloat value) {
  bool inexact;
  value.convert(llvm::APFloat::IEEEsingle(), llvm::APFloat::rmNearestTiesToEven, &inexact);
  return value.isFinite();
}

LogicalResult tritter::verifyFiniteNumbers(Operation *op) {
  for (StringAttr name : op->getName().getAttributeNames()) {
    std::optional<Attribute> attribute = op->getInherentAttr(name);
    auto number = dyn_cast_or_null<FloatAttr>(attribute.value_or(Attribute()));
    if (number && !isFinite(number.getValue()))
      return op->emitOpError() << "needs a finite " << name.getValue() << ", within the range of f32, found " << number;
  }
  return success();
}
