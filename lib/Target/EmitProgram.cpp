// The command list as FlatBuffers: `exec` operations and the schema's tables, one to one.

#include "tritter/Target/Executable.h"

#include "dialects/Exec/ExecDialect.h"
#include "dialects/Row/RowDialect.h"
#include "tritter/Target/CommandEmission.h"
#include "tritter/Target/KernelEmission.h"

using namespace mlir;
using namespace mlir::tritter;
using row::dtypeOf;

namespace {

class ProgramEmitter : public exec::EmissionContext {
public:
  ProgramEmitter(ModuleOp module, schema::ExecutableT &executable) : module(module), executable(executable) {}

  LogicalResult run() {
    for (auto arena : module.getOps<exec::ArenaOp>()) {
      arenas[arena.getSymName()] = executable.arenas.size();
      auto table = std::make_unique<schema::ArenaT>();
      table->name = arena.getSymName().str();
      table->bytes = arena.getBytes();
      executable.arenas.push_back(std::move(table));
    }
    for (auto binding : module.getOps<exec::BindingOp>())
      emitBinding(binding);
    for (auto sequence : module.getOps<exec::SequenceOp>())
      sequences.insert({sequence.getSymName(), sequences.size()});
    for (auto sequence : module.getOps<exec::SequenceOp>())
      if (failed(emitSequence(sequence)))
        return failure();
    for (auto entry : module.getOps<exec::EntryOp>()) {
      auto table = std::make_unique<schema::EntryT>();
      table->name = entry.getName().str();
      table->sequence = sequences.lookup(entry.getSequence());
      table->operations = countOperations(entry);
      executable.entries.push_back(std::move(table));
    }
    return success();
  }

private:
  void emitBinding(exec::BindingOp binding) {
    auto type = cast<RankedTensorType>(binding.getType());
    auto table = std::make_unique<schema::BindingT>();
    table->name = binding.getName().str();
    table->location = std::make_unique<schema::Location>(arenas.lookup(binding.getArena()),
                                                         dtypeOf(type.getElementType()), binding.getOffset());
    table->shape.assign(type.getShape().begin(), type.getShape().end());
    if (type.getRank() == 0)
      table->shape.push_back(1);
    executable.bindings.push_back(std::move(table));
  }

  LogicalResult emitSequence(exec::SequenceOp sequence) {
    auto table = std::make_unique<schema::SequenceT>();
    table->name = sequence.getSymName().str();
    table->slots = sequence.getSlotCount();
    for (Operation &op : sequence.getBody().front()) {
      auto step = std::make_unique<schema::StepT>();
      if (auto label = op.getAttrOfType<StringAttr>("label"))
        step->label = label.str();
      auto command = dyn_cast<exec::EmittableOpInterface>(op);
      if (!command)
        return op.emitOpError() << "is no command; an executable needs its EmittableOpInterface";
      if (failed(command.emit(*step, *this)))
        return failure();
      table->steps.push_back(std::move(step));
    }
    executable.sequences.push_back(std::move(table));
    return success();
  }

  FailureOr<unsigned> kernel(Operation *user, FlatSymbolRefAttr name) override {
    auto [known, isNew] = kernels.insert({name.getValue(), executable.kernels.size()});
    if (isNew) {
      auto symbol = SymbolTable::lookupNearestSymbolFrom<row::KernelOp>(user, name);
      if (!symbol)
        return user->emitOpError() << "launches " << name << ", which is no row.kernel";
      executable.kernels.push_back(std::make_unique<schema::KernelT>(row::emitKernel(symbol)));
    }
    return known->second;
  }

  unsigned sequence(FlatSymbolRefAttr name) override { return sequences.lookup(name.getValue()); }

  ModuleOp module;
  schema::ExecutableT &executable;
  llvm::StringMap<unsigned> arenas, sequences, kernels;
};

} // namespace

LogicalResult mlir::tritter::emitProgram(ModuleOp module, schema::ExecutableT &executable) {
  if (auto report = module->getAttrOfType<StringAttr>("exec.memory_report"))
    executable.memory_report = report.str();
  return ProgramEmitter(module, executable).run();
}
