#ifndef TRITTER_TARGET_COMMANDLOWERING_H
#define TRITTER_TARGET_COMMANDLOWERING_H

#include "dialects/Exec/ExecDialect.h"

#include "mlir/IR/Builders.h"

namespace mlir::tritter {

/// Places in slots of a sequence, in the order in which a command takes them.
struct Places {
  SmallVector<Value> slots;
  SmallVector<int64_t> offsets;
};

/// What an operation makes its commands with: the sequence, and the places of its operands and results.
class CommandBuilder {
public:
  virtual ~CommandBuilder() = default;

  /// Stands where the next command goes.
  virtual OpBuilder &builder() = 0;
  /// Adds the place of an operand or a result of the operation.
  virtual void add(Places &places, Value value) = 0;
  /// Adds the place of its scratch memory (`scratchBytes`).
  virtual void addScratch(Places &places) = 0;
  /// Whether the result must be added to what is in its place; only where `canAccumulate` says that it can be.
  virtual bool accumulates(Value result) const = 0;
  /// The parameter whose gradient the result is; empty where it is none or is copied to its place later.
  virtual StringRef gradientPath(Value result) const = 0;

  /// The places of several values.
  Places places(ValueRange values) {
    Places result;
    for (Value value : values)
      add(result, value);
    return result;
  }
};

/// A product for `exec.gemm`: c[m, n] = a[m, k] b[k, n] (+ bias[n]), matrices without gaps between rows.
struct Product {
  Value a;
  bool transposeA = false;
  Value b;
  bool transposeB = false;
  Value c;
  Value bias = {};
  int64_t m = 0, n = 0, k = 0;
  /// What it is for, in the words of the model.
  std::string label = {};
};
/// Adds to `c` where its place must be added to.
void emitProduct(CommandBuilder &commands, Location loc, const Product &product);

/// The path of a weight without its last part: mlp.down. Empty where the weight is no parameter.
std::string moduleOf(Value weight);

/// Gives the operations of the dialect that become commands their CommandLoweringOpInterface. `--tritter-to-exec` needs
/// it.
void registerCommandLowerings(DialectRegistry &registry);

} // namespace mlir::tritter

#include "lib/Target/CommandLoweringInterface.h.inc"

#endif // TRITTER_TARGET_COMMANDLOWERING_H
