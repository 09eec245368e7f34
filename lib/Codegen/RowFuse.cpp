// --row-fuse: greedy, in the order of the block, so that it is the same every time.

#include "lib/Codegen/Fusion.h"
#include "tritter/Codegen/Passes.h"

using namespace mlir;
using namespace mlir::row;

namespace mlir::tritter {
#define GEN_PASS_DEF_ROWFUSEPASS
#include "lib/Codegen/Passes.h.inc"
} // namespace mlir::tritter

namespace {
struct RowFuse : tritter::impl::RowFusePassBase<RowFuse> {
  using RowFusePassBase::RowFusePassBase;

  void runOnOperation() override {
    SmallVector<Block *> blocks;
    getOperation().walk([&](GenericOp generic) {
      if (!llvm::is_contained(blocks, generic->getBlock()))
        blocks.push_back(generic->getBlock());
    });
    for (Block *block : blocks) {
      eraseUnused(*block);
      while (fuseProducer(*block))
        ++producers;
      while (fuseSibling(*block))
        ++siblings;
      for (auto generic : llvm::make_early_inc_range(block->getOps<GenericOp>()))
        dropUnusedResults(generic);
    }
  }

private:
  static void eraseUnused(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isa<GenericOp>(op) && op.use_empty())
        op.erase();
  }

  /// One fusion with a producer, the first there is.
  static bool fuseProducer(Block &block) {
    for (auto consumer : block.getOps<GenericOp>())
      for (Value input : consumer.getInputs()) {
        auto producer = input.getDefiningOp<GenericOp>();
        Operation *place = producer ? placeFor(producer, consumer) : nullptr;
        if (place && (fuseInOneSpace(producer, consumer, place) || fuseIntoViews(producer, consumer, place) ||
                      fuseIntoStores(producer, consumer, place)))
          return true;
      }
    return false;
  }

  static bool fuseSibling(Block &block) {
    SmallVector<GenericOp> generics(block.getOps<GenericOp>());
    for (auto [number, first] : llvm::enumerate(generics))
      for (GenericOp second : llvm::drop_begin(generics, number + 1)) {
        if (reads(second, first))
          continue;
        Operation *place = placeFor(first, second);
        if (place && fuseSiblings(first, second, place))
          return true;
      }
    return false;
  }

  static bool reads(GenericOp second, GenericOp first) {
    return llvm::any_of(second.getInputs(), [&](Value input) { return input.getDefiningOp() == first; });
  }
};
} // namespace
