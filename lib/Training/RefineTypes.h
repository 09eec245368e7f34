#ifndef TRITTER_LIB_TRAINING_REFINETYPES_H
#define TRITTER_LIB_TRAINING_REFINETYPES_H

#include "mlir/IR/Operation.h"

namespace mlir::tritter {

/// Gives the results of a model operation the types that follow from its operands. Reports the operation's own error
/// where its operands do not fit together.
LogicalResult refineResultTypes(Operation *op);

} // namespace mlir::tritter

#endif // TRITTER_LIB_TRAINING_REFINETYPES_H
