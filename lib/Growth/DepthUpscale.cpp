// --tritter-depth-upscale: a deeper model beside a model.

#include "tritter/Elaborate/Summary.h"
#include "tritter/Growth/DeriveModel.h"
#include "tritter/Growth/Passes.h"

#include "llvm/ADT/StringSet.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_DEPTHUPSCALEPASS
#include "lib/Growth/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

/// The parameters of the linear branches of `block`, by path, where its result is its argument plus such branches.
static FailureOr<llvm::StringSet<>> branchEnds(BlockOp block) {
  llvm::StringSet<> ends;
  auto refuse = [&](Operation *op, StringRef why) -> LogicalResult {
    InFlightDiagnostic diagnostic = block.emitError()
                                    << "llama-pro needs a block that is its argument plus linear branches, @"
                                    << block.getSymName() << " is not";
    diagnostic.attachNote(op->getLoc()) << why;
    return diagnostic;
  };
  Operation *end = block.getBody().front().getTerminator();
  Value stream = end->getOperand(0);
  while (stream != block.getBody().getArgument(0)) {
    auto add = stream.getDefiningOp<AddOp>();
    if (!add)
      return refuse(stream.getDefiningOp() ? stream.getDefiningOp() : end, "this stands on the stream");
    auto linear = add.getRhs().getDefiningOp<LinearOp>();
    stream = add.getLhs();
    if (!linear) {
      linear = add.getLhs().getDefiningOp<LinearOp>();
      stream = add.getRhs();
    }
    if (!linear)
      return refuse(add, "neither side ends in tritter.linear");
    for (Value value : {linear.getWeight(), linear.getBias()}) {
      if (!value)
        continue;
      auto param = value.getDefiningOp<ParamOp>();
      if (!param || !value.hasOneUse())
        return refuse(linear, "its weight is no parameter of its own");
      ends.insert(param.getPath());
    }
  }
  return ends;
}

/// Makes a block change nothing: its branches end in zero products.
static LogicalResult silence(BlockOp copy, BlockOp origin) {
  FailureOr<llvm::StringSet<>> ends = branchEnds(origin);
  if (failed(ends))
    return failure();
  copy.walk([&](ParamOp param) {
    if (ends->contains(param.getPath()))
      deriveZero(param);
  });
  return success();
}

FailureOr<ModelOp> mlir::tritter::growDepth(ModelOp base, ArrayRef<PlannedLayer> plan, StringRef name) {
  static constexpr StringLiteral copy = "copy", silent = "new";
  FailureOr<SmallVector<LayerOp>> layers = layerChain(base);
  if (failed(layers))
    return failure();
  ModelChanges changes;
  changes.layers.emplace();
  bool preserves = true;
  std::vector<bool> used(layers->size());
  for (const PlannedLayer &planned : plan) {
    changes.layers->push_back({(*layers)[planned.origin], planned.identity ? silent : copy});
    // A layer used again that adds something, one left out, or one in another place.
    preserves &= planned.identity || !used[planned.origin];
    used[planned.origin] = true;
  }
  changes.block = [&](BlockOp block, BlockOp origin, StringRef variant) {
    return variant == silent ? silence(block, origin) : success();
  };
  growth::Promise promise = preserves ? growth::Promise::Preserves : growth::Promise::None;
  return deriveModel(base, name, promise, changes);
}

namespace {
struct DepthUpscale : mlir::tritter::impl::DepthUpscalePassBase<DepthUpscale> {
  using DepthUpscalePassBase::DepthUpscalePassBase;

  LogicalResult run() {
    FailureOr<ModelOp> found = findModelToGrow(getOperation(), base);
    if (failed(found))
      return failure();
    schema::ModelConfigT before = summarise(*found);
    std::string error;
    auto plan = planDepth(strategy, before.layers, layers,
                          removalLayers ? std::optional<int64_t>(removalLayers) : std::nullopt, error);
    if (!plan)
      return found->emitError(error);
    FailureOr<ModelOp> grown = growDepth(*found, *plan, name);
    if (failed(grown))
      return failure();
    layersAdded += plan->size() - before.layers;
    parametersAdded += summarise(*grown).parameters - before.parameters;
    return success();
  }

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }
};
} // namespace
