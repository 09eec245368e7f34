// What the sequences of an executable share: arenas, bindings, constants, names.

#include "ExecModule.h"

#include "RegionLowering.h"

#include "dialects/Tritter/Shapes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::tritter;

ExecModule::ExecModule(ModuleOp module, const ArenaLayout &arenas, const SymbolTable &symbols)
    : module(module), arenas(arenas), symbols(symbols), builder(module.getBodyRegion()) {
  builder.setInsertionPointToEnd(module.getBody());
  module.walk([&](ScalarOp scalar) { scalarTypes[scalar.getName()] = scalar.getType(); });
  // The names of what stays in the module.
  for (unsigned arena = 0; arena < arenaCount; ++arena)
    symbolNames.insert(arenaName(ArenaId(arena)));
  for (Operation &op : module.getOps())
    if (auto symbol = dyn_cast<SymbolOpInterface>(op); symbol && isa<ModelOp, ObjectiveOp, row::KernelOp>(op))
      symbolNames.insert(symbol.getName());
  for (ModelOp model : module.getOps<ModelOp>())
    model.walk([&](LayerOp layer) { symbolNames.insert(layer.getBlockAttr().getValue()); });
}

exec::SequenceOp ExecModule::createSequence(Location location, StringRef name) {
  // Sequences and what they were made of are in one symbol table for a while.
  std::string unique = name.str();
  for (unsigned i = 1; !symbolNames.insert(unique).second; ++i)
    unique = (name + "." + Twine(i)).str();
  return exec::SequenceOp::create(builder, location, unique, ArrayRef<StringRef>());
}

//===----------------------------------------------------------------------===//
// Entries and sequences
//===----------------------------------------------------------------------===//

LogicalResult ExecModule::addEntry(ProgramOp program, StringRef name, bool accumulate) {
  for (Type type : program.getFunctionType().getInputs())
    if (!cast<RankedTensorType>(type).hasStaticShape())
      return program.emitOpError() << "takes " << type << ", whose size is not known; run --tritter-specialize first";
  llvm::StringSet<> reached;
  if (accumulate)
    for (const LayoutParameter &parameter : getLayout().getParameters())
      reached.insert(parameter.path);
  FailureOr<LoweredSequence> lowered =
      RegionLowering(*this, program.getBody(), name, reached, program, accumulate).run();
  if (failed(lowered))
    return failure();
  const SequencePlan &plan = plans.back();
  auto grow = [&](ArenaId arena, int64_t bytes) {
    arenaSizes[size_t(arena)] = std::max(arenaSizes[size_t(arena)], bytes);
  };
  grow(ArenaId::Saved, plan.savedBytes);
  grow(ArenaId::Workspace, plan.workspaceBytes);
  exec::EntryOp::create(builder, program.getLoc(), name, lowered->op.getSymName());
  return success();
}

const std::vector<std::string> &ExecModule::gradientPaths(Operation *op) {
  if (auto found = knownGradientPaths.find(op); found != knownGradientPaths.end())
    return found->second;
  std::vector<std::string> paths;
  op->walk([&](Operation *inner) {
    if (auto gradient = dyn_cast<GradientOp>(inner))
      paths.push_back(gradient.getPath().str());
    else if (auto layer = dyn_cast<LayerOp>(inner))
      for (const std::string &path : std::vector<std::string>(gradientPaths(blockOf(layer))))
        paths.push_back((layer.getPath() + "." + path).str());
  });
  return knownGradientPaths[op] = std::move(paths);
}

FailureOr<LoweredSequence *> ExecModule::lower(Operation *op, const llvm::StringSet<> &reached) {
  std::string key = std::to_string(reinterpret_cast<uintptr_t>(op));
  for (const std::string &path : gradientPaths(op))
    key += reached.contains(path) ? '+' : '=';
  std::unique_ptr<LoweredSequence> &slot = sequences[key];
  if (slot)
    return slot.get();
  llvm::StringSet<> state(reached);
  auto block = dyn_cast<BlockOp>(op);
  std::string name = block ? block.getSymName().str() : "head";
  FailureOr<LoweredSequence> lowered = RegionLowering(*this, op->getRegion(0), name, state).run();
  if (failed(lowered))
    return failure();
  slot = std::make_unique<LoweredSequence>(std::move(*lowered));
  return slot.get();
}

