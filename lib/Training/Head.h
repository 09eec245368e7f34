#ifndef TRITTER_LIB_TRAINING_HEAD_H
#define TRITTER_LIB_TRAINING_HEAD_H

#include "ReverseMode.h"

namespace mlir::tritter {

/// The end of a model, from after its last norm to the logits, and the loss of each row: what runs in chunks of rows.
class Head {
public:
  /// Of a program's logits [B, T, V], which nothing uses yet.
  explicit Head(Value logits);

  /// Replaces the end of the program by a chunk of at most `mostRows` rows; returns the losses [B, T]. With `reverse`,
  /// which has followed the program, the chunk gives gradients to its parameters, and those of its inputs are added.
  FailureOr<Value> build(OpBuilder &builder, Value targets, int64_t mostRows, ReverseMode *reverse);

private:
  bool canChunk(Operation &op) const;
  void trim();

  Value logits;
  /// In program order, without parameters.
  SmallVector<Operation *> ops;
};

} // namespace mlir::tritter

#endif // TRITTER_LIB_TRAINING_HEAD_H
