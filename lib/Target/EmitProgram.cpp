// The command list as FlatBuffers: `exec` operations and the schema's tables, one to one.

#include "tritter/Target/Executable.h"

#include "dialects/Exec/ExecDialect.h"
#include "dialects/Row/RowDialect.h"
#include "tritter/Codegen/KernelEmission.h"

using namespace mlir;
using namespace mlir::tritter;
using row::dtypeOf;

namespace {

class ProgramEmitter {
public:
  ProgramEmitter(ModuleOp module, schema::ExecutableT &executable) : module_(module), executable_(executable) {}

  LogicalResult run() {
    for (auto arena : module_.getOps<exec::ArenaOp>()) {
      arenas_[arena.getSymName()] = executable_.arenas.size();
      auto table = std::make_unique<schema::ArenaT>();
      table->name = arena.getSymName().str();
      table->bytes = arena.getBytes();
      executable_.arenas.push_back(std::move(table));
    }
    for (auto binding : module_.getOps<exec::BindingOp>())
      emitBinding(binding);
    for (auto sequence : module_.getOps<exec::SequenceOp>())
      sequences_.insert({sequence.getSymName(), sequences_.size()});
    for (auto sequence : module_.getOps<exec::SequenceOp>())
      if (failed(emitSequence(sequence)))
        return failure();
    for (auto entry : module_.getOps<exec::EntryOp>()) {
      auto table = std::make_unique<schema::EntryT>();
      table->name = entry.getName().str();
      table->sequence = sequences_.lookup(entry.getSequence());
      executable_.entries.push_back(std::move(table));
    }
    return success();
  }

private:
  void emitBinding(exec::BindingOp binding) {
    auto type = cast<RankedTensorType>(binding.getType());
    auto table = std::make_unique<schema::BindingT>();
    table->name = binding.getName().str();
    table->location = std::make_unique<schema::Location>(arenas_.lookup(binding.getArena()),
                                                         dtypeOf(type.getElementType()), binding.getOffset());
    table->shape.assign(type.getShape().begin(), type.getShape().end());
    if (type.getRank() == 0)
      table->shape.push_back(1);
    executable_.bindings.push_back(std::move(table));
  }

  LogicalResult emitSequence(exec::SequenceOp sequence) {
    auto table = std::make_unique<schema::SequenceT>();
    table->name = sequence.getSymName().str();
    table->slots = sequence.getSlotCount();
    for (Operation &op : sequence.getBody().front()) {
      auto step = std::make_unique<schema::StepT>();
      if (auto label = op.getAttrOfType<StringAttr>("label"))
        step->label = label.str();
      LogicalResult emitted =
          TypeSwitch<Operation *, LogicalResult>(&op)
              .Case<exec::LaunchOp, exec::GemmOp, exec::AttentionOp, exec::AttentionBackwardOp, exec::ScatterAddOp,
                    exec::CopyOp, exec::FillOp, exec::CallOp>([&](auto command) { return emit(command, *step); })
              .Default([](Operation *other) { return other->emitOpError() << "is no command"; });
      if (failed(emitted))
        return failure();
      table->steps.push_back(std::move(step));
    }
    executable_.sequences.push_back(std::move(table));
    return success();
  }

  template <typename Op> static schema::Operand operand(Op op, unsigned index) {
    return schema::Operand(cast<BlockArgument>(op->getOperand(index)).getArgNumber(), op.getOffsets()[index]);
  }
  template <typename Op> static std::unique_ptr<schema::Operand> place(Op op, unsigned index) {
    return std::make_unique<schema::Operand>(operand(op, index));
  }

  LogicalResult emit(exec::LaunchOp op, schema::StepT &step) {
    auto kernel = kernels_.find(op.getKernel());
    if (kernel == kernels_.end()) {
      auto symbol = SymbolTable::lookupNearestSymbolFrom<row::KernelOp>(op, op.getKernelAttr());
      if (!symbol)
        return op.emitOpError() << "launches " << op.getKernelAttr() << ", which is no row.kernel";
      kernel = kernels_.insert({op.getKernel(), executable_.kernels.size()}).first;
      executable_.kernels.push_back(std::make_unique<schema::KernelT>(row::emitKernel(symbol)));
    }
    schema::LaunchT table;
    table.kernel = kernel->second;
    table.rows = op.getRows();
    table.blocks = op.getBlocks().value_or(0);
    for (unsigned i = 0; i < op->getNumOperands(); ++i)
      table.operands.push_back(operand(op, i));
    step.command.Set(std::move(table));
    return success();
  }