SmallVector<int64_t> ExecModule::passedThrough(BlockOp block) {
  SmallVector<int64_t> passed;
  for (Value value : block.getBody().front().getTerminator()->getOperands()) {
    auto argument = dyn_cast<BlockArgument>(withoutReshapes(value));
    bool own = argument && argument.getOwner() == &block.getBody().front();
    passed.push_back(own ? int64_t(argument.getArgNumber()) : -1);
  }
  return passed;
}

//===----------------------------------------------------------------------===//
// Places in arenas
//===----------------------------------------------------------------------===//

static int64_t allocate(int64_t &arena, int64_t bytes) {
  int64_t offset = arena;
  arena = llvm::alignTo(arena + bytes, planAlignment);
  return offset;
}

unsigned ExecModule::constant(row::LaunchOp launch, unsigned result) {
  for (const Constant &constant : constants) {
    row::LaunchOp known = constant.launch;
    if (known.getKernel() == launch.getKernel() && known.getRows() == launch.getRows() &&
        known.getBlocks() == launch.getBlocks())
      return constant.first + result;
  }
  Constant &constant = constants.emplace_back(Constant{launch, {}, unsigned(constantOffsets.size())});
  for (Type type : launch->getResultTypes())
    constantOffsets.push_back(allocate(arenaSizes[size_t(ArenaId::Constants)], bytesOf(type)));
  return constant.first + result;
}

FailureOr<ArenaPlace> ExecModule::binding(Operation *user, StringRef name, RankedTensorType type) {
  auto [found, inserted] = bindings.insert({builder.getStringAttr(name), {type, ArenaPlace()}});
  auto &[known, place] = found->second;
  if (inserted) {
    ArenaId arena = type.getRank() == 0 ? ArenaId::Scalars : ArenaId::Io;
    place = {arena, allocate(arenaSizes[size_t(arena)], bytesOf(type))};
  }
  if (known != type)
    return user->emitOpError() << "binds `" << name << "` to " << type << ", another program to " << known;
  return place;
}

FailureOr<ArenaPlace> ExecModule::resolve(Operation *user, const SlotKey &key, ProgramOp program) {
  auto needParameters = [&](ArenaId arena) { arenaSizes[size_t(arena)] = arenas.bytes(arena); };
  switch (key.kind) {
  case SlotKey::Parameter:
  case SlotKey::Gradient: {
    const LayoutParameter *parameter = getLayout().find(key.name, key.model);
    bool value = key.kind == SlotKey::Parameter;
    std::optional<ArenaPlace> place;
    if (parameter)
      place = parameterPlace(getLayout(), *parameter, value ? "value" : "gradient");
    if (!place)
      return user->emitOpError() << "uses the " << (value ? "parameter" : "gradient") << " `" << key.name
                                 << "`, which the model has not";
    needParameters(place->arena);
    return *place;
  }
  case SlotKey::State: {
    const ParameterGroup *group = getLayout().group(key.group);
    std::optional<ArenaPlace> place;
    if (group)
      place = arenas.statePlace(key.name, *group);
    if (!place)
      return user->emitOpError() << "writes the state `" << key.name << "` of the group `" << key.group
                                 << "`, which no tritter.state reads";
    needParameters(place->arena);
    return *place;
  }
  case SlotKey::Input:
    return binding(user, cast<StringAttr>(program.getNames()[key.index]).getValue(),
                   cast<RankedTensorType>(program.getFunctionType().getInput(key.index)));
  case SlotKey::Output: {
    unsigned inputs = program.getFunctionType().getNumInputs();
    return binding(user, cast<StringAttr>(program.getNames()[inputs + key.index]).getValue(),
                   cast<RankedTensorType>(program.getFunctionType().getResult(key.index)));
  }
  case SlotKey::Scalar:
    return binding(user, key.name, cast<RankedTensorType>(scalarTypes[key.name]));
  case SlotKey::Constant:
    return ArenaPlace{ArenaId::Constants, constantOffsets[key.index]};
  case SlotKey::Saved:
    return ArenaPlace{ArenaId::Saved, 0};
  case SlotKey::Workspace:
    return ArenaPlace{ArenaId::Workspace, 0};
  case SlotKey::Capture:
    break;
  }
  return user->emitOpError() << "uses a value from outside";
}

