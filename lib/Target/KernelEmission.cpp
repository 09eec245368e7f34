// Kernels as bytecode: the schedule's sweeps, with registers.

#include "tritter/Target/KernelEmission.h"
#include "dialects/Row/Schedule.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::row;
namespace schema = ::tritter::schema;
using schema::Instruction;
using schema::Opcode;

schema::DType row::dtypeOf(Type type) {
  if (type.isF64())
    return schema::DType::F64;
  if (type.isF32())
    return schema::DType::F32;
  if (type.isBF16())
    return schema::DType::BF16;
  assert(type.isInteger(32) && "kernels hold f32, f64, bf16 and i32");
  return schema::DType::I32;
}

static schema::ViewT emitView(ViewAttr view, Type type, schema::Direction direction) {
  schema::ViewT result;
  result.access = schema::Access(view.getAccess());
  result.dtype = dtypeOf(type);
  result.direction = direction;
  result.row_stride = view.getRowStride();
  result.column_stride = view.getColumnStride();
  result.row_divisor = view.getDivisor();
  result.row_modulus = view.getModulus();
  result.index_view = view.getAccess() == Access::Gather ? view.getIndex() : 0;
  return result;
}

namespace {
class Emitter {
public:
  explicit Emitter(KernelOp kernel) : kernel(kernel), yield(kernel.getYield()) {}

  schema::KernelT run() {
    result.name = kernel.getSymName().str();
    result.columns = kernel.getColumns();
    result.compute = dtypeOf(kernel.getComputeType());
    for (auto [number, view] : llvm::enumerate(kernel.getViews().getAsRange<ViewAttr>())) {
      auto direction = number < kernel.getInputCount() ? schema::Direction::Read : schema::Direction::Write;
      Type type = cast<TypeAttr>(kernel.getTypes()[number]).getValue();
      result.views.push_back(std::make_unique<schema::ViewT>(emitView(view, type, direction)));
    }
    Schedule schedule(kernel.getBody().front(), kernel.getViews());
    emit(schedule.prologue);
    for (const Sweep &sweep : schedule.sweeps)
      emit(sweep);
    result.registers = registers;
    return std::move(result);
  }

private:
  void emit(const Sweep &sweep) {
    if (sweep.empty())
      return;
    auto emitted = std::make_unique<schema::SweepT>();
    emitColumns(sweep, emitted->columns);
    for (BlockArgument argument : sweep.rowLoads)
      emitted->row.push_back(load(argument, rowRegister(argument)));
    for (Operation *op : sweep.row)
      emitted->row.push_back(instruction(*op, rowRegister(op->getResult(0)), read(op->getOperands())));
    for (unsigned number : sweep.rowStores)
      emitted->row.push_back(store(number));
    result.sweeps.push_back(std::move(emitted));
  }

  /// Column values are free again after their last use; loads stand directly before the first.
  void emitColumns(const Sweep &sweep, std::vector<Instruction> &code) {
    DenseMap<Value, unsigned> remaining;
    auto count = [&](Value value) {
      if (!rowRegisters.contains(value))
        ++remaining[value];
    };
    for (Operation *op : sweep.columns)
      llvm::for_each(op->getOperands(), count);
    for (unsigned number : sweep.columnStores)
      count(yield.getValues()[number]);

    columnRegisters.clear();
    llvm::DenseSet<Value> toLoad(sweep.loads.begin(), sweep.loads.end());
    auto fetch = [&](Value value) {
      if (toLoad.erase(value))
        code.push_back(load(cast<BlockArgument>(value), columnRegister(value)));
    };
    auto release = [&](Value value) {
      if (!rowRegisters.contains(value) && --remaining[value] == 0)
        freeColumns.push_back(columnRegisters.lookup(value));
    };
    for (Operation *op : sweep.columns) {
      llvm::for_each(op->getOperands(), fetch);
      // A register that is read for the last time may be written by the same instruction.
      llvm::for_each(op->getOperands(), release);
      SmallVector<uint16_t, 3> operands = read(op->getOperands());
      Value value = op->getResult(0);
      code.push_back(instruction(*op, isa<ReduceOp>(op) ? rowRegister(value) : columnRegister(value), operands));
    }
    // A result may lie where an operand does: what is still to be loaded is loaded before anything is stored.
    for (unsigned number : sweep.columnStores)
      fetch(yield.getValues()[number]);
    for (unsigned number : sweep.columnStores) {
      code.push_back(store(number));
      release(yield.getValues()[number]);
    }
  }

  uint16_t rowRegister(Value value) { return rowRegisters[value] = registers++; }
  uint16_t columnRegister(Value value) {
    if (freeColumns.empty())
      freeColumns.push_back(registers++);
    return columnRegisters[value] = freeColumns.pop_back_val();
  }
  uint16_t read(Value value) const {
    auto found = rowRegisters.find(value);
    return found != rowRegisters.end() ? found->second : columnRegisters.lookup(value);
  }

