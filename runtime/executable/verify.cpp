#include "runtime/executable/verify.h"
#include "runtime/executable/executable.h"

using namespace tritter;
using schema::Access;
using schema::Direction;
using schema::DType;
using schema::Opcode;

namespace {

/// Bytes of a tensor; nothing where they do not fit into 63 bits.
std::optional<uint64_t> bytesOf(const flatbuffers::Vector<uint64_t> *shape, DType type) {
  uint64_t bytes = sizeOf(type);
  for (uint64_t size : elements(shape))
    if (__builtin_mul_overflow(bytes, size, &bytes) || bytes >> 63)
      return std::nullopt;
  return bytes;
}

/// The registers of a kernel while its sweeps are walked.
enum class Register : uint8_t {
  Undefined,
  /// One value for the row, to the end of the kernel.
  Row,
  /// One value for the row, to the end of the sweep: what `columns` computes from no column.
  Uniform,
  Column
};

class KernelVerifier {
public:
  explicit KernelVerifier(const schema::Kernel &kernel) : kernel_(kernel), registers_(kernel.registers()) {}

  Status run() {
    if (kernel_.compute() != DType::F32 && kernel_.compute() != DType::F64)
      return error("computes in {}, but kernels compute in f32 or f64", nameOf(kernel_.compute()));
    if (kernel_.columns() == 0)
      return error("has no columns");
    for (size_t i = 0; i < sizeOf(kernel_.views()); ++i)
      TRITTER_RETURN_IF_ERROR(view(i));
    for (const schema::Sweep *sweep : elements(kernel_.sweeps())) {
      std::vector<uint16_t> reductions;
      for (const schema::Instruction *instruction : elements(sweep->columns()))
        TRITTER_RETURN_IF_ERROR(columnInstruction(*instruction, reductions));
      for (uint16_t result : reductions)
        registers_[result] = Register::Row;
      for (const schema::Instruction *instruction : elements(sweep->row()))
        TRITTER_RETURN_IF_ERROR(rowInstruction(*instruction));
      for (Register &state : registers_)
        if (state == Register::Column || state == Register::Uniform)
          state = Register::Undefined;
    }
    return {};
  }

private:
  Status view(size_t index) {
    const schema::View &view = *kernel_.views()->Get(index);
    if (view.access() > Access::MAX || view.direction() > Direction::MAX || view.dtype() > DType::MAX)
      return error("view {} has an unknown access, direction or type; compile the executable again", index);
    if (view.row_divisor() == 0)
      return error("view {} divides rows by 0", index);
    if (view.row_stride() < 0 || view.column_stride() < 0)
      return error("view {} has a negative stride", index);
    if (view.access() == Access::ColumnSum &&
        (view.dtype() != kernel_.compute() || view.direction() != Direction::Write))
      return error("view {} holds column sums, which are written in the type that the kernel computes in", index);
    if (view.access() != Access::Gather)
      return {};
    if (view.index_view() >= kernel_.views()->size())
      return error("view {} takes its rows from view {}, but there are {}", index, view.index_view(),
                   kernel_.views()->size());
    const schema::View &indices = *kernel_.views()->Get(view.index_view());
    if (indices.access() != Access::Row || indices.dtype() != DType::I32)
      return error("view {} takes its rows from view {}, which does not hold one i32 a row", index, view.index_view());
    return {};
  }

  Status read(uint16_t index, bool inRow) {
    if (index >= registers_.size())
      return error("reads register {}, but has {}", index, registers_.size());
    if (registers_[index] == Register::Undefined)
      return error("reads register {} before it has a value", index);
    if (inRow && registers_[index] == Register::Column)
      return error("reads register {}, which has a value for each column, where rows are worked on", index);
    return {};
  }

  Status define(uint16_t index, Register state) {
    if (index >= registers_.size())
      return error("writes register {}, but has {}", index, registers_.size());
    registers_[index] = state;
    return {};
  }

