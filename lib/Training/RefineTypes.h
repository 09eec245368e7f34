#ifndef TRITTER_LIB_TRAINING_REFINETYPES_H
#define TRITTER_LIB_TRAINING_REFINETYPES_H

#include "dialects/Tritter/TritterDialect.h"

namespace mlir::tritter {

/// Gives the results of a model operation the types that follow from its operands. Reports the operation's own error
/// where its operands do not fit together.
LogicalResult refineResultTypes(Operation *op);

/// Gives everything in an objective the types that follow from `tokens` and from the models that it applies.
LogicalResult refineObjective(ObjectiveOp objective, Type tokens, const SymbolTable &symbols);

} // namespace mlir::tritter

#endif // TRITTER_LIB_TRAINING_REFINETYPES_H
