// Which buffer every value of a graph has, how long it lives, and where it lies.

#include "RegionLowering.h"

#include "dialects/Tritter/Shapes.h"

using namespace mlir;
using namespace mlir::tritter;

Value tritter::throughReshapes(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<SplitHeadsOp, MergeHeadsOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

int64_t tritter::chunkCount(ChunkOp chunk) {
  if (chunk.getInputs().empty())
    return 1;
  return bytesOf(chunk.getInputs().front().getType()) / bytesOf(chunk.getBody().getArgument(0).getType());
}

RegionLowering::RegionLowering(ExecModule &module, Region &region, StringRef name, llvm::StringSet<> &reached,
                               ProgramOp program)
    : module_(module), region_(region), name_(name), reached_(reached), program_(program),
      builder_(region.getContext()) {}

FailureOr<LoweredSequence> RegionLowering::run() {
  if (failed(collect()))
    return failure();
  placeYields();
  placeGradients();
  placeStates();
  shareBuffers();
  plan();
  if (failed(emit()))
    return failure();
  plan_.name = result_.op.getSymName().str();
  module_.addPlan(std::move(plan_));
  return result_;
}

//===----------------------------------------------------------------------===//
// Values and their lives
//===----------------------------------------------------------------------===//

unsigned RegionLowering::newBuffer(int64_t bytes, int64_t position, const Twine &name) {
  Buffer &buffer = buffers_.emplace_back();
  buffer.bytes = bytes;
  buffer.first = buffer.last = position;
  buffer.name = name.str();
  return buffers_.size() - 1;
}

/// One buffer for each key, so that its life is known whichever operation reads it.
unsigned RegionLowering::fixedBuffer(SlotKey key, int64_t bytes) {
  if (key.kind == SlotKey::State && key.name == "value") {
    ParameterGroup group = key.decayed ? ParameterGroup::Decayed : ParameterGroup::Undecayed;
    if (module_.layout().masterIsValue(group))
      key.name = "master";
  }
  for (auto [index, buffer] : llvm::enumerate(buffers_))
    if (buffer.fixed && buffer.fixed->key == key)
      return index;
  unsigned index = newBuffer(bytes, -1, "");
  buffers_[index].fixed = SlotPlace{std::move(key), 0};
  return index;
}

void RegionLowering::define(Value value, int64_t position, const Twine &name) {
  values_[value] = newBuffer(bytesOf(value.getType()), position, name);
}

unsigned RegionLowering::root(unsigned buffer) const {
  while (buffers_[buffer].parent)
    buffer = *buffers_[buffer].parent;
  return buffer;
}

void RegionLowering::use(unsigned buffer, int64_t position) {
  Buffer &used = buffers_[root(buffer)];
  used.last = std::max(used.last, position);
}

/// Values of the graph have a buffer; those of a surrounding one get theirs here.
unsigned RegionLowering::bufferOf(Value value) {
  value = throughReshapes(value);
  if (auto found = values_.find(value); found != values_.end())
    return root(found->second);
  int64_t bytes = bytesOf(value.getType());
  unsigned index;
  if (auto argument = dyn_cast<BlockArgument>(value); argument && argument.getOwner() == &region_.front())
    index = fixedBuffer({.kind = SlotKey::Input, .index = argument.getArgNumber()}, bytes);
  else if (auto param = value.getDefiningOp<ParamOp>())
    index = fixedBuffer({.kind = SlotKey::Parameter, .name = param.getPath().str()}, bytes);
  else if (auto scalar = value.getDefiningOp<ScalarOp>())
    index = fixedBuffer({.kind = SlotKey::Scalar, .name = scalar.getName().str()}, bytes);
  else if (auto state = value.getDefiningOp<StateOp>())
    index = fixedBuffer({.kind = SlotKey::State, .name = state.getKind().str(), .decayed = state.getDecayed()}, bytes);
  else if (auto launch = value.getDefiningOp<row::LaunchOp>(); launch && launch.getInputs().empty())
    index = fixedBuffer(
        {.kind = SlotKey::Constant, .index = module_.constant(launch, cast<OpResult>(value).getResultNumber())}, bytes);
  else
    index = fixedBuffer({.kind = SlotKey::Capture, .capture = value}, bytes);
  values_[value] = index;
  return index;
}

LogicalResult RegionLowering::collect() {
  int64_t position = 0;
  Block &block = region_.front();
  for (Operation &op : block) {
    positions_[&op] = position;
    // What a region inside uses is used by the operation that holds it.
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        Region *defined = throughReshapes(operand).getParentRegion();
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

/// What a value is, for people: the parameter that made it, or the operation.
static std::string nameOf(Value value) {
  Operation *op = throughReshapes(value).getDefiningOp();
  if (!op)
    return "input";
  if (auto launch = dyn_cast<row::LaunchOp>(op))
    return launch.getKernel().rtrim("0123456789").rtrim('.').str();
  Value weight = isa<LinearOp, LinearGradInputOp>(op) ? op->getOperand(1) : Value();
  if (auto param = weight ? weight.getDefiningOp<ParamOp>() : ParamOp())
    return (param.getPath().rsplit('.').first + (isa<LinearOp>(op) ? "" : " input gradient")).str();
  return op->getName().stripDialect().str();
}

LogicalResult RegionLowering::collectOp(Operation *op, int64_t position) {
  for (Type type : op->getResultTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type); !tensor || !tensor.hasStaticShape())
      return op->emitOpError() << "gives " << type << ", whose size is not known; run --tritter-specialize first";
  if (isa<ParamOp, ScalarOp, StateOp, SplitHeadsOp, MergeHeadsOp, YieldOp, SetStateOp>(op))
    return success();
  if (isa<LayerOp, ChunkOp>(op))
    return collectCall(op, position);
  if (auto gradient = dyn_cast<GradientOp>(op)) {
    if (Type type = getElementTypeOrSelf(gradient.getValue()); type.isBF16())
      return op->emitOpError() << "gives a gradient in " << type << "; gradients are f32, or f64";
    gradients_[gradient.getPath()].push_back({gradient, reached_.contains(gradient.getPath())});
    reached_.insert(gradient.getPath());
    touched_.insert(gradient.getPath());
    return success();
  }
  if (!isa<LinearOp, LinearGradInputOp, LinearGradWeightOp, AttentionOp, AttentionGradOp, EmbeddingGradOp,
           row::LaunchOp>(op))
    return op->emitOpError() << "has no command; run --tritter-to-row and --row-outline before --tritter-to-exec";
  auto launch = dyn_cast<row::LaunchOp>(op);
  if (launch && !module_.kernelOf(launch))
    return op->emitOpError() << "launches @" << launch.getKernel() << ", which is no row.kernel";
  if (launch && launch.getInputs().empty())
    return success();
  for (Value result : op->getResults())
    define(result, position, nameOf(result));
  if (auto attention = dyn_cast<AttentionOp>(op); attention && !attention.getSave()) {
    auto query = cast<RankedTensorType>(attention.getQuery().getType());
    int64_t width = accumulatorType(query.getElementType()).getIntOrFloatBitWidth() / 8;
    int64_t bytes = query.getDimSize(0) * query.getDimSize(1) * query.getDimSize(2) * width;
    scratch_[op] = newBuffer(bytes, position, "log-sum-exp of attention");
  }
  return success();
}

LogicalResult RegionLowering::collectCall(Operation *op, int64_t position) {
  callPositions_.push_back(position);
  auto layer = dyn_cast<LayerOp>(op);
  Operation *callee = layer ? module_.blockOf(layer).getOperation() : op;
  std::string prefix = layer ? (layer.getPath() + ".").str() : "";
  auto lowerOnce = [&]() -> LogicalResult {
    llvm::StringSet<> relative;
    for (const std::string &path : module_.gradientPaths(callee))
      if (reached_.contains(prefix + path))
        relative.insert(path);
    FailureOr<LoweredSequence *> lowered = module_.lower(callee, relative);
    if (failed(lowered))
      return failure();
    callees_[op].push_back(*lowered);
    for (const std::string &path : module_.gradientPaths(callee)) {
      reached_.insert(prefix + path);
      touched_.insert(prefix + path);
      reachedByCalls_[prefix + path] = position;
    }
    return success();
  };
  // The chunks after the first add to what the first one wrote.
  bool more = isa<ChunkOp>(op) && chunkCount(cast<ChunkOp>(op)) > 1;
  if (failed(lowerOnce()) || (more && failed(lowerOnce())))
    return failure();
  int64_t workspace = 0;
  for (LoweredSequence *lowered : callees_[op])
    workspace = std::max(workspace, lowered->workspaceBytes);
  if (workspace)
    scratch_[op] = newBuffer(workspace, position, "workspace of @" + callees_[op].front()->op.getSymName());
  SmallVector<int64_t> passed(op->getNumResults(), -1);
  if (layer)
    passed = module_.passedThrough(cast<BlockOp>(callee));
  for (OpResult result : op->getResults()) {
    if (int64_t operand = passed[result.getResultNumber()]; operand >= 0)
      values_[result] = bufferOf(op->getOperand(operand));
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

void RegionLowering::placeYields() {
  auto block = dyn_cast<BlockOp>(region_.getParentOp());
  SmallVector<int64_t> passed;
  if (block)
    passed = module_.passedThrough(block);
  for (OpOperand &operand : region_.front().getTerminator()->getOpOperands()) {
    unsigned output = operand.getOperandNumber();
    if (block && passed[output] >= 0)
      continue;
    Buffer &buffer = buffers_[bufferOf(operand.get())];
    if (buffer.fixed)
      yieldCopies_.push_back({operand.get(), output});
    else
      buffer.fixed = SlotPlace{{.kind = SlotKey::Output, .index = output}, 0};
  }
}

/// Nothing else reads it, and the operation that makes it can write (or add) it to any place.
bool RegionLowering::mayWriteDirectly(Value value, bool add) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getParentRegion() != &region_ || !value.hasOneUse() || buffers_[bufferOf(value)].fixed)
    return false;
  return isa<LinearGradWeightOp, EmbeddingGradOp>(op) || (isa<row::LaunchOp>(op) && !add);
}

void RegionLowering::placeGradients() {
  for (auto &[path, list] : gradients_) {
    // In the order in which they are made; only the first may overwrite.
    SmallVector<Gradient> ordered(list);
    bool defined = llvm::all_of(list, [&](Gradient &g) {
      Operation *op = g.op.getValue().getDefiningOp();
      return op && positions_.contains(op);
    });
    bool add = list.front().add;
    bool direct = defined;
    if (defined) {
      auto madeAt = [&](GradientOp op) { return positions_.lookup(op.getValue().getDefiningOp()); };
      llvm::stable_sort(ordered, [&](const Gradient &a, const Gradient &b) { return madeAt(a.op) < madeAt(b.op); });
      auto call = reachedByCalls_.find(path);
      bool first = true;
      for (Gradient &gradient : ordered) {
        int64_t made = positions_.lookup(gradient.op.getValue().getDefiningOp());
        bool afterCall =
            call == reachedByCalls_.end() || call->second < made || call->second > positions_.lookup(gradient.op);
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
        buffers_[bufferOf(gradient.op.getValue())].fixed =
            SlotPlace{{.kind = SlotKey::Gradient, .name = path.str()}, 0};
      gradientOps_[gradient.op] = gradient;
      if (Operation *op = gradient.op.getValue().getDefiningOp(); op && direct)
        gradientOps_[op] = gradient;
    }
  }
}

/// New states are written in place where nothing reads the old ones any more.
void RegionLowering::placeStates() {
  for (SetStateOp op : region_.getOps<SetStateOp>()) {
    auto launch = op.getValue().getDefiningOp<row::LaunchOp>();
    Buffer &value = buffers_[bufferOf(op.getValue())];
    if (!launch || value.fixed || launch->getParentRegion() != &region_)
      continue;
    unsigned state =
        fixedBuffer({.kind = SlotKey::State, .name = op.getKind().str(), .decayed = op.getDecayed()}, value.bytes);
    int64_t made = positions_.lookup(launch);
    if (buffers_[state].last > made)
      continue;
    unsigned result = cast<OpResult>(op.getValue()).getResultNumber();
    bool safe = llvm::all_of(llvm::enumerate(launch.getInputs()), [&](auto input) {
      return bufferOf(input.value()) != state || module_.kernelOf(launch).mayShareStorage(input.index(), result);
    });
    if (!safe)
      continue;
    Buffer &target = buffers_[bufferOf(op.getValue())];
    target.fixed = buffers_[state].fixed;
    directStates_.insert(op);
  }
}

//===----------------------------------------------------------------------===//
// Places that are planned
//===----------------------------------------------------------------------===//

/// A kernel may write a result over an operand that it is the last to read.
void RegionLowering::shareBuffers() {
  for (row::LaunchOp launch : region_.getOps<row::LaunchOp>()) {
    if (launch.getInputs().empty())
      continue;
    int64_t position = positions_.lookup(launch);
    row::KernelOp kernel = module_.kernelOf(launch);
    for (OpResult result : launch->getResults()) {
      unsigned written = bufferOf(result);
      if (buffers_[written].fixed || buffers_[written].first != position)
        continue;
      for (auto [index, input] : llvm::enumerate(launch.getInputs())) {
        unsigned read = bufferOf(input);
        const Buffer &candidate = buffers_[read];
        if (candidate.fixed || candidate.last != position || candidate.first == position ||
            candidate.bytes != buffers_[written].bytes)
          continue;
        // Each operand in that buffer must be read where the result is written.
        bool safe = llvm::all_of(llvm::enumerate(launch.getInputs()), [&, read = read](auto other) {
          return bufferOf(other.value()) != read || kernel.mayShareStorage(other.index(), result.getResultNumber());
        });
        if (!safe)
          continue;
        int64_t last = buffers_[written].last;
        buffers_[written].parent = read;
        use(read, last);
        // The buffer is taken for this launch, even where the result dies at once.
        buffers_[read].last = std::max(last, position + 1);
        break;
      }
    }
  }
}

void RegionLowering::plan() {
  SmallVector<unsigned> savedIndices, workspaceIndices;
  for (auto [index, buffer] : llvm::enumerate(buffers_)) {
    if (buffer.fixed || buffer.parent)
      continue;
    // In a program, what lives across a call is saved for a later one.
    bool acrossCalls = program_ && llvm::any_of(callPositions_, [&, &buffer = buffer](int64_t call) {
                         return buffer.first < call && call < buffer.last;
                       });
    (acrossCalls ? savedIndices : workspaceIndices).push_back(index);
    PlannedBuffer planned{buffer.bytes, buffer.first, buffer.last, buffer.name, 0};
    (acrossCalls ? plan_.saved : plan_.workspace).push_back(std::move(planned));
  }
  plan_.entry = bool(program_);
  plan_.savedBytes = planMemory(plan_.saved);
  plan_.workspaceBytes = planMemory(plan_.workspace);
  result_.workspaceBytes = plan_.workspaceBytes;
  for (auto [index, planned] : llvm::zip(savedIndices, plan_.saved))
    buffers_[index].planned = SlotPlace{{.kind = SlotKey::Saved}, planned.offset};
  for (auto [index, planned] : llvm::zip(workspaceIndices, plan_.workspace))
    buffers_[index].planned = SlotPlace{{.kind = SlotKey::Workspace}, planned.offset};
}