  static std::unique_ptr<schema::Matrix> matrix(exec::GemmOp op, unsigned index, Type type, bool transposed) {
    return std::make_unique<schema::Matrix>(operand(op, index), op.getStrides()[index], dtypeOf(type), transposed);
  }

  LogicalResult emit(exec::GemmOp op, schema::StepT &step) {
    schema::GemmT table;
    table.m = op.getM();
    table.n = op.getN();
    table.k = op.getK();
    table.a = matrix(op, 0, op.getInputType(), op.getTransposeA());
    table.b = matrix(op, 1, op.getInputType(), op.getTransposeB());
    table.c = matrix(op, 2, op.getResultType(), false);
    if (op.getBias()) {
      table.bias = place(op, 3);
      table.bias_dtype = dtypeOf(*op.getBiasType());
    }
    table.accumulate = op.getAccumulate();
    step.command.Set(std::move(table));
    return success();
  }

  template <typename Op>
  static std::unique_ptr<schema::HeadRows> headRows(Op op, unsigned index, unsigned strideIndex) {
    return std::make_unique<schema::HeadRows>(operand(op, index), op.getStrides()[strideIndex]);
  }

  template <typename Op> static schema::AttentionT attention(Op op) {
    schema::AttentionT table;
    table.batch = op.getBatch();
    table.sequence = op.getSequence();
    table.heads = op.getHeads();
    table.kv_heads = op.getKvHeads();
    table.head_dim = op.getHeadDim();
    table.scale = op.getScale().convertToDouble();
    table.dtype = dtypeOf(op.getType());
    table.query = headRows(op, 0, 0);
    table.key = headRows(op, 1, 1);
    table.value = headRows(op, 2, 2);
    table.out = headRows(op, 3, 3);
    table.log_sum_exp = place(op, 4);
    return table;
  }

  LogicalResult emit(exec::AttentionOp op, schema::StepT &step) {
    step.command.Set(attention(op));
    return success();
  }

  LogicalResult emit(exec::AttentionBackwardOp op, schema::StepT &step) {
    schema::AttentionBackwardT table;
    table.forward = std::make_unique<schema::AttentionT>(attention(op));
    table.out_gradient = headRows(op, 5, 4);
    table.query_gradient = headRows(op, 6, 5);
    table.key_gradient = headRows(op, 7, 6);
    table.value_gradient = headRows(op, 8, 7);
    step.command.Set(std::move(table));
    return success();
  }

  LogicalResult emit(exec::ScatterAddOp op, schema::StepT &step) {
    schema::ScatterAddT table;
    table.rows = op.getRows();
    table.columns = op.getColumns();
    table.table_rows = op.getTableRows();
    table.dtype = dtypeOf(op.getType());
    table.table_dtype = dtypeOf(op.getTableType());
    table.indices = place(op, 0);
    table.source = place(op, 1);
    table.table = place(op, 2);
    step.command.Set(std::move(table));
    return success();
  }

  LogicalResult emit(exec::CopyOp op, schema::StepT &step) {
    schema::CopyT table;
    table.bytes = op.getBytes();
    table.source = place(op, 0);
    table.destination = place(op, 1);
    step.command.Set(std::move(table));
    return success();
  }

  LogicalResult emit(exec::FillOp op, schema::StepT &step) {
    schema::FillT table;
    table.bytes = op.getBytes();
    table.destination = place(op, 0);
    step.command.Set(std::move(table));
    return success();
  }

  LogicalResult emit(exec::CallOp op, schema::StepT &step) {
    schema::CallT table;
    table.sequence = sequences_.lookup(op.getSequence());
    for (unsigned i = 0; i < op->getNumOperands(); ++i)
      table.slots.push_back(operand(op, i));
    step.command.Set(std::move(table));
    return success();
  }

  ModuleOp module_;
  schema::ExecutableT &executable_;
  llvm::StringMap<unsigned> arenas_, sequences_, kernels_;
};

} // namespace

LogicalResult mlir::tritter::emitProgram(ModuleOp module, schema::ExecutableT &executable) {
  if (auto report = module->getAttrOfType<StringAttr>("exec.memory_report"))
    executable.memory_report = report.str();
  return ProgramEmitter(module, executable).run();
}
