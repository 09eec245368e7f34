// What a model is, read off its IR.

#include "tritter/Elaborate/Summary.h"

#include "dialects/Tritter/Shapes.h"

#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::tritter;

static RankedTensorType tensor(Value value) { return cast<RankedTensorType>(value.getType()); }

static auto fields(const schema::AttentionConfigT &attention) {
  return std::tie(attention.heads, attention.kv_heads, attention.head_dim, attention.rope_theta, attention.qkv_bias,
                  attention.output_bias);
}
static auto fields(const schema::MlpConfigT &mlp) {
  return std::tie(mlp.intermediate, mlp.activation, mlp.gated, mlp.bias);
}
static auto fields(const schema::NormConfigT &norm) { return std::tie(norm.kind, norm.eps); }

/// Adds what `list` does not hold yet.
template <typename T> static void addOnce(std::vector<std::unique_ptr<T>> &list, const T &element) {
  if (llvm::none_of(list, [&](const std::unique_ptr<T> &other) { return fields(*other) == fields(element); }))
    list.push_back(std::make_unique<T>(element));
}

/// The product whose result `value` is, but for what is done to its elements on the way; null where there is none.
static LinearOp productBefore(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (auto linear = dyn_cast<LinearOp>(op))
      return linear;
    if (op->getNumOperands() == 0)
      break;
    value = op->getOperand(0);
  }
  return {};
}

/// The product that `value` goes into, but for what is done to its elements on the way; null where there is none.
static LinearOp productAfter(Value value) {
  while (value.hasOneUse()) {
    Operation *user = *value.user_begin();
    if (auto linear = dyn_cast<LinearOp>(user))
      return linear;
    if (user->getNumResults() == 0)
      break;
    value = user->getResult(0);
  }
  return {};
}

static bool hasBias(LinearOp linear) { return linear && linear.getBias(); }

static schema::AttentionConfigT describe(AttentionOp op) {
  schema::AttentionConfigT attention;
  attention.heads = uint64_t(tensor(op.getQuery()).getDimSize(2));
  attention.kv_heads = uint64_t(tensor(op.getKey()).getDimSize(2));
  attention.head_dim = uint64_t(tensor(op.getQuery()).getDimSize(3));
  Operation *before = op.getQuery().getDefiningOp();
  while (before && !isa<LinearOp>(before) && before->getNumOperands() > 0) {
    if (auto rope = dyn_cast<RopeOp>(before))
      attention.rope_theta = rope.getTheta().convertToDouble();
    before = before->getOperand(0).getDefiningOp();
  }
  attention.qkv_bias = llvm::all_of(ValueRange{op.getQuery(), op.getKey(), op.getValue()},
                                    [](Value value) { return hasBias(productBefore(value)); });
  attention.output_bias = hasBias(productAfter(op.getResult()));
  return attention;
}

static schema::MlpConfigT describe(ActivationOp op) {
  schema::MlpConfigT mlp;
  mlp.intermediate = uint64_t(lastDim(tensor(op.getResult())));
  mlp.activation = stringifyActivationKind(op.getKind()).str();
  mlp.gated = llvm::any_of(op->getUsers(), [](Operation *user) { return isa<MulOp>(user); });
  mlp.bias = hasBias(productBefore(op.getInput())) && hasBias(productAfter(op.getResult()));
  return mlp;
}

static void addNorm(Operation *op, std::vector<std::unique_ptr<schema::NormConfigT>> &norms) {
  schema::NormConfigT norm;
  if (auto rms = dyn_cast<RmsNormOp>(op)) {
    norm.kind = stringifyNormKind(NormKind::Rms).str();
    norm.eps = rms.getEps().convertToDouble();
  } else if (auto layer = dyn_cast<LayerNormOp>(op)) {
    norm.kind = stringifyNormKind(NormKind::Layer).str();
    norm.eps = layer.getEps().convertToDouble();
  } else {
    return;
  }
  addOnce(norms, norm);
}

static uint64_t countParameters(Operation *block) {
  uint64_t count = 0;
  block->walk([&](ParamOp param) { count += uint64_t(tensor(param.getValue()).getNumElements()); });
  return count;
}

static std::unique_ptr<schema::BlockConfigT> describe(BlockOp block) {
  auto config = std::make_unique<schema::BlockConfigT>();
  config->name = block.getSymName().str();
  block.walk<WalkOrder::PreOrder>([&](Operation *op) {
    addNorm(op, config->norms);
    if (auto attention = dyn_cast<AttentionOp>(op))
      addOnce(config->attention, describe(attention));
    else if (auto activation = dyn_cast<ActivationOp>(op))
      addOnce(config->mlp, describe(activation));
  });
  return config;
}

schema::ModelConfigT mlir::tritter::summarise(ModelOp model) {
  schema::ModelConfigT config;
  config.vocab = uint64_t(lastDim(cast<RankedTensorType>(model.getResultTypes().front())));
  if (auto bound = model->getAttrOfType<IntegerAttr>("max_positions"))
    config.max_positions = uint64_t(bound.getInt());
  /// What every block is, and how many parameters each of its layers has.
  llvm::DenseMap<Operation *, std::pair<schema::BlockConfigT *, uint64_t>> blocks;
  config.parameters = countParameters(model);
  model.walk<WalkOrder::PreOrder>([&](Operation *op) {
    addNorm(op, config.norms);
    if (auto embedding = dyn_cast<EmbeddingOp>(op)) {
      config.hidden = uint64_t(lastDim(tensor(embedding.getTable())));
      config.tied = llvm::any_of(embedding.getTable().getUsers(), [](Operation *user) { return isa<LinearOp>(user); });
    } else if (auto positions = dyn_cast<PositionEmbeddingOp>(op)) {
      config.positions = stringifyPositionKind(PositionKind::Learned).str();
      config.max_positions = uint64_t(tensor(positions.getTable()).getDimSize(0));
    } else if (auto layer = dyn_cast<LayerOp>(op)) {
      auto block = SymbolTable::lookupNearestSymbolFrom<BlockOp>(layer, layer.getBlockAttr());
      auto [known, isNew] = blocks.try_emplace(block);
      auto &[blockConfig, parameters] = known->second;
      if (isNew) {
        config.blocks.push_back(describe(block));
        blockConfig = config.blocks.back().get();
        parameters = countParameters(block);
      }
      ++config.layers;
      ++blockConfig->layers;
      config.parameters += parameters;
    }
  });
  for (const std::unique_ptr<schema::BlockConfigT> &block : config.blocks)
    for (const std::unique_ptr<schema::AttentionConfigT> &attention : block->attention)
      if (config.positions.empty() && attention->rope_theta > 0)
        config.positions = stringifyPositionKind(PositionKind::Rope).str();
  return config;
}

std::string mlir::tritter::withCommas(int64_t number) {
  std::string text = std::to_string(number);
  for (int64_t place = int64_t(text.size()) - 3; place > (number < 0); place -= 3)
    text.insert(text.begin() + place, ',');
  return text;
}
