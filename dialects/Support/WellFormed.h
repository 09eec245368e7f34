#ifndef TRITTER_DIALECTS_SUPPORT_WELLFORMED_H
#define TRITTER_DIALECTS_SUPPORT_WELLFORMED_H

#include "mlir/IR/OpDefinition.h"

namespace mlir::tritter {

/// What no single operation says of itself:
/// - tensors that it reads, makes or passes to its regions have no axis of length 0 and at most `mostTensorElements`
///   elements along the axes whose lengths are known;
/// - it has no attribute by a name that is not its own, unless a dialect's name stands before it.
LogicalResult verifyWellFormed(Operation *op);

/// Attributes that are numbers (eps, theta) are finite, in f32 too.
LogicalResult verifyFiniteNumbers(Operation *op);

} // namespace mlir::tritter

namespace mlir::OpTrait {

/// Verified before the operation's own verifier, which may rely on it.
template <typename Op> struct WellFormed : TraitBase<Op, WellFormed> {
  static LogicalResult verifyTrait(Operation *op) { return tritter::verifyWellFormed(op); }
};

template <typename Op> struct FiniteNumbers : TraitBase<Op, FiniteNumbers> {
  static LogicalResult verifyTrait(Operation *op) { return tritter::verifyFiniteNumbers(op); }
};

} // namespace mlir::OpTrait

#endif // TRITTER_DIALECTS_SUPPORT_WELLFORMED_H
