#ifndef TRITTER_TARGET_KERNELEMISSION_H
#define TRITTER_TARGET_KERNELEMISSION_H

#include "dialects/Row/RowDialect.h"

#include "runtime/schema/executable_generated.h"

namespace mlir::row {

/// The element type of tensors as the schema names it.
::tritter::schema::DType dtypeOf(Type elementType);

/// A kernel as the runtime's interpreter reads it: sweeps of instructions on registers. Views are in the order of
/// `kernel.getViews()`; offsets of views are not in them (they belong to a launch's operands). No symbol is set.
::tritter::schema::KernelT emitKernel(KernelOp kernel);

} // namespace mlir::row

#endif // TRITTER_TARGET_KERNELEMISSION_H
