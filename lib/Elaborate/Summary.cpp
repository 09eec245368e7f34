// A model's shape, read off its IR.

#include "tritter/Elaborate/Summary.h"

#include "dialects/Tritter/Shapes.h"

#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::tritter;

static RankedTensorType tensor(Value value) { return cast<RankedTensorType>(value.getType()); }

static BlockOp blockOf(LayerOp layer) {
  return SymbolTable::lookupNearestSymbolFrom<BlockOp>(layer, layer.getBlockAttr());
}

void tritter::forEachParameter(ModelOp model,
                               function_ref<void(const std::string &path, ParamOp param, LayerOp layer)> visit) {
  model.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto param = dyn_cast<ParamOp>(op))
      return visit(param.getPath().str(), param, LayerOp());
    if (auto layer = dyn_cast<LayerOp>(op))
      blockOf(layer).walk<WalkOrder::PreOrder>(
          [&](ParamOp param) { visit((layer.getPath() + "." + param.getPath()).str(), param, layer); });
  });
}

/// A table that is only looked up costs no products.
static bool isOnlyLookedUp(ParamOp param) {
  return llvm::all_of(param->getUsers(), [&](Operation *user) {
    return (isa<EmbeddingOp>(user) && user->getOperand(1) == param.getValue()) ||
           (isa<PositionEmbeddingOp>(user) && user->getOperand(1) == param.getValue());
  });
}

static void countParameters(ModelOp model, ModelSummary &summary) {
  // A block is counted once, and added for each of its instances.
  llvm::DenseMap<Operation *, int64_t> blocks;
  model.walk([&](Operation *op) {
    if (auto param = dyn_cast<ParamOp>(op)) {
      int64_t elements = tensor(param.getValue()).getNumElements();
      summary.parameters += elements;
      summary.productParameters += isOnlyLookedUp(param) ? 0 : elements;
    } else if (auto layer = dyn_cast<LayerOp>(op)) {
      BlockOp block = blockOf(layer);
      auto [counted, isNew] = blocks.try_emplace(block, 0);
      if (isNew)
        block.walk([&](ParamOp param) { counted->second += tensor(param.getValue()).getNumElements(); });
      ++summary.layers;
      summary.parameters += counted->second;
      summary.productParameters += counted->second;
    }
  });
}

static void readNorm(Operation *op, ModelSummary &summary) {
  if (auto norm = dyn_cast<RmsNormOp>(op)) {
    summary.norm = NormKind::Rms;
    summary.normEps = norm.getEps().convertToDouble();
  } else if (auto norm = dyn_cast<LayerNormOp>(op)) {
    summary.norm = NormKind::Layer;
    summary.normEps = norm.getEps().convertToDouble();
  }
}

static bool hasBias(Value value) {
  while (auto *op = value.getDefiningOp()) {
    if (auto linear = dyn_cast<LinearOp>(op))
      return bool(linear.getBias());
    if (!isa<SplitHeadsOp, RopeOp, CastOp>(op))
      return false;
    value = op->getOperand(0);
  }
  return false;
}

static void readBlock(BlockOp block, ModelSummary &summary) {
  block.walk([&](Operation *op) {
    readNorm(op, summary);
    if (auto attention = dyn_cast<AttentionOp>(op)) {
      summary.heads = tensor(attention.getQuery()).getDimSize(2);
      summary.headDim = tensor(attention.getQuery()).getDimSize(3);
      summary.kvHeads = tensor(attention.getKey()).getDimSize(2);
      summary.qkvBias = hasBias(attention.getQuery());
    } else if (auto rope = dyn_cast<RopeOp>(op)) {
      summary.ropeTheta = rope.getTheta().convertToDouble();
    } else if (auto activation = dyn_cast<ActivationOp>(op)) {
      summary.activation = activation.getKind();
      summary.intermediate = lastDim(tensor(activation.getResult()));
      summary.gated = llvm::any_of(activation->getUsers(), [](Operation *user) { return isa<MulOp>(user); });
    } else if (auto linear = dyn_cast<LinearOp>(op)) {
      summary.bias = bool(linear.getBias()); // the last one's: the down projection's
    }
  });
}

ModelSummary tritter::summarise(ModelOp model) {
  ModelSummary summary;
  summary.name = model.getSymName().str();
  summary.vocab = lastDim(cast<RankedTensorType>(model.getResultTypes().front()));
  if (auto bound = model->getAttrOfType<IntegerAttr>("max_positions"))
    summary.maxPositions = bound.getInt();
  countParameters(model, summary);

  BlockOp block;
  for (Operation &op : model.getBody().front()) {
    readNorm(&op, summary);
    if (auto embedding = dyn_cast<EmbeddingOp>(op)) {
      summary.hidden = lastDim(tensor(embedding.getTable()));
      summary.tied = llvm::any_of(embedding.getTable().getUsers(), [](Operation *user) { return isa<LinearOp>(user); });
    } else if (auto positions = dyn_cast<PositionEmbeddingOp>(op)) {
      summary.positions = PositionKind::Learned;
      summary.maxPositions = tensor(positions.getTable()).getDimSize(0);
    } else if (auto layer = dyn_cast<LayerOp>(op); layer && !block) {
      block = blockOf(layer);
    }
  }
  if (block)
    readBlock(block, summary);
  return summary;
}

double ModelSummary::flopsPerToken(int64_t sequence) const {
  return 6.0 * double(productParameters) + 6.0 * double(layers) * double(heads * headDim) * double(sequence);
}

llvm::json::Object ModelSummary::toJson(int64_t sequence) const {
  return llvm::json::Object{{"layers", layers},
                            {"hidden", hidden},
                            {"heads", heads},
                            {"kv_heads", kvHeads},
                            {"head_dim", headDim},
                            {"intermediate", intermediate},
                            {"vocab", vocab},
                            {"tied", tied},
                            {"norm", stringifyNormKind(norm)},
                            {"norm_eps", normEps},
                            {"positions", stringifyPositionKind(positions)},
                            {"rope_theta", ropeTheta},
                            {"max_positions", maxPositions},
                            {"activation", stringifyActivationKind(activation)},
                            {"gated", gated},
                            {"qkv_bias", qkvBias},
                            {"bias", bias},
                            {"parameters", parameters},
                            {"flops_per_token", flopsPerToken(sequence)}};
}

std::string tritter::withCommas(int64_t number) {
  std::string text = std::to_string(number);
  for (int64_t place = int64_t(text.size()) - 3; place > (number < 0); place -= 3)
    text.insert(text.begin() + place, ',');
  return text;
}
