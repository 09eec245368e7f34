#ifndef TRITTER_LIB_TRAINING_BLOCKGRADIENTS_H
#define TRITTER_LIB_TRAINING_BLOCKGRADIENTS_H

#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Training/Passes.h"

#include "llvm/ADT/BitVector.h"

#include <map>

namespace mlir::tritter {

/// How the instances of a block are differentiated.
struct BlockUse {
  /// Whether the block's own parameters get gradients.
  bool train;
  /// Inputs whose gradient is wanted, results whose gradient is given.
  SmallVector<bool> inputs, results;

  friend bool operator<(const BlockUse &a, const BlockUse &b) {
    return std::tie(a.train, a.inputs, a.results) < std::tie(b.train, b.inputs, b.results);
  }
};

/// A block differentiated for one use.
struct BlockGradients {
  /// Yields what the block yields, then what is saved.
  BlockOp forward;
  /// Takes the gradients of `BlockUse::results`, then `operands`; yields the gradients of the inputs in `inputs`.
  BlockOp backward;

  struct Operand {
    /// An input of the instance, else a result of its forward block.
    bool isInput;
    unsigned index;
  };
  SmallVector<Operand> operands;
  SmallVector<unsigned> inputs;
};

/// Differentiates every block once for each use, beside the block.
class BlockDifferentiator {
public:
  BlockDifferentiator(SymbolTable &symbols, Recompute recompute) : symbols(symbols), recompute(recompute) {}

  /// The same object for the same arguments; lives as long as this does. Null after an error.
  const BlockGradients *get(BlockOp block, const BlockUse &use);

  unsigned variantCount() const { return variants.size(); }
  unsigned savedCount() const { return saved; }

private:
  LogicalResult build(BlockOp block, const BlockUse &use, BlockGradients &gradients);

  SymbolTable &symbols;
  Recompute recompute;
  std::map<std::pair<Operation *, BlockUse>, BlockGradients> variants;
  unsigned saved = 0;
};

} // namespace mlir::tritter

#endif // TRITTER_LIB_TRAINING_BLOCKGRADIENTS_H
