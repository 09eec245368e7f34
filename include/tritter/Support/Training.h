#ifndef TRITTER_SUPPORT_TRAINING_H
#define TRITTER_SUPPORT_TRAINING_H

#include "dialects/Tritter/TritterDialect.h"

namespace mlir::tritter {

/// What the programs of a module train.
struct Training {
  ModelOp model;
  /// Null where the loss is the model's cross entropy.
  ObjectiveOp objective;
  /// The other models that the objective applies: frozen, and of other checkpoints.
  SmallVector<ModelOp> frozen;
};

/// The one model of a module, or what its one objective says. Fails with a diagnostic where neither is clear.
FailureOr<Training> trainingOf(ModuleOp module);

} // namespace mlir::tritter

#endif // TRITTER_SUPPORT_TRAINING_H