  /// How many of a, b, c an instruction reads.
  static int operandCount(Opcode opcode) {
    switch (opcode) {
    case Opcode::Load:
    case Opcode::Constant:
    case Opcode::RowIndex:
    case Opcode::ColumnIndex:
      return 0;
    case Opcode::Add:
    case Opcode::Subtract:
    case Opcode::Multiply:
    case Opcode::Divide:
    case Opcode::Maximum:
    case Opcode::Minimum:
    case Opcode::Power:
    case Opcode::Less:
    case Opcode::LessEqual:
    case Opcode::Equal:
    case Opcode::NotEqual:
    case Opcode::And:
    case Opcode::Or:
      return 2;
    case Opcode::Fma:
    case Opcode::Select:
      return 3;
    default:
      return 1;
    }
  }

  /// What both kinds of instruction share: operands and views.
  Status common(const schema::Instruction &instruction, bool inRow) {
    if (instruction.opcode() > Opcode::MAX)
      return error("has the unknown opcode {}; compile the executable again", unsigned(instruction.opcode()));
    int count = operandCount(instruction.opcode());
    uint16_t operands[] = {instruction.a(), instruction.b(), instruction.c()};
    for (int i = 0; i < count; ++i)
      TRITTER_RETURN_IF_ERROR(read(operands[i], inRow));

    Opcode opcode = instruction.opcode();
    if (opcode != Opcode::Load && opcode != Opcode::Store && opcode != Opcode::ColumnSum)
      return {};
    if (instruction.view() >= sizeOf(kernel_.views()))
      return error("uses view {}, but has {}", instruction.view(), sizeOf(kernel_.views()));
    const schema::View &view = *kernel_.views()->Get(instruction.view());
    if ((opcode == Opcode::ColumnSum) != (view.access() == Access::ColumnSum))
      return error("uses view {} for or without column sums against its kind", instruction.view());
    if (opcode == Opcode::Load && view.direction() == Direction::Write)
      return error("loads from view {}, which is written only", instruction.view());
    if (opcode == Opcode::Store && view.direction() == Direction::Read)
      return error("stores to view {}, which is read only", instruction.view());
    bool perRow = view.access() == Access::Row || view.access() == Access::Scalar;
    if (inRow && !perRow)
      return error("uses view {}, which has columns, where rows are worked on", instruction.view());
    if (!inRow && perRow && opcode == Opcode::Store)
      return error("stores to view {}, which has no columns, for each column", instruction.view());
    return {};
  }

  Status columnInstruction(const schema::Instruction &instruction, std::vector<uint16_t> &reductions) {
    TRITTER_RETURN_IF_ERROR(common(instruction, /*inRow=*/false));
    Opcode opcode = instruction.opcode();
    if (opcode == Opcode::Store || opcode == Opcode::ColumnSum)
      return {};
    if (opcode == Opcode::ReduceAdd || opcode == Opcode::ReduceMaximum) {
      // The value is there when the sweep is over.
      reductions.push_back(instruction.result());
      return define(instruction.result(), Register::Undefined);
    }
    return define(instruction.result(), dependsOnColumn(instruction) ? Register::Column : Register::Uniform);
  }

  bool dependsOnColumn(const schema::Instruction &instruction) const {
    if (instruction.opcode() == Opcode::ColumnIndex)
      return true;
    if (instruction.opcode() == Opcode::Load) {
      Access access = kernel_.views()->Get(instruction.view())->access();
      return access != Access::Row && access != Access::Scalar;
    }
    uint16_t operands[] = {instruction.a(), instruction.b(), instruction.c()};
    for (int i = 0; i < operandCount(instruction.opcode()); ++i)
      if (registers_[operands[i]] == Register::Column)
        return true;
    return false;
  }

