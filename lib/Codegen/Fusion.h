#ifndef TRITTER_LIB_CODEGEN_FUSION_H
#define TRITTER_LIB_CODEGEN_FUSION_H

#include "dialects/Row/RowDialect.h"

namespace mlir::row {

/// Where a kernel made of `first` and `second` (in that order in one block) may stand: the operation to stand before.
/// Null where one of them needs what is computed from the other outside, where reading would pass a write, or where the
/// kernel would be too large.
Operation *placeFor(GenericOp first, GenericOp second);

/// Each makes one kernel of two, standing before `place`, replaces their uses and erases them; returns null and changes
/// nothing where the two do not fit, or where work would be done twice that is heavy.

/// The consumer has the rows and columns of the producer and reads each of its results as it was stored.
GenericOp fuseInOneSpace(GenericOp producer, GenericOp consumer, Operation *place);
/// The producer is pointwise on whole tensors and the consumer its only user: each view of the consumer reads the
/// producer's operands instead.
GenericOp fuseIntoViews(GenericOp producer, GenericOp consumer, Operation *place);
/// The consumer is pointwise on whole tensors: it is computed wherever the producer stores its operand.
GenericOp fuseIntoStores(GenericOp producer, GenericOp consumer, Operation *place);
/// Neither reads from the other; they share an operand read in one way.
GenericOp fuseSiblings(GenericOp first, GenericOp second, Operation *place);

/// The kernel without what makes results that nothing uses; as it is where nothing is used.
void dropUnusedResults(GenericOp op);

} // namespace mlir::row

#endif // TRITTER_LIB_CODEGEN_FUSION_H
