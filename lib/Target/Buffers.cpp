// Which buffer every value of a graph has, how long it lives, and where it lies.

#include "RegionLowering.h"

#include "dialects/Tritter/Shapes.h"
#include "tritter/Codegen/RowLowering.h"

using namespace mlir;
using namespace mlir::tritter;

int64_t tritter::chunkCount(ChunkOp chunk) {
  if (chunk.getInputs().empty())
    return 1;
  return bytesOf(chunk.getInputs().front().getType()) / bytesOf(chunk.getBody().getArgument(0).getType());
}

RegionLowering::RegionLowering(ExecModule &module, Region &region, StringRef name, llvm::StringSet<> &reached,
                               ProgramOp program, bool addsResults)
    : module(module), region(region), name(name), reached(reached), program(program),
      addsResults(addsResults), opBuilder(region.getContext()) {}

FailureOr<LoweredSequence> RegionLowering::run() {
  if (failed(collect()))
    return failure();
  placeYields();
  placeGradients();
  placeStates();
  shareBuffers();
  placeTemporaries();
  if (failed(emit()))
    return failure();
  plan.name = sequence.op.getSymName().str();
  module.addPlan(std::move(plan));
  return sequence;
}

//===----------------------------------------------------------------------===//
// Values and their lives
//===----------------------------------------------------------------------===//

unsigned RegionLowering::newBuffer(int64_t bytes, int64_t position, const Twine &name) {
  Buffer &buffer = buffers.emplace_back();
  buffer.bytes = bytes;
  buffer.first = buffer.last = position;
  buffer.name = name.str();
  return buffers.size() - 1;
}

/// One buffer for each key, so that its life is known whichever operation reads it.
unsigned RegionLowering::fixedBuffer(SlotKey key, int64_t bytes) {
  if (key.kind == SlotKey::State && key.name == "value") {
    if (const ParameterGroup *group = module.getLayout().group(key.group); group && group->masterIsValue())
      key.name = "master";
  }
  for (auto [index, buffer] : llvm::enumerate(buffers))
    if (buffer.fixed && buffer.fixed->key == key)
      return index;
  unsigned index = newBuffer(bytes, -1, "");
  buffers[index].fixed = SlotPlace{std::move(key), 0};
  return index;
}

void RegionLowering::define(Value value, int64_t position, const Twine &name) {
  values[value] = newBuffer(bytesOf(value.getType()), position, name);
}

unsigned RegionLowering::root(unsigned buffer) const {
  while (buffers[buffer].parent)
    buffer = *buffers[buffer].parent;
  return buffer;
}

void RegionLowering::use(unsigned buffer, int64_t position) {
  Buffer &used = buffers[root(buffer)];
  used.last = std::max(used.last, position);
}

/// Values of the graph have a buffer; those of a surrounding one get theirs here.
unsigned RegionLowering::bufferOf(Value value) {
  value = withoutReshapes(value);
  if (auto found = values.find(value); found != values.end())
    return root(found->second);
  int64_t bytes = bytesOf(value.getType());
  unsigned index;
  if (auto argument = dyn_cast<BlockArgument>(value); argument && argument.getOwner() == &region.front())
    index = fixedBuffer({.kind = SlotKey::Input, .index = argument.getArgNumber()}, bytes);
  else if (auto param = value.getDefiningOp<ParamOp>())
    index = fixedBuffer({.kind = SlotKey::Parameter, .name = param.getPath().str(), .model = param.getModelAttr()}, bytes);
  else if (auto scalar = value.getDefiningOp<ScalarOp>())
    index = fixedBuffer({.kind = SlotKey::Scalar, .name = scalar.getName().str()}, bytes);
  else if (auto state = value.getDefiningOp<StateOp>())
    index =
        fixedBuffer({.kind = SlotKey::State, .name = state.getKind().str(), .group = state.getGroup().str()}, bytes);
  else if (auto launch = value.getDefiningOp<row::LaunchOp>(); launch && launch.getInputs().empty())
    index = fixedBuffer(
        {.kind = SlotKey::Constant, .index = module.constant(launch, cast<OpResult>(value).getResultNumber())}, bytes);
  else
    index = fixedBuffer({.kind = SlotKey::Capture, .capture = value}, bytes);
  values[value] = index;
  return index;
}

