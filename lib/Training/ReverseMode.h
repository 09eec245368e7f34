#ifndef TRITTER_LIB_TRAINING_REVERSEMODE_H
#define TRITTER_LIB_TRAINING_REVERSEMODE_H

#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace mlir::tritter {

/// Reverse-mode differentiation of one straight-line graph (a program, a block, a chunk): first every operation is
/// followed forward, to know which values depend on something that is trained, then gradients are added from the end.
class ReverseMode {
public:
  /// `trainParameters` is false in a frozen instance, where gradients only pass through.
  explicit ReverseMode(bool trainParameters = true) : trainParameters(trainParameters) {}

  /// Asks for the gradient of a value that the graph begins with.
  void want(Value value) { wanted.insert(value); }
  bool isWanted(Value value) const { return wanted.contains(value); }

  /// Notes what depends on what. Returns the operation that replaces `op`, which saves what its backward needs.
  Operation *follow(Operation *op);

  /// Adds to the gradient of a value; a parameter's goes to `tritter.gradient` at once.
  void add(OpBuilder &builder, Value value, Value gradient);
  /// The gradient of a value, in its type; null where none arrived.
  Value gradient(OpBuilder &builder, Value value) const;

  /// Adds to the gradients of what `op` reads, from those of its results. Fails where `op` has no gradient.
  LogicalResult backward(OpBuilder &builder, Operation *op);

private:
  bool trainParameters;
  DenseSet<Value> wanted;
  /// Sums of several gradients of a bf16 value are in f32.
  DenseMap<Value, Value> gradients;
};

/// Erases what nothing depends on.
void eraseDeadOps(Block &body);

} // namespace mlir::tritter

#endif // TRITTER_LIB_TRAINING_REVERSEMODE_H
