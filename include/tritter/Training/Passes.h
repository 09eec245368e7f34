#ifndef TRITTER_TRAINING_PASSES_H
#define TRITTER_TRAINING_PASSES_H

#include "tritter/Support/OptionParsers.h"

#include "mlir/Pass/Pass.h"

#include <memory>

/// Training as rewriting: static shapes, precision, differentiation, the optimizer.
namespace mlir::tritter {

/// The type of activations and of the inputs of products. BF16 keeps sums, norms and the residual stream in f32.
enum class Precision { F32, BF16, F64 };
template <> ArrayRef<Word<Precision>> wordsOf<Precision>();

/// What a backward block computes again instead of reading it.
enum class Recompute {
  /// What only its pointwise operations use, where that saves nothing more.
  None,
  /// The pointwise inputs of its products too.
  Pointwise
};
template <> ArrayRef<Word<Recompute>> wordsOf<Recompute>();

#define GEN_PASS_DECL
#include "lib/Training/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lib/Training/Passes.h.inc"

} // namespace mlir::tritter

#endif // TRITTER_TRAINING_PASSES_H
