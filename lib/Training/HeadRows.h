#ifndef TRITTER_LIB_TRAINING_HEADROWS_H
#define TRITTER_LIB_TRAINING_HEADROWS_H

#include "mlir/IR/Location.h"

namespace mlir::tritter {

/// How many of `allRows` rows of logits the head makes at once: the largest divisor not above `mostRows`. Fails, with a
/// diagnostic at `loc`, where that would be so many pieces that their commands alone took all memory.
FailureOr<int64_t> chooseHeadRows(Location loc, int64_t allRows, int64_t mostRows);

} // namespace mlir::tritter

#endif // TRITTER_LIB_TRAINING_HEADROWS_H