LogicalResult RegionLowering::collect() {
  int64_t position = 0;
  Block &block = region.front();
  for (Operation &op : block) {
    positions[&op] = position;
    // What a region inside uses is used by the operation that holds it.
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        Region *defined = withoutReshapes(operand).getParentRegion();
        if (!op.isProperAncestor(defined->getParentOp()) && defined->getParentOp() != &op)
          use(bufferOf(operand), position);
      }
    });
    if (failed(collectOp(&op, position)))
      return failure();
    ++position;
  }
  return success();
}

/// What a value is, for people.
static std::string nameOf(Value value) {
  auto result = dyn_cast<OpResult>(withoutReshapes(value));
  if (!result)
    return "input";
  if (auto launch = dyn_cast<row::LaunchOp>(result.getOwner()))
    return launch.getKernel().rtrim("0123456789").rtrim('.').str();
  if (auto lowering = dyn_cast<CommandLoweringOpInterface>(result.getOwner()))
    return lowering.describeResult(result.getResultNumber());
  return result.getOwner()->getName().stripDialect().str();
}

LogicalResult RegionLowering::collectOp(Operation *op, int64_t position) {
  for (Type type : op->getResultTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type); !tensor || !tensor.hasStaticShape())
      return op->emitOpError() << "gives " << type << ", whose size is not known; run --tritter-specialize first";
  if (isa<ParamOp, ScalarOp, StateOp, YieldOp, SetStateOp>(op) || op->hasTrait<OpTrait::Reshape>())
    return success();
  if (isa<LayerOp, ChunkOp>(op))
    return collectCall(op, position);
  if (auto gradient = dyn_cast<GradientOp>(op)) {
    if (Type type = getElementTypeOrSelf(gradient.getValue()); type.isBF16())
      return op->emitOpError() << "gives a gradient in " << type << "; gradients are f32, or f64";
    gradients[gradient.getPath()].push_back({gradient, reached.contains(gradient.getPath())});
    reached.insert(gradient.getPath());
    touched.insert(gradient.getPath());
    return success();
  }
  auto lowering = dyn_cast<CommandLoweringOpInterface>(op);
  if (!lowering && isa<row::RowLowerableOpInterface>(op))
    return op->emitOpError() << "has no command; run --tritter-to-row and --row-outline before --tritter-to-exec";
  if (!lowering && !isa<row::LaunchOp>(op))
    return op->emitOpError() << "has no command; --tritter-to-exec needs its CommandLoweringOpInterface, or "
                                "--tritter-to-row its RowLowerableOpInterface";
  auto launch = dyn_cast<row::LaunchOp>(op);
  if (launch && !module.kernelOf(launch))
    return op->emitOpError() << "launches @" << launch.getKernel() << ", which is no row.kernel";
  if (launch && launch.getInputs().empty())
    return success();
  for (Value result : op->getResults())
    define(result, position, nameOf(result));
  if (int64_t bytes = lowering ? lowering.scratchBytes() : 0)
    scratch[op] = newBuffer(bytes, position, "scratch of " + op->getName().stripDialect());
  return success();
}

