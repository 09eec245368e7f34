#ifndef TRITTER_GROWTH_PASSES_H
#define TRITTER_GROWTH_PASSES_H

#include "dialects/Growth/GrowthDialect.h"
#include "tritter/Growth/DepthPlan.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::tritter {

#define GEN_PASS_DECL
#include "lib/Growth/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lib/Growth/Passes.h.inc"

/// Makes the model @`name` (numbered where the module has one) after `base`, with the layers that `plan` says, and the
/// blocks that it needs.
FailureOr<ModelOp> growDepth(ModelOp base, ArrayRef<PlannedLayer> plan, StringRef name);

/// Leaves of `module` its last model as a checkpoint keeps it; returns how many blocks were merged. Fails where the
/// module holds no model.
FailureOr<unsigned> finishGrowth(ModuleOp module);

} // namespace mlir::tritter

#endif // TRITTER_GROWTH_PASSES_H
