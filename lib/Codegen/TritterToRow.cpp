// --tritter-to-row: one lowering for each operation; the order of operations stays.

#include "lib/Codegen/Lowerings.h"
#include "tritter/Codegen/Passes.h"

using namespace mlir;
using namespace mlir::tritter;

namespace mlir::tritter {
#define GEN_PASS_DEF_TRITTERTOROWPASS
#include "lib/Codegen/Passes.h.inc"
} // namespace mlir::tritter

/// Nothing where the operation stays.
static std::optional<Values> lower(OpBuilder &builder, Operation *op) {
  using Result = std::optional<Values>;
  return TypeSwitch<Operation *, Result>(op)
      .Case<AddOp, MulOp, CastOp, ActivationOp, ActivationGradOp>([&](auto o) { return lowerPointwise(builder, o); })
      .Case([&](EmbeddingOp o) { return lowerEmbedding(builder, o); })
      .Case([&](PositionEmbeddingOp o) { return lowerPositionEmbedding(builder, o); })
      .Case([&](PositionEmbeddingGradOp o) { return lowerPositionEmbeddingGrad(builder, o); })
      .Case([&](RopeOp o) { return lowerRope(builder, o); })
      .Case([&](RmsNormOp o) { return lowerRmsNorm(builder, o); })
      .Case([&](RmsNormGradOp o) { return lowerRmsNormGrad(builder, o); })
      .Case([&](LayerNormOp o) { return lowerLayerNorm(builder, o); })
      .Case([&](LayerNormGradOp o) { return lowerLayerNormGrad(builder, o); })
      .Case([&](SumRowsOp o) { return lowerSumRows(builder, o); })
      .Case([&](CrossEntropyOp o) { return lowerCrossEntropy(builder, o); })
      .Case([&](CrossEntropyGradOp o) { return lowerCrossEntropyGrad(builder, o); })
      .Case([&](MeanOp o) { return lowerMean(builder, o); })
      .Case([&](SumOfSquaresOp o) { return lowerSumOfSquares(builder, o); })
      .Case([&](ClipOp o) { return lowerClip(builder, o); })
      .Case([&](AdamWOp o) { return lowerAdamW(builder, o); })
      .Default([](Operation *) { return Result(); });
}

/// Sums have a static shape whatever they sum, so operands count too.
static bool hasDynamicShape(Operation *op) {
  auto isDynamic = [](Type type) { return !cast<RankedTensorType>(type).hasStaticShape(); };
  return llvm::any_of(op->getResultTypes(), isDynamic) || llvm::any_of(op->getOperandTypes(), isDynamic);
}

namespace {
struct TritterToRow : tritter::impl::TritterToRowPassBase<TritterToRow> {
  using TritterToRowPassBase::TritterToRowPassBase;

  void runOnOperation() override {
    SmallVector<Operation *> work;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<ModelOp>(op))
        return WalkResult::skip();
      if (isa<TritterDialect>(op->getDialect()))
        work.push_back(op);
      return WalkResult::advance();
    });
    OpBuilder builder(&getContext());
    for (Operation *op : work) {
      if (op->getNumResults() == 0)
        continue;
      builder.setInsertionPoint(op);
      // Kernels need their sizes; a model's blocks before --tritter-specialize have none.
      if (isa<BlockOp>(op->getParentOp()) && hasDynamicShape(op))
        continue;
      if (hasDynamicShape(op)) {
        op->emitOpError() << "needs a static shape to become a kernel; run --tritter-specialize first";
        return signalPassFailure();
      }
      std::optional<Values> values = lower(builder, op);
      if (!values)
        continue;
      op->replaceAllUsesWith(*values);
      op->erase();
    }
    eraseUnusedReshapes();
    getOperation().walk([&](row::GenericOp) { ++kernels; });
  }

  /// Kernels look through reshapes, so many are used no more.
  void eraseUnusedReshapes() {
    SmallVector<Operation *> unused;
    getOperation().walk([&](Operation *op) {
      if (isa<SplitHeadsOp, MergeHeadsOp>(op) && op->use_empty())
        unused.push_back(op);
    });
    for (Operation *op : unused)
      op->erase();
  }
};
} // namespace