LogicalResult RegionLowering::collectCall(Operation *op, int64_t position) {
  callPositions.push_back(position);
  auto layer = dyn_cast<LayerOp>(op);
  Operation *callee = layer ? module.blockOf(layer).getOperation() : op;
  std::string prefix = layer ? (layer.getPath() + ".").str() : "";
  auto lowerOnce = [&]() -> LogicalResult {
    llvm::StringSet<> relative;
    for (const std::string &path : module.gradientPaths(callee))
      if (reached.contains(prefix + path))
        relative.insert(path);
    FailureOr<LoweredSequence *> lowered = module.lower(callee, relative);
    if (failed(lowered))
      return failure();
    callees[op].push_back(*lowered);
    for (const std::string &path : module.gradientPaths(callee)) {
      reached.insert(prefix + path);
      touched.insert(prefix + path);
      reachedByCalls[prefix + path] = position;
    }
    return success();
  };
  // The chunks after the first add to what the first one wrote.
  bool more = isa<ChunkOp>(op) && chunkCount(cast<ChunkOp>(op)) > 1;
  if (failed(lowerOnce()) || (more && failed(lowerOnce())))
    return failure();
  int64_t workspace = 0;
  for (LoweredSequence *lowered : callees[op])
    workspace = std::max(workspace, lowered->workspaceBytes);
  if (workspace)
    scratch[op] = newBuffer(workspace, position, "workspace of @" + callees[op].front()->op.getSymName());
  SmallVector<int64_t> passed(op->getNumResults(), -1);
  if (layer)
    passed = module.passedThrough(cast<BlockOp>(callee));
  for (OpResult result : op->getResults()) {
    if (int64_t operand = passed[result.getResultNumber()]; operand >= 0)
      values[result] = bufferOf(op->getOperand(operand));
    else if (layer)
      define(result, position,
             layer.getPath() + " " +
                 nameOf(callee->getRegion(0).front().getTerminator()->getOperand(result.getResultNumber())));
    else
      define(result, position,
             "head " +
                 nameOf(cast<ChunkOp>(op).getBody().front().getTerminator()->getOperand(result.getResultNumber())));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Places that are given
//===----------------------------------------------------------------------===//

StringRef RegionLowering::outputName(unsigned output) {
  return cast<StringAttr>(program.getNames()[program.getFunctionType().getNumInputs() + output]).getValue();
}

void RegionLowering::placeYields() {
  llvm::StringSet<> scalars;
  if (program)
    program.walk([&](ScalarOp scalar) { scalars.insert(scalar.getName()); });
  auto block = dyn_cast<BlockOp>(region.getParentOp());
  SmallVector<int64_t> passed;
  if (block)
    passed = module.passedThrough(block);
  for (OpOperand &operand : region.front().getTerminator()->getOpOperands()) {
    unsigned output = operand.getOperandNumber();
    if (block && passed[output] >= 0)
      continue;
    Buffer &buffer = buffers[bufferOf(operand.get())];
    // A scalar that the program reads and writes is written at the end.
    if (buffer.fixed || addsResults || (program && scalars.contains(outputName(output))))
      yieldCopies.push_back({operand.get(), output});
    else
      buffer.fixed = SlotPlace{{.kind = SlotKey::Output, .index = output}, 0};
  }
}

/// Nothing else reads it, and the operation that makes it can write (or add) it to any place.
bool RegionLowering::mayWriteDirectly(Value value, bool add) {
  Operation *op = value.getDefiningOp();
  if (!op || !isa<CommandLoweringOpInterface, row::LaunchOp>(op) || op->getParentRegion() != &region ||
      !value.hasOneUse() || buffers[bufferOf(value)].fixed)
    return false;
  auto lowering = dyn_cast<CommandLoweringOpInterface>(op);
  return !add || (lowering && lowering.canAccumulate(cast<OpResult>(value).getResultNumber()));
}

void RegionLowering::placeGradients() {
  for (auto &[path, list] : gradients) {
    // In the order in which they are made; only the first may overwrite.
    SmallVector<Gradient> ordered(list);
    bool defined = llvm::all_of(list, [&](Gradient &g) {
      Operation *op = g.op.getValue().getDefiningOp();
      return op && positions.contains(op);
    });
    bool add = list.front().add;
    bool direct = defined;
    if (defined) {
      auto madeAt = [&](GradientOp op) { return positions.lookup(op.getValue().getDefiningOp()); };
      llvm::stable_sort(ordered, [&](const Gradient &a, const Gradient &b) { return madeAt(a.op) < madeAt(b.op); });
      auto call = reachedByCalls.find(path);
      bool first = true;
      for (Gradient &gradient : ordered) {
        int64_t made = positions.lookup(gradient.op.getValue().getDefiningOp());
        bool afterCall =
            call == reachedByCalls.end() || call->second < made || call->second > positions.lookup(gradient.op);
        direct &= afterCall && mayWriteDirectly(gradient.op.getValue(), add || !first);
        first = false;
      }
    }
    if (!direct)
      ordered = list;
    for (auto [index, gradient] : llvm::enumerate(ordered)) {
      gradient.add = add || index > 0;
      gradient.direct = direct;
      if (direct)
        buffers[bufferOf(gradient.op.getValue())].fixed = SlotPlace{{.kind = SlotKey::Gradient, .name = path.str()}, 0};
      gradientOps[gradient.op] = gradient;
      if (direct)
        directGradients[gradient.op.getValue()] = gradient;
    }
  }
}

/// New states are written in place where nothing reads the old ones any more.
void RegionLowering::placeStates() {
  for (SetStateOp op : region.getOps<SetStateOp>()) {
    auto launch = op.getValue().getDefiningOp<row::LaunchOp>();
    Buffer &value = buffers[bufferOf(op.getValue())];
    if (!launch || value.fixed || launch->getParentRegion() != &region)
      continue;
    unsigned state =
        fixedBuffer({.kind = SlotKey::State, .name = op.getKind().str(), .group = op.getGroup().str()}, value.bytes);
    int64_t made = positions.lookup(launch);
    if (buffers[state].last > made)
      continue;
    unsigned result = cast<OpResult>(op.getValue()).getResultNumber();
    bool safe = llvm::all_of(llvm::enumerate(launch.getInputs()), [&](auto input) {
      return bufferOf(input.value()) != state || module.kernelOf(launch).mayShareStorage(input.index(), result);
    });
    if (!safe)
      continue;
    Buffer &target = buffers[bufferOf(op.getValue())];
    target.fixed = buffers[state].fixed;
    directStates.insert(op);
  }
}

//===----------------------------------------------------------------------===//
// Places that are planned
//===----------------------------------------------------------------------===//

/// A kernel may write a result over an operand that it is the last to read.
void RegionLowering::shareBuffers() {
  for (row::LaunchOp launch : region.getOps<row::LaunchOp>()) {
    if (launch.getInputs().empty())
      continue;
    int64_t position = positions.lookup(launch);
    row::KernelOp kernel = module.kernelOf(launch);
    for (OpResult result : launch->getResults()) {
      unsigned written = bufferOf(result);
      if (buffers[written].fixed || buffers[written].first != position)
        continue;
      for (auto [index, input] : llvm::enumerate(launch.getInputs())) {
        unsigned read = bufferOf(input);
        const Buffer &candidate = buffers[read];
        if (candidate.fixed || candidate.last != position || candidate.first == position ||
            candidate.bytes != buffers[written].bytes)
          continue;
        // Each operand in that buffer must be read where the result is written.
        bool safe = llvm::all_of(llvm::enumerate(launch.getInputs()), [&, read = read](auto other) {
          return bufferOf(other.value()) != read || kernel.mayShareStorage(other.index(), result.getResultNumber());
        });
        if (!safe)
          continue;
        int64_t last = buffers[written].last;
        buffers[written].parent = read;
        use(read, last);
        // The buffer is taken for this launch, even where the result dies at once.
        buffers[read].last = std::max(last, position + 1);
        break;
      }
    }
  }
}

void RegionLowering::placeTemporaries() {
  SmallVector<unsigned> savedIndices, workspaceIndices;
  for (auto [index, buffer] : llvm::enumerate(buffers)) {
    if (buffer.fixed || buffer.parent)
      continue;
    // In a program, what lives across a call is saved for a later one.
    bool acrossCalls = program && llvm::any_of(callPositions, [&, &buffer = buffer](int64_t call) {
                         return buffer.first < call && call < buffer.last;
                       });
    (acrossCalls ? savedIndices : workspaceIndices).push_back(index);
    PlannedBuffer planned{buffer.bytes, buffer.first, buffer.last, buffer.name, 0};
    (acrossCalls ? plan.saved : plan.workspace).push_back(std::move(planned));
  }
  plan.entry = bool(program);
  plan.savedBytes = planMemory(plan.saved);
  plan.workspaceBytes = planMemory(plan.workspace);
  sequence.workspaceBytes = plan.workspaceBytes;
  for (auto [index, planned] : llvm::zip(savedIndices, plan.saved))
    buffers[index].planned = SlotPlace{{.kind = SlotKey::Saved}, planned.offset};
  for (auto [index, planned] : llvm::zip(workspaceIndices, plan.workspace))
    buffers[index].planned = SlotPlace{{.kind = SlotKey::Workspace}, planned.offset};
}
