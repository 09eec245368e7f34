#ifndef TRITTER_DERIVATION_ORIGINS_H
#define TRITTER_DERIVATION_ORIGINS_H

#include "tritter/Derivation/Derivation.h"

namespace mlir::growth {

/// Where a layer of a grown model comes from.
struct LayerOrigin {
  tritter::LayerOp layer;
  /// The base's layer that its parameters are made of; null where they are made of none, or of several.
  tritter::LayerOp origin;
  /// Whether it is one layer more: made of none, or of one that another layer of the grown model stands for: of all
  /// that are made of it the one with the most parameters of the base's, the first of several.
  bool isNew = false;
};

/// What a grown model has more than its base, read off the derivations alone, whatever pass or hand made them. Holds
/// for derivations in normal form, over the base itself (`--growth-normalise`).
class GrowthOrigins {
public:
  /// Fails, with a diagnostic, where a derivation has no normal form.
  static FailureOr<GrowthOrigins> get(tritter::ModelOp base, tritter::ModelOp grown);

  ArrayRef<LayerOrigin> getLayers() const { return layers; }
  /// Null where the layer is not the grown model's.
  const LayerOrigin *find(tritter::LayerOp layer) const;
  /// Whether nothing of the base's goes into a parameter of the grown model or of one of its blocks.
  bool isFresh(tritter::ParamOp param) const { return fresh.contains(param); }
  /// Whether it is zero everywhere.
  bool isZero(tritter::ParamOp param) const { return zero.contains(param); }

private:
  LogicalResult read(tritter::ParamOp param);
  tritter::LayerOp originOf(tritter::LayerOp layer, tritter::BlockOp block,
                            const llvm::StringMap<tritter::LayerOp> &baseLayers) const;

  SmallVector<LayerOrigin> layers;
  llvm::DenseSet<Operation *> fresh, zero;
};

/// The number that the next growth of a model has: one more than any `added` in it.
int64_t nextGrowth(tritter::ModelOp model);

} // namespace mlir::growth

#endif // TRITTER_DERIVATION_ORIGINS_H
