// The commands of a graph, once every value has its place.

#include "RegionLowering.h"

#include "dialects/Tritter/Shapes.h"

using namespace mlir;
using namespace mlir::tritter;

static RankedTensorType tensor(Value value) { return cast<RankedTensorType>(value.getType()); }
static Type elementType(Value value) { return tensor(value).getElementType(); }
static int64_t width(Type type) { return type.getIntOrFloatBitWidth() / 8; }

/// The path of a weight without its last part: mlp.down.
static std::string moduleOf(Value weight) {
  auto param = throughReshapes(weight).getDefiningOp<ParamOp>();
  if (!param)
    return "";
  StringRef path = param.getPath();
  return (path.contains('.') ? path.rsplit('.').first : path).str();
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

SlotPlace RegionLowering::placeOf(unsigned buffer) {
  const Buffer &place = buffers_[root(buffer)];
  return place.fixed ? *place.fixed : place.planned;
}

SlotPlace RegionLowering::placeOf(Value value) { return placeOf(bufferOf(value)); }

static std::string slotName(const SlotKey &key) {
  switch (key.kind) {
  case SlotKey::Input:
    return "in" + std::to_string(key.index);
  case SlotKey::Output:
    return "out" + std::to_string(key.index);
  case SlotKey::Capture:
    return "outer";
  case SlotKey::Parameter:
    return key.name;
  case SlotKey::Gradient:
    return "gradient." + key.name;
  case SlotKey::State:
    return key.name + (key.decayed ? ".decayed" : "");
  case SlotKey::Scalar:
    return key.name;
  case SlotKey::Constant:
    return "constant" + std::to_string(key.index);
  case SlotKey::Saved:
    return "saved";
  case SlotKey::Workspace:
    return "workspace";
  }
  llvm_unreachable("unknown kind of slot");
}

/// In a program slots are arenas; in a block or a chunk every key has one of its own.
void RegionLowering::add(Operands &operands, const SlotPlace &place) {
  Block &body = result_.op.getBody().front();
  if (program_) {
    FailureOr<ArenaPlace> resolved = module_.resolve(program_, place.key, program_);
    failed_ |= failed(resolved);
    ArenaPlace arena = succeeded(resolved) ? *resolved : ArenaPlace();
    operands.slots.push_back(body.getArgument(unsigned(arena.arena)));
    operands.offsets.push_back(arena.offset + place.offset);
    return;
  }
  auto found = llvm::find(result_.slots, place.key);
  size_t index = found - result_.slots.begin();
  if (found == result_.slots.end()) {
    result_.slots.push_back(place.key);
    body.addArgument(exec::SlotType::get(builder_.getContext()), result_.op.getLoc());
  }
  operands.slots.push_back(body.getArgument(index));
  operands.offsets.push_back(place.offset);
}

//===----------------------------------------------------------------------===//
// The whole graph
//===----------------------------------------------------------------------===//

LogicalResult RegionLowering::emit() {
  result_.op = module_.createSequence(region_.getLoc(), name_);
  SmallVector<Attribute> names;
  if (program_)
    for (unsigned arena = 0; arena < arenaCount; ++arena) {
      result_.op.getBody().addArgument(exec::SlotType::get(builder_.getContext()), result_.op.getLoc());
      names.push_back(builder_.getStringAttr(arenaName(ArenaId(arena))));
    }
  builder_.setInsertionPointToEnd(&result_.op.getBody().front());
  for (Operation &op : region_.front().without_terminator())
    if (failed(emitOp(&op)))
      return failure();
  for (auto [value, output] : yieldCopies_)
    emitCopy(bytesOf(value.getType()), placeOf(value), {{.kind = SlotKey::Output, .index = output}, 0}, "");
  if (program_ && !touched_.empty())
    emitMissingGradients();
  for (const SlotKey &key : result_.slots)
    names.push_back(builder_.getStringAttr(slotName(key)));
  result_.op.setSlotNamesAttr(builder_.getArrayAttr(names));
  return failure(failed_);
}

LogicalResult RegionLowering::emitOp(Operation *op) {
  if (auto linear = dyn_cast<LinearOp>(op)) {
    int64_t m = rowCount(tensor(linear.getInput()), false);
    int64_t n = tensor(linear.getWeight()).getDimSize(0), k = tensor(linear.getWeight()).getDimSize(1);
    emitGemm(op, linear.getInput(), false, linear.getWeight(), true, linear.getResult(), linear.getBias(), m, n, k,
             moduleOf(linear.getWeight()));
  } else if (auto input = dyn_cast<LinearGradInputOp>(op)) {
    int64_t m = rowCount(tensor(input.getGradient()), false);
    int64_t k = tensor(input.getWeight()).getDimSize(0), n = tensor(input.getWeight()).getDimSize(1);
    emitGemm(op, input.getGradient(), false, input.getWeight(), false, input.getResult(), {}, m, n, k,
             moduleOf(input.getWeight()) + " input gradient");
  } else if (auto weight = dyn_cast<LinearGradWeightOp>(op)) {
    int64_t k = rowCount(tensor(weight.getGradient()), false);
    int64_t m = lastDim(tensor(weight.getGradient())), n = lastDim(tensor(weight.getInput()));
    auto found = gradientOps_.find(op);
    std::string label = "weight gradient";
    if (found != gradientOps_.end())
      label = (found->second.op.getPath().rsplit('.').first + " " + label).str();
    emitGemm(op, weight.getGradient(), true, weight.getInput(), false, weight.getResult(), {}, m, n, k, label);
  } else if (auto launch = dyn_cast<row::LaunchOp>(op)) {
    if (!launch.getInputs().empty())
      emitLaunch(launch);
  } else if (auto attention = dyn_cast<AttentionOp>(op)) {
    emitAttention(attention);
  } else if (auto backward = dyn_cast<AttentionGradOp>(op)) {
    emitAttentionGrad(backward);
  } else if (auto embedding = dyn_cast<EmbeddingGradOp>(op)) {
    emitEmbeddingGrad(embedding);
  } else if (auto gradient = dyn_cast<GradientOp>(op)) {
    emitGradient(gradient);
  } else if (auto state = dyn_cast<SetStateOp>(op)) {
    unsigned target =
        fixedBuffer({.kind = SlotKey::State, .name = state.getKind().str(), .decayed = state.getDecayed()}, 0);
    if (!directStates_.contains(op))
      emitCopy(bytesOf(state.getValue().getType()), placeOf(state.getValue()), placeOf(target), state.getKind());
  } else if (isa<LayerOp, ChunkOp>(op)) {
    return emitCall(op);
  }
  return success();
}

void RegionLowering::emitCopy(int64_t bytes, const SlotPlace &from, const SlotPlace &to, StringRef text) {
  Operands operands;
  add(operands, from);
  add(operands, to);
  exec::CopyOp::create(builder_, result_.op.getLoc(), bytes, operands.slots, offsets(operands), label(text));
}

//===----------------------------------------------------------------------===//
// Products, attention, kernels
//===----------------------------------------------------------------------===//

void RegionLowering::emitGemm(Operation *op, Value a, bool transposeA, Value b, bool transposeB, Value c, Value bias,
                              int64_t m, int64_t n, int64_t k, StringRef text) {
  Operands operands;
  for (Value value : {a, b, c})
    add(operands, placeOf(value));
  if (bias)
    add(operands, placeOf(bias));
  auto found = gradientOps_.find(op);
  bool accumulate = found != gradientOps_.end() && found->second.direct && found->second.add;
  int64_t strides[] = {transposeA ? m : k, transposeB ? k : n, n};
  exec::GemmOp::create(builder_, op->getLoc(), m, n, k, operands.slots[0], operands.slots[1], operands.slots[2],
                       bias ? operands.slots[3] : Value(), operands.offsets, strides, transposeA, transposeB,
                       elementType(a), elementType(c), bias ? TypeAttr::get(elementType(bias)) : TypeAttr(), accumulate,
                       label(text));
}

void RegionLowering::emitLaunch(row::LaunchOp launch) {
  row::KernelOp kernel = module_.kernelOf(launch);
  Operands operands;
  auto addView = [&](unsigned view, Value value) {
    SlotPlace place = placeOf(value);
    Type type = cast<TypeAttr>(kernel.getTypes()[view]).getValue();
    place.offset += cast<row::ViewAttr>(kernel.getViews()[view]).getOffset() * width(type);
    add(operands, place);
  };
  unsigned inputs = launch.getInputs().size();
  for (unsigned i = 0; i < inputs; ++i)
    addView(i, launch.getInputs()[i]);
  for (auto [index, result] : llvm::enumerate(kernel.getOutputs()))
    addView(inputs + index, launch->getResult(result));
  IntegerAttr blocks = launch.getBlocks() ? builder_.getI64IntegerAttr(launch.getBlocks()) : IntegerAttr();
  exec::LaunchOp::create(builder_, launch.getLoc(), kernel.getSymName(), launch.getRows(), blocks, operands.slots,
                         offsets(operands), StringAttr());
}

/// The width of a row of heads: tokens are that many elements apart.
static int64_t rowWidth(Value heads) { return tensor(heads).getDimSize(2) * tensor(heads).getDimSize(3); }

void RegionLowering::emitAttention(AttentionOp op) {
  Operands operands;
  SmallVector<int64_t> strides;
  for (Value value : {op.getQuery(), op.getKey(), op.getValue(), op.getResult()}) {
    add(operands, placeOf(value));
    strides.push_back(rowWidth(value));
  }
  add(operands, op.getLogSumExp() ? placeOf(op.getLogSumExp()) : placeOf(scratch_.at(op)));
  RankedTensorType query = tensor(op.getQuery());
  exec::AttentionOp::create(builder_, op.getLoc(), operands.slots, operands.offsets, strides, query.getDimSize(0),
                            query.getDimSize(1), query.getDimSize(2), tensor(op.getKey()).getDimSize(2),
                            query.getDimSize(3), APFloat(op.getScoreScale()), query.getElementType(), label("attn"));
}

void RegionLowering::emitAttentionGrad(AttentionGradOp op) {
  Operands operands;
  SmallVector<int64_t> strides;
  for (Value value : {op.getQuery(), op.getKey(), op.getValue(), op.getOutput(), op.getLogSumExp(), op.getGradient(),
                      op.getQueryGradient(), op.getKeyGradient(), op.getValueGradient()}) {
    add(operands, placeOf(value));
    if (value != op.getLogSumExp())
      strides.push_back(rowWidth(value));
  }
  RankedTensorType query = tensor(op.getQuery());
  exec::AttentionBackwardOp::create(builder_, op.getLoc(), operands.slots, operands.offsets, strides,
                                    query.getDimSize(0), query.getDimSize(1), query.getDimSize(2),
                                    tensor(op.getKey()).getDimSize(2), query.getDimSize(3), APFloat(op.getScoreScale()),
                                    query.getElementType(), label("attn"));
}

void RegionLowering::emitEmbeddingGrad(EmbeddingGradOp op) {
  RankedTensorType table = tensor(op.getResult());
  auto found = gradientOps_.find(op);
  bool accumulate = found != gradientOps_.end() && found->second.direct && found->second.add;
  if (!accumulate) {
    Operands target;
    add(target, placeOf(op.getResult()));
    exec::FillOp::create(builder_, op.getLoc(), bytesOf(table), target.slots, offsets(target), label("embed"));
  }
  Operands operands;
  for (Value value : {op.getTokens(), op.getGradient(), op.getResult()})
    add(operands, placeOf(value));
  exec::ScatterAddOp::create(builder_, op.getLoc(), rowCount(tensor(op.getTokens()), true), table.getDimSize(1),
                             table.getDimSize(0), elementType(op.getGradient()), table.getElementType(), operands.slots,
                             offsets(operands), label("embed"));
}

//===----------------------------------------------------------------------===//
// Gradients
//===----------------------------------------------------------------------===//

void RegionLowering::emitGradient(GradientOp op) {
  const Gradient &gradient = gradientOps_.at(op);
  if (gradient.direct)
    return;
  SlotPlace from = placeOf(op.getValue()), to{{.kind = SlotKey::Gradient, .name = op.getPath().str()}, 0};
  RankedTensorType type = tensor(op.getValue());
  if (!gradient.add)
    return emitCopy(bytesOf(type), from, to, op.getPath());
  int64_t columns = lastDim(type);
  Operands operands;
  for (const SlotPlace &place : {to, from, to})
    add(operands, place);
  exec::LaunchOp::create(builder_, op.getLoc(), module_.accumulateKernel(columns, type.getElementType()),
                         type.getNumElements() / columns, IntegerAttr(), operands.slots, offsets(operands),
                         label(op.getPath()));
}

/// Gradients that nothing reaches are zero; the optimizer reads them all.
void RegionLowering::emitMissingGradients() {
  for (const LayoutParameter &parameter : module_.layout().parameters()) {
    if (!parameter.trainable || reached_.contains(parameter.path))
      continue;
    Type type = module_.layout().masterType(parameter.group);
    Operands operands;
    add(operands, {{.kind = SlotKey::Gradient, .name = parameter.path}, 0});
    exec::FillOp::create(builder_, result_.op.getLoc(), parameter.elements() * width(type), operands.slots,
                         offsets(operands), label(parameter.path));
  }
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

LogicalResult RegionLowering::emitCall(Operation *op) {
  auto layer = dyn_cast<LayerOp>(op);
  auto chunk = dyn_cast<ChunkOp>(op);
  std::string prefix = layer ? (layer.getPath() + ".").str() : "";
  ArrayRef<LoweredSequence *> callees = callees_[op];

  int64_t chunks = chunk ? chunkCount(chunk) : 1;
  for (int64_t index = 0; index < chunks; ++index) {
    LoweredSequence *callee = callees[index == 0 ? 0 : callees.size() - 1];
    Operands operands;
    for (const SlotKey &key : callee->slots) {
      switch (key.kind) {
      case SlotKey::Input:
      case SlotKey::Output: {
        Value value = key.kind == SlotKey::Input ? op->getOperand(key.index) : Value(op->getResult(key.index));
        SlotPlace place = placeOf(value);
        place.offset += index * (bytesOf(value.getType()) / chunks);
        add(operands, place);
        break;
      }
      case SlotKey::Capture:
        add(operands, placeOf(key.capture));
        break;
      case SlotKey::Parameter:
      case SlotKey::Gradient: {
        SlotKey whole = key;
        whole.name = prefix + key.name;
        add(operands, {whole, 0});
        break;
      }
      case SlotKey::Workspace:
        add(operands, placeOf(scratch_.at(op)));
        break;
      default:
        add(operands, {key, 0});
        break;
      }
    }
    exec::CallOp::create(builder_, op->getLoc(), callee->op.getSymName(), operands.slots, offsets(operands),
                         label(layer ? layer.getPath() : "head"));
  }
  return success();
}
