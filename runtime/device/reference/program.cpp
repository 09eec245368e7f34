#include "runtime/device/reference/program.h"

#include <algorithm>
#include <map>

using namespace tritter;
using schema::Access;
using schema::Opcode;

namespace {

class Decoder {
public:
  explicit Decoder(const schema::Kernel &kernel) : kernel_(kernel), registers_(kernel.registers()) {}

  Program run() {
    for (const schema::Sweep *sweep : elements(kernel_.sweeps()))
      program_.sweeps.push_back(decode(*sweep));
    return std::move(program_);
  }

private:
  /// Where a register's value is at this point.
  struct Value {
    bool column = false;
    uint32_t index = 0;
  };

  SweepProgram decode(const schema::Sweep &sweep) {
    SweepProgram result;
    values_ = 0;
    broadcasts_.clear();
    std::vector<std::pair<uint16_t, uint32_t>> reduced;
    for (const schema::Instruction *instruction : elements(sweep.columns())) {
      Opcode opcode = instruction->opcode();
      if (isUniform(*instruction)) {
        result.uniform.push_back(onScalars(*instruction));
        continue;
      }
      Operation operation{opcode, 0, 0, 0, 0, instruction->view(), instruction->immediate()};
      uint16_t operands[] = {instruction->a(), instruction->b(), instruction->c()};
      uint32_t *places[] = {&operation.a, &operation.b, &operation.c};
      for (int i = 0; i < operandCount(opcode); ++i)
        *places[i] = buffered(registers_[operands[i]]);
      if (opcode == Opcode::ReduceAdd || opcode == Opcode::ReduceMaximum) {
        operation.result = uint32_t(result.reductions.size());
        result.reductions.push_back({opcode, program_.scalars});
        reduced.push_back({instruction->result(), program_.scalars++});
      } else if (opcode != Opcode::Store && opcode != Opcode::ColumnSum) {
        operation.result = values_++;
        registers_[instruction->result()] = {true, operation.result};
      }
      result.columns.push_back(operation);
    }
    for (auto [scalar, value] : broadcasts_)
      result.broadcasts.push_back({scalar, value});
    assignBuffers(result);
    for (auto [name, scalar] : reduced)
      registers_[name] = {false, scalar};
    for (const schema::Instruction *instruction : elements(sweep.row()))
      result.row.push_back(onScalars(*instruction));
    return result;
  }

  bool isUniform(const schema::Instruction &instruction) const {
    switch (instruction.opcode()) {
    case Opcode::Store:
    case Opcode::ColumnSum:
    case Opcode::ColumnIndex:
    case Opcode::ReduceAdd:
    case Opcode::ReduceMaximum:
      return false;
    case Opcode::Load: {
      Access access = kernel_.views()->Get(instruction.view())->access();
      return access == Access::Row || access == Access::Scalar;
    }
    default:
      break;
    }
    uint16_t operands[] = {instruction.a(), instruction.b(), instruction.c()};
    return std::none_of(operands, operands + operandCount(instruction.opcode()),
                        [&](uint16_t operand) { return registers_[operand].column; });
  }

  Operation onScalars(const schema::Instruction &instruction) {
    Operation operation{instruction.opcode(), 0, 0, 0, 0, instruction.view(), instruction.immediate()};
    uint16_t operands[] = {instruction.a(), instruction.b(), instruction.c()};
    uint32_t *places[] = {&operation.a, &operation.b, &operation.c};
    for (int i = 0; i < operandCount(instruction.opcode()); ++i)
      *places[i] = registers_[operands[i]].index;
    if (instruction.opcode() != Opcode::Store) {
      operation.result = program_.scalars++;
      registers_[instruction.result()] = {false, operation.result};
    }
    return operation;
  }

  /// The number, within the sweep, of the value over columns; a scalar gets one.
  uint32_t buffered(Value value) {
    if (value.column)
      return value.index;
    auto [place, isNew] = broadcasts_.try_emplace(value.index, values_);
    if (isNew)
      ++values_;
    return place->second;
  }

  /// Values become buffers, shared by values that are not alive together; broadcasts live to the end.
  void assignBuffers(SweepProgram &sweep) {
    std::vector<size_t> lastUse(values_, 0);
    for (size_t i = 0; i < sweep.columns.size(); ++i)
      forOperands(sweep.columns[i], [&](uint32_t &value) { lastUse[value] = i; });
    std::vector<uint32_t> bufferOf(values_, 0);
    uint32_t count = 0;
    for (Broadcast &broadcast : sweep.broadcasts) {
      lastUse[broadcast.buffer] = sweep.columns.size();
      broadcast.buffer = bufferOf[broadcast.buffer] = count++;
    }
    std::vector<uint32_t> free;
    for (size_t i = 0; i < sweep.columns.size(); ++i) {
      Operation &operation = sweep.columns[i];
      std::vector<uint32_t> ending;
      forOperands(operation, [&](uint32_t &value) {
        if (lastUse[value] == i && std::find(ending.begin(), ending.end(), bufferOf[value]) == ending.end())
          ending.push_back(bufferOf[value]);
        value = bufferOf[value];
      });
      // Operands may be overwritten by their own operation.
      free.insert(free.end(), ending.begin(), ending.end());
      if (!definesBuffer(operation.opcode))
        continue;
      uint32_t value = operation.result;
      if (free.empty())
        free.push_back(count++);
      bufferOf[value] = operation.result = free.back();
      free.pop_back();
      if (lastUse[value] == 0)
        free.push_back(operation.result); // Never read.
    }
    program_.buffers = std::max(program_.buffers, count);
  }

  static bool definesBuffer(Opcode opcode) {
    return opcode != Opcode::Store && opcode != Opcode::ColumnSum && opcode != Opcode::ReduceAdd &&
           opcode != Opcode::ReduceMaximum;
  }

  template <typename Function> static void forOperands(Operation &operation, Function function) {
    uint32_t *places[] = {&operation.a, &operation.b, &operation.c};
    for (int i = 0; i < operandCount(operation.opcode); ++i)
      function(*places[i]);
  }

  const schema::Kernel &kernel_;
  Program program_;
  std::vector<Value> registers_;
  /// Values over columns so far in this sweep, and those of them that are copies of scalars.
  uint32_t values_ = 0;
  std::map<uint32_t, uint32_t> broadcasts_;
};

} // namespace

Program tritter::decodeKernel(const schema::Kernel &kernel) { return Decoder(kernel).run(); }

int tritter::operandCount(Opcode opcode) {
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
