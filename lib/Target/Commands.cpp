// The commands of a graph, once every value has its place.

#include "RegionLowering.h"

#include "dialects/Tritter/Shapes.h"

using namespace mlir;
using namespace mlir::tritter;

static int64_t width(Type type) { return type.getIntOrFloatBitWidth() / 8; }

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

SlotPlace RegionLowering::placeOf(unsigned buffer) {
  const Buffer &place = buffers[root(buffer)];
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
    return (key.model ? key.model.getValue().str() + "." : "") + key.name;
  case SlotKey::Gradient:
    return "gradient." + key.name;
  case SlotKey::State:
    return key.name + "." + key.group;
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
void RegionLowering::add(Places &operands, const SlotPlace &place) {
  Block &body = sequence.op.getBody().front();
  if (program) {
    FailureOr<ArenaPlace> resolved = module.resolve(program, place.key, program);
    isUnresolved |= failed(resolved);
    ArenaPlace arena = succeeded(resolved) ? *resolved : ArenaPlace();
    operands.slots.push_back(body.getArgument(unsigned(arena.arena)));
    operands.offsets.push_back(arena.offset + place.offset);
    return;
  }
  auto found = llvm::find(sequence.slots, place.key);
  size_t index = found - sequence.slots.begin();
  if (found == sequence.slots.end()) {
    sequence.slots.push_back(place.key);
    body.addArgument(exec::SlotType::get(opBuilder.getContext()), sequence.op.getLoc());
  }
  operands.slots.push_back(body.getArgument(index));
  operands.offsets.push_back(place.offset);
}

//===----------------------------------------------------------------------===//
// The whole graph
//===----------------------------------------------------------------------===//

LogicalResult RegionLowering::emit() {
  sequence.op = module.createSequence(region.getLoc(), name);
  SmallVector<Attribute> names;
  if (program)
    for (unsigned arena = 0; arena < arenaCount; ++arena) {
      sequence.op.getBody().addArgument(exec::SlotType::get(opBuilder.getContext()), sequence.op.getLoc());
      names.push_back(opBuilder.getStringAttr(arenaName(ArenaId(arena))));
    }
  opBuilder.setInsertionPointToEnd(&sequence.op.getBody().front());
  for (Operation &op : region.front().without_terminator())
    if (failed(emitOp(&op)))
      return failure();
  for (auto [value, output] : yieldCopies) {
    SlotPlace to{{.kind = SlotKey::Output, .index = output}, 0};
    if (addsResults)
      emitAddition(tensorType(value), placeOf(value), to, "");
    else
      emitCopy(bytesOf(value.getType()), placeOf(value), to, "");
  }
  if (program && !touched.empty())
    emitMissingGradients();
  for (const SlotKey &key : sequence.slots)
    names.push_back(opBuilder.getStringAttr(slotName(key)));
  sequence.op.setSlotNamesAttr(opBuilder.getArrayAttr(names));
  return failure(isUnresolved);
}

LogicalResult RegionLowering::emitOp(Operation *op) {
  current = op;
  if (auto lowering = dyn_cast<CommandLoweringOpInterface>(op))
    return lowering.lowerToCommands(*this);
  if (isa<LayerOp, ChunkOp>(op))
    return emitCall(op);
  if (auto launch = dyn_cast<row::LaunchOp>(op); launch && !launch.getInputs().empty()) {
    emitLaunch(launch);
  } else if (auto gradient = dyn_cast<GradientOp>(op)) {
    emitGradient(gradient);
  } else if (auto state = dyn_cast<SetStateOp>(op)) {
    unsigned target =
        fixedBuffer({.kind = SlotKey::State, .name = state.getKind().str(), .group = state.getGroup().str()}, 0);
    if (!directStates.contains(op))
      emitCopy(bytesOf(state.getValue().getType()), placeOf(state.getValue()), placeOf(target), state.getKind());
  }
  return success();
}

bool RegionLowering::accumulates(Value result) const {
  auto found = directGradients.find(result);
  return found != directGradients.end() && found->second.add;
}

StringRef RegionLowering::gradientPath(Value result) const {
  auto found = directGradients.find(result);
  return found == directGradients.end() ? StringRef() : GradientOp(found->second.op).getPath();
}

void RegionLowering::emitCopy(int64_t bytes, const SlotPlace &from, const SlotPlace &to, StringRef text) {
  Places operands;
  add(operands, from);
  add(operands, to);
  exec::CopyOp::create(opBuilder, sequence.op.getLoc(), bytes, operands.slots, offsets(operands), label(text));
}

void RegionLowering::emitAddition(RankedTensorType type, const SlotPlace &from, const SlotPlace &to, StringRef text) {
  int64_t columns = type.getRank() == 0 ? 1 : lastDim(type);
  Places operands;
  for (const SlotPlace &place : {to, from, to})
    add(operands, place);
  exec::LaunchOp::create(opBuilder, sequence.op.getLoc(), module.accumulateKernel(columns, type.getElementType()),
                         type.getNumElements() / columns, IntegerAttr(), operands.slots, offsets(operands),
                         label(text));
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

void RegionLowering::emitLaunch(row::LaunchOp launch) {
  row::KernelOp kernel = module.kernelOf(launch);
  Places operands;
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
  IntegerAttr blocks = launch.getBlocks() ? opBuilder.getI64IntegerAttr(launch.getBlocks()) : IntegerAttr();
  exec::LaunchOp::create(opBuilder, launch.getLoc(), kernel.getSymName(), launch.getRows(), blocks, operands.slots,
                         offsets(operands), StringAttr());
}

//===----------------------------------------------------------------------===//
// Gradients
//===----------------------------------------------------------------------===//

void RegionLowering::emitGradient(GradientOp op) {
  const Gradient &gradient = gradientOps.at(op);
  if (gradient.direct)
    return;
  SlotPlace from = placeOf(op.getValue()), to{{.kind = SlotKey::Gradient, .name = op.getPath().str()}, 0};
  RankedTensorType type = tensorType(op.getValue());
  if (!gradient.add)
    return emitCopy(bytesOf(type), from, to, op.getPath());
  emitAddition(type, from, to, op.getPath());
}

/// Gradients that nothing reaches are zero; the optimizer reads them all.
void RegionLowering::emitMissingGradients() {
  for (const LayoutParameter &parameter : module.getLayout().getParameters()) {
    if (!parameter.trainable || reached.contains(parameter.path))
      continue;
    Type type = module.getLayout().groupOf(parameter).masterType;
    Places operands;
    add(operands, {{.kind = SlotKey::Gradient, .name = parameter.path}, 0});
    exec::FillOp::create(opBuilder, sequence.op.getLoc(), parameter.elements() * width(type), operands.slots,
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
  ArrayRef<LoweredSequence *> called = callees[op];

  int64_t chunks = chunk ? chunkCount(chunk) : 1;
  for (int64_t index = 0; index < chunks; ++index) {
    LoweredSequence *callee = called[index == 0 ? 0 : called.size() - 1];
    Places operands;
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
        if (layer && key.kind == SlotKey::Parameter)
          whole.model = layer.getModelAttr();
        add(operands, {whole, 0});
        break;
      }
      case SlotKey::Workspace:
        add(operands, placeOf(scratch.at(op)));
        break;
      default:
        add(operands, {key, 0});
        break;
      }
    }
    exec::CallOp::create(opBuilder, op->getLoc(), callee->op.getSymName(), operands.slots, offsets(operands),
                         label(layer ? layer.getPath() : "head"));
  }
  return success();
}
