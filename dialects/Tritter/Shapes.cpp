#include "dialects/Tritter/Shapes.h"

#include "dialects/Tritter/OpTraits.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

Value tritter::withoutReshapes(Value value) {
  for (Operation *op = value.getDefiningOp(); op && op->hasTrait<OpTrait::Reshape>(); op = value.getDefiningOp())
    value = op->getOperand(0);
  return value;
}

RankedTensorType tritter::withLastDim(RankedTensorType type, int64_t size) {
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = size;
  return type.clone(shape);
}

RankedTensorType tritter::withoutLastDim(RankedTensorType type, Type elementType) {
  return RankedTensorType::get(type.getShape().drop_back(), elementType ? elementType : type.getElementType());
}

int64_t tritter::lastDim(RankedTensorType type) { return type.getShape().back(); }

int64_t tritter::rowCount(RankedTensorType type, bool all) {
  int64_t rows = 1;
  for (int64_t dim : all ? type.getShape() : type.getShape().drop_back()) {
    if (ShapedType::isDynamic(dim))
      return ShapedType::kDynamic;
    rows *= dim;
  }
  return rows;
}

bool tritter::dimsAgree(int64_t a, int64_t b) { return a == b || ShapedType::isDynamic(a) || ShapedType::isDynamic(b); }

Type tritter::accumulatorType(Type elementType) {
  return elementType.isF64() ? elementType : Float32Type::get(elementType.getContext());
}
