#ifndef TRITTER_LIB_TRAINING_HEAD_H
#define TRITTER_LIB_TRAINING_HEAD_H

#include "ReverseMode.h"

namespace mlir::tritter {

/// A tensor whose mean, times a weight, is a part of the loss.
struct Losses {
  Value values;
  double weight = 1;
};

/// The end of a program, from after the last norm of its models to the losses: what runs in chunks of rows, a row being
/// a token. Losses that no row-wise operation makes, or that are made before the last product, are outside of it.
class Head {
public:
  /// `rows` has the shape of tokens. Nothing uses the losses yet.
  Head(ArrayRef<Losses> losses, RankedTensorType rows);

  /// Replaces the end of the program by a chunk of at most `mostRows` rows; returns the losses, each as it was. With
  /// `reverse`, which has followed the program, the chunk gives gradients to its parameters, and those of its inputs
  /// are added, as are those of losses outside of it.
  FailureOr<SmallVector<Value>> build(OpBuilder &builder, int64_t mostRows, ReverseMode *reverse);

private:
  bool isRows(Value value) const;
  bool isInside(Operation *op) const { return op && llvm::is_contained(ops, op); }
  bool isEnd(Operation &op) const;
  bool canChunk(Operation &op) const;
  void trim();
  /// Adds the gradient of the mean of a loss, as it is in the program or in the chunk.
  void seed(OpBuilder &builder, const Losses &loss, Value values, ReverseMode &reverse) const;

  SmallVector<Losses> losses;
  RankedTensorType rows;
  /// In program order, without parameters.
  SmallVector<Operation *> ops;
};

} // namespace mlir::tritter

#endif // TRITTER_LIB_TRAINING_HEAD_H
