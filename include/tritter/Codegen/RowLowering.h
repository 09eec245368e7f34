#ifndef TRITTER_CODEGEN_ROWLOWERING_H
#define TRITTER_CODEGEN_ROWLOWERING_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

#include "lib/Codegen/RowLowerableInterface.h.inc"

namespace mlir::row {

/// A model of RowLowerableOpInterface: an operation type and a function of (builder, op).
template <typename Op, auto Function>
struct RowLowering : RowLowerableOpInterface::ExternalModel<RowLowering<Op, Function>, Op> {
  SmallVector<Value> lowerToRow(Operation *op, OpBuilder &builder) const { return Function(builder, cast<Op>(op)); }
};

/// The sums of the columns of partial sums [blocks, columns], as a tensor of `type`.
Value sumPartials(OpBuilder &builder, Location loc, Value partials, Type type);

} // namespace mlir::row

namespace mlir::tritter {

/// Gives the operations of the dialect that become row kernels their RowLowerableOpInterface. `--tritter-to-row` needs
/// it.
void registerRowLowerings(DialectRegistry &registry);

} // namespace mlir::tritter

#endif // TRITTER_CODEGEN_ROWLOWERING_H
