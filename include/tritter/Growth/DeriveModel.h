#ifndef TRITTER_GROWTH_DERIVEMODEL_H
#define TRITTER_GROWTH_DERIVEMODEL_H

#include "dialects/Growth/GrowthDialect.h"

#include "mlir/IR/Builders.h"

#include <functional>

/// What every growth pass begins with: a second model whose parameters derive from the first one's.
namespace mlir::tritter {

/// A layer of the grown model.
struct GrownLayer {
  /// The base's layer that its parameters derive from.
  LayerOp origin;
  /// Copies of one block in one variant share a block. Names it: `llama` gives `llama_copy`, `llama_new`.
  StringRef variant = "copy";
};

/// What a growth changes. Whatever is left out stays as the base has it.
struct ModelChanges {
  /// The layers of the grown model, which take the place of the base's. Asks for a base whose layers are one chain.
  std::optional<SmallVector<GrownLayer>> layers;
  /// Called once for each block and variant that the grown model needs, with a copy whose parameters derive from those
  /// of the same path, unchanged, before a layer is made of it. Where it changes what the block takes or gives, it
  /// changes the type of the block too.
  std::function<LogicalResult(BlockOp copy, BlockOp origin, StringRef variant)> block;
  /// Called with the whole model, once it stands.
  std::function<LogicalResult(ModelOp grown)> model;
};

/// Makes the model @`name` (numbered where the module has one) after `base`, with the blocks that it needs. Every
/// parameter derives from the base's of the same path; layers name the base's that they come from, and are numbered
/// anew. `promise` is what the growth says that it preserves, which `--tritter-verify-growth` holds it to. On failure
/// emits diagnostics and leaves the module without the new model.
FailureOr<ModelOp> deriveModel(ModelOp base, StringRef name, growth::Promise promise, const ModelChanges &changes);

/// Has `param` derive from what `build` makes of the tensor that it derived from before, or that it is a copy of.
void derive(ParamOp param, function_ref<Value(OpBuilder &builder, Location loc)> build);
/// Zero everywhere.
void deriveZero(ParamOp param);

/// The layers of a model, where each takes what the one before it gives and nothing else reads that; else a diagnostic
/// says where the chain breaks.
FailureOr<SmallVector<LayerOp>> layerChain(ModelOp model);

/// The model that a growth pass grows: the one called `name`, or the last of the module where that is empty.
FailureOr<ModelOp> findModelToGrow(ModuleOp module, StringRef name);

} // namespace mlir::tritter

#endif // TRITTER_GROWTH_DERIVEMODEL_H