  SmallVector<uint16_t, 3> read(OperandRange values) const {
    SmallVector<uint16_t, 3> result;
    for (Value value : values)
      result.push_back(read(value));
    result.resize(3);
    return result;
  }

  Instruction load(BlockArgument argument, uint16_t target) {
    return Instruction(Opcode::Load, target, 0, 0, 0, argument.getArgNumber(), 0);
  }

  Instruction store(unsigned output) {
    bool sum = kernel.getOutputView(output).getAccess() == Access::ColumnSum;
    return Instruction(sum ? Opcode::ColumnSum : Opcode::Store, 0, read(yield.getValues()[output]), 0, 0,
                       kernel.getInputCount() + output, 0);
  }

  static Instruction instruction(Operation &op, uint16_t target, SmallVector<uint16_t, 3> operands) {
    double immediate = 0;
    if (auto constant = dyn_cast<arith::ConstantOp>(op))
      immediate = valueOf(constant.getValue());
    auto compare = dyn_cast<arith::CmpFOp>(op);
    if (compare &&
        (compare.getPredicate() == arith::CmpFPredicate::OGT || compare.getPredicate() == arith::CmpFPredicate::OGE))
      std::swap(operands[0], operands[1]);
    return Instruction(opcode(op), target, operands[0], operands[1], operands[2], 0, immediate);
  }

  static double valueOf(Attribute constant) {
    if (auto real = dyn_cast<FloatAttr>(constant))
      return real.getValueAsDouble();
    return cast<IntegerAttr>(constant).getValue().isZero() ? 0 : 1;
  }

  static Opcode opcode(Operation &op) {
    return TypeSwitch<Operation *, Opcode>(&op)
        .Case([](ReduceOp reduce) {
          return reduce.getKind() == ReduceKind::Add ? Opcode::ReduceAdd : Opcode::ReduceMaximum;
        })
        .Case([](arith::CmpFOp compare) {
          switch (compare.getPredicate()) {
          case arith::CmpFPredicate::OLT:
          case arith::CmpFPredicate::OGT:
            return Opcode::Less;
          case arith::CmpFPredicate::OLE:
          case arith::CmpFPredicate::OGE:
            return Opcode::LessEqual;
          case arith::CmpFPredicate::OEQ:
            return Opcode::Equal;
          default:
            return Opcode::NotEqual;
          }
        })
        .Case([](RowIndexOp) { return Opcode::RowIndex; })
        .Case([](ColumnIndexOp) { return Opcode::ColumnIndex; })
        .Case([](arith::ConstantOp) { return Opcode::Constant; })
        .Case([](arith::AddFOp) { return Opcode::Add; })
        .Case([](arith::SubFOp) { return Opcode::Subtract; })
        .Case([](arith::MulFOp) { return Opcode::Multiply; })
        .Case([](arith::DivFOp) { return Opcode::Divide; })
        .Case([](arith::NegFOp) { return Opcode::Negate; })
        .Case([](arith::MaximumFOp) { return Opcode::Maximum; })
        .Case([](arith::MinimumFOp) { return Opcode::Minimum; })
        .Case([](arith::SelectOp) { return Opcode::Select; })
        .Case([](arith::AndIOp) { return Opcode::And; })
        .Case([](arith::OrIOp) { return Opcode::Or; })
        .Case([](math::FmaOp) { return Opcode::Fma; })
        .Case([](math::AbsFOp) { return Opcode::Absolute; })
        .Case([](math::ExpOp) { return Opcode::Exp; })
        .Case([](math::LogOp) { return Opcode::Log; })
        .Case([](math::SqrtOp) { return Opcode::Sqrt; })
        .Case([](math::RsqrtOp) { return Opcode::Rsqrt; })
        .Case([](math::TanhOp) { return Opcode::Tanh; })
        .Case([](math::ErfOp) { return Opcode::Erf; })
        .Case([](math::SinOp) { return Opcode::Sin; })
        .Case([](math::CosOp) { return Opcode::Cos; })
        .Case([](math::PowFOp) { return Opcode::Power; });
  }

  KernelOp kernel;
  YieldOp yield;
  schema::KernelT result;
  uint16_t registers = 0;
  /// Values of a row, known from where they are made to the end.
  DenseMap<Value, uint16_t> rowRegisters;
  DenseMap<Value, uint16_t> columnRegisters;
  SmallVector<uint16_t> freeColumns;
};
} // namespace

schema::KernelT row::emitKernel(KernelOp kernel) { return Emitter(kernel).run(); }
