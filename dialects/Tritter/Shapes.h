#ifndef TRITTER_DIALECTS_TRITTER_SHAPES_H
#define TRITTER_DIALECTS_TRITTER_SHAPES_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Value.h"

#include <optional>

/// The arithmetic of shapes, written once: verifiers, type inference and growth call these.
namespace mlir::tritter {

/// The most layers that a model may have, so that what counts them stays small.
inline constexpr int64_t maximumLayers = 1 << 16;

/// The type of a value that is a tensor.
inline RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The value behind reshapes (OpTrait::Reshape): the same numbers, in one buffer.
Value withoutReshapes(Value value);

/// `type` with another last dimension.
RankedTensorType withLastDim(RankedTensorType type, int64_t size);

/// `type` without its last dimension, of another element type where one is given.
RankedTensorType withoutLastDim(RankedTensorType type, Type elementType = {});

/// The last dimension of a tensor of rank 1 or more.
int64_t lastDim(RankedTensorType type);

/// The product of all dimensions but the last, or of all where `all`; dynamic if any of them is.
int64_t rowCount(RankedTensorType type, bool all = false);

/// Equal, or one of them dynamic.
bool dimsAgree(int64_t a, int64_t b);

/// What sums over `type`'s elements are kept in: f64 for f64, else f32.
Type accumulatorType(Type elementType);

} // namespace mlir::tritter

#endif // TRITTER_DIALECTS_TRITTER_SHAPES_H