  Status rowInstruction(const schema::Instruction &instruction) {
    TRITTER_RETURN_IF_ERROR(common(instruction, /*inRow=*/true));
    Opcode opcode = instruction.opcode();
    if (opcode == Opcode::ReduceAdd || opcode == Opcode::ReduceMaximum || opcode == Opcode::ColumnIndex)
      return error("has {} where rows are worked on", schema::EnumNameOpcode(opcode));
    return opcode == Opcode::Store ? Status() : define(instruction.result(), Register::Row);
  }

  const schema::Kernel &kernel_;
  std::vector<Register> registers_;
};

class Verifier {
public:
  explicit Verifier(const schema::Executable &executable) : executable_(executable) {}

  Status run() {
    for (const schema::Arena *arena : elements(executable_.arenas()))
      if (arena->bytes() >> 63)
        return error("arena '{}' is said to have {} bytes", textOf(arena->name()), arena->bytes());
    for (const schema::Binding *binding : elements(executable_.bindings()))
      TRITTER_RETURN_IF_ERROR(
          location(binding->location(), binding->shape()).within(fmt::format("binding '{}'", textOf(binding->name()))));
    for (const schema::Parameter *parameter : elements(executable_.parameters()))
      TRITTER_RETURN_IF_ERROR(
          this->parameter(*parameter).within(fmt::format("parameter '{}'", textOf(parameter->name()))));
    for (const schema::Kernel *kernel : elements(executable_.kernels()))
      TRITTER_RETURN_IF_ERROR(KernelVerifier(*kernel).run().within(fmt::format("kernel '{}'", textOf(kernel->name()))));
    for (const schema::Entry *entry : elements(executable_.entries()))
      if (entry->sequence() >= sizeOf(executable_.sequences()))
        return error("entry '{}' runs sequence {}, but there are {}", textOf(entry->name()), entry->sequence(),
                     sizeOf(executable_.sequences()));
    for (const schema::Target *target : elements(executable_.targets()))
      for (const schema::KernelCode *code : elements(target->kernels()))
        if (code->kernel() >= sizeOf(executable_.kernels()) || textOf(code->symbol()).empty())
          return error("the code for {} has a function '{}' of kernel {}, but there are {} kernels",
                       textOf(target->name()), textOf(code->symbol()), code->kernel(), sizeOf(executable_.kernels()));
    return verifyExtents(executable_);
  }

private:
  Status location(const schema::Location *location, const flatbuffers::Vector<uint64_t> *shape) {
    if (!location)
      return error("has no location");
    if (location->dtype() > DType::MAX)
      return error("has the unknown type {}", unsigned(location->dtype()));
    if (location->arena() >= sizeOf(executable_.arenas()))
      return error("is in arena {}, but there are {}", location->arena(), sizeOf(executable_.arenas()));
    const schema::Arena &arena = *executable_.arenas()->Get(location->arena());
    if (location->offset() % sizeOf(location->dtype()))
      return error("begins at byte {}, between two elements of {}", location->offset(), nameOf(location->dtype()));
    std::optional<uint64_t> bytes = bytesOf(shape, location->dtype());
    if (!bytes || location->offset() > arena.bytes() || *bytes > arena.bytes() - location->offset())
      return error("reaches beyond the end of arena '{}' ({} bytes)", textOf(arena.name()), arena.bytes());
    return {};
  }

  /// A growth's parameters have no place: it is executed from tensor to tensor.
  Status parameter(const schema::Parameter &parameter) {
    if (parameter.dtype() > DType::MAX)
      return error("has the unknown type {}", unsigned(parameter.dtype()));
    for (const schema::Location *place : {parameter.value(), parameter.master(), parameter.gradient()})
      if (place)
        TRITTER_RETURN_IF_ERROR(location(place, parameter.shape()));
    for (const schema::ParameterState *state : elements(parameter.states()))
      TRITTER_RETURN_IF_ERROR(location(state->location(), parameter.shape()).within(textOf(state->kind())));
    return {};
  }

  const schema::Executable &executable_;
};

} // namespace

Status tritter::verifyExecutable(const schema::Executable &executable) { return Verifier(executable).run(); }
