#ifndef TRITTER_TRAINING_NARROWING_H
#define TRITTER_TRAINING_NARROWING_H

#include "mlir/IR/OpDefinition.h"

namespace mlir::tritter {

/// The type of a value that an operation reads or gives, in a graph of bf16 products.
enum class Narrowing {
  /// The wide type: sums, norms, the residual stream.
  Wide,
  /// The narrow one: factors of products.
  Narrow,
  /// An operand as it was made (a table as it is stored); a result as the first operand was read.
  AsGiven
};

/// Gives every operation of models its NarrowableOpInterface. `--tritter-precision` needs it for bf16.
void registerNarrowing(DialectRegistry &registry);

} // namespace mlir::tritter

#include "lib/Training/NarrowableInterface.h.inc"

#endif // TRITTER_TRAINING_NARROWING_H
