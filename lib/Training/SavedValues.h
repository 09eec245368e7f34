#ifndef TRITTER_LIB_TRAINING_SAVEDVALUES_H
#define TRITTER_LIB_TRAINING_SAVEDVALUES_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Value.h"
#include "tritter/Training/Passes.h"

namespace mlir::tritter {

/// Chooses what a backward block reads of its forward block, of the values that its operations use, and rewrites it so:
/// `backward` gets an argument for every value returned (arguments of the forward block first, then in its order);
/// parameters are read again, and what is left is computed again just before its first use.
SmallVector<Value> saveOrRecompute(Block &forward, Block &backward, Recompute recompute);

} // namespace mlir::tritter

#endif // TRITTER_LIB_TRAINING_SAVEDVALUES_H
