// --tritter-to-row: one lowering for each operation; the order of operations stays.

#include "lib/Codegen/Lowerings.h"
#include "tritter/Codegen/Passes.h"

using namespace mlir;
using namespace mlir::tritter;

namespace mlir::tritter {
#define GEN_PASS_DEF_TRITTERTOROWPASS
#include "lib/Codegen/Passes.h.inc"
} // namespace mlir::tritter

#include "lib/Codegen/RowLowerableInterface.cpp.inc"

void tritter::registerRowLowerings(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TritterDialect *) {
    attachPointwiseLowerings(*context);
    attachPositionLowerings(*context);
    attachNormLowerings(*context);
    attachTrainingLowerings(*context);
  });
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
    SmallVector<row::RowLowerableOpInterface> work;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<ModelOp>(op))
        return WalkResult::skip();
      if (auto lowerable = dyn_cast<row::RowLowerableOpInterface>(op))
        work.push_back(lowerable);
      return WalkResult::advance();
    });
    OpBuilder builder(&getContext());
    for (row::RowLowerableOpInterface op : work) {
      builder.setInsertionPoint(op);
      // Kernels need their sizes; a model's blocks before --tritter-specialize have none.
      if (isa<BlockOp>(op->getParentOp()) && hasDynamicShape(op))
        continue;
      if (hasDynamicShape(op)) {
        op->emitOpError() << "needs a static shape to become a kernel; run --tritter-specialize first";
        return signalPassFailure();
      }
      op->replaceAllUsesWith(op.lowerToRow(builder));
      op->erase();
    }
    eraseUnusedReshapes();
    getOperation().walk([&](row::GenericOp) { ++kernels; });
  }

  /// Kernels look through reshapes, so many are used no more.
  void eraseUnusedReshapes() {
    SmallVector<Operation *> unused;
    getOperation().walk([&](Operation *op) {
      if (op->hasTrait<OpTrait::Reshape>() && op->use_empty())
        unused.push_back(op);
    });
    for (Operation *op : unused)
      op->erase();
  }
};
} // namespace
