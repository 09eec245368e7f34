#ifndef TRITTER_DIALECTS_TRITTER_OPTRAITS_H
#define TRITTER_DIALECTS_TRITTER_OPTRAITS_H

#include "mlir/IR/OpDefinition.h"

namespace mlir::OpTrait {

/// The one result has the numbers of the first operand in the same order, in another shape: both are one buffer.
template <typename Op> struct Reshape : TraitBase<Op, Reshape> {
  static LogicalResult verifyTrait(Operation *op) {
    if (op->getNumOperands() != 1 || op->getNumResults() != 1)
      return op->emitOpError() << "reshapes one operand to one result";
    return success();
  }
};

/// Row r of every result is made of row r of every operand, and of whole parameters: rows may be done in any runs. The
/// leading dimensions of results are those of the operands that are no parameters.
template <typename Op> struct RowWise : TraitBase<Op, RowWise> {};

/// Reads its operands from memory as whole tensors, as a matrix product does: no row kernel can compute them on the
/// way.
template <typename Op> struct ReadsWholeOperands : TraitBase<Op, ReadsWholeOperands> {};

} // namespace mlir::OpTrait

#endif // TRITTER_DIALECTS_TRITTER_OPTRAITS_H