//===----------------------------------------------------------------------===//
// What is made beside the programs
//===----------------------------------------------------------------------===//

StringRef ExecModule::accumulateKernel(int64_t columns, Type type) {
  std::string name = (Twine("accumulate.") + Twine(columns) + (type.isF64() ? ".f64" : ".f32")).str();
  auto [found, inserted] = accumulateKernels.insert({name, name});
  if (!inserted)
    return found->second;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(module.getBody());
  Attribute view = row::ViewAttr::get(module.getContext(), row::Access::Element, columns);
  auto kernel = row::KernelOp::create(builder, module.getLoc(), name, columns, builder.getArrayAttr({view, view, view}),
                                      builder.getTypeArrayAttr({type, type, type}), ArrayRef<int64_t>{0});
  Type real = type.isF64() ? type : builder.getF32Type();
  Block &body = kernel.getBody().emplaceBlock();
  Value sum = body.addArgument(real, module.getLoc()), value = body.addArgument(real, module.getLoc());
  builder.setInsertionPointToEnd(&body);
  Value added = arith::AddFOp::create(builder, module.getLoc(), sum, value);
  row::YieldOp::create(builder, module.getLoc(), added);
  return found->second;
}

void ExecModule::finish() {
  if (!constants.empty()) {
    exec::SequenceOp setup = createSequence(module.getLoc(), "setup");
    SmallVector<Attribute> names;
    Block &body = setup.getBody().front();
    for (unsigned arena = 0; arena < arenaCount; ++arena) {
      body.addArgument(exec::SlotType::get(module.getContext()), module.getLoc());
      names.push_back(builder.getStringAttr(arenaName(ArenaId(arena))));
    }
    setup.setSlotNamesAttr(builder.getArrayAttr(names));
    OpBuilder inner = OpBuilder::atBlockEnd(&body);
    for (const Constant &constant : constants) {
      row::LaunchOp launch = constant.launch;
      row::KernelOp kernel = kernelOf(launch);
      SmallVector<Value> slots;
      SmallVector<int64_t> offsets;
      for (auto [view, result] : llvm::enumerate(kernel.getOutputs())) {
        Type type = cast<TypeAttr>(kernel.getTypes()[view]).getValue();
        int64_t skipped = cast<row::ViewAttr>(kernel.getViews()[view]).getOffset();
        slots.push_back(body.getArgument(unsigned(ArenaId::Constants)));
        offsets.push_back(constantOffsets[constant.first + result] + skipped * type.getIntOrFloatBitWidth() / 8);
      }
      exec::LaunchOp::create(inner, launch.getLoc(), kernel.getSymName(), launch.getRows(), IntegerAttr(), slots,
                             inner.getDenseI64ArrayAttr(offsets), StringAttr());
    }
    exec::EntryOp::create(builder, module.getLoc(), "setup", setup.getSymName());
  }
  builder.setInsertionPointToStart(module.getBody());
  for (unsigned arena = 0; arena < arenaCount; ++arena)
    exec::ArenaOp::create(builder, module.getLoc(), arenaName(ArenaId(arena)), arenaSizes[arena]);
  if (arenaSizes[size_t(ArenaId::States)])
    for (const KeptState &state : arenas.getStates())
      exec::StateOp::create(builder, module.getLoc(), state.kind, state.group, state.growth, arenaName(ArenaId::States),
                            state.offset, state.type);
  for (const auto &[name, binding] : bindings)
    exec::BindingOp::create(builder, module.getLoc(), name, arenaName(binding.second.arena), binding.second.offset,
                            binding.first);
}
