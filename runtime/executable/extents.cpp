#include "runtime/executable/executable.h"
#include "runtime/executable/verify.h"

#include <algorithm>

using namespace tritter;
using schema::Access;
using schema::DType;

namespace {

/// A size that sticks at the largest value where it would overflow.
uint64_t times(uint64_t a, uint64_t b) {
  uint64_t result;
  return __builtin_mul_overflow(a, b, &result) ? UINT64_MAX : result;
}
uint64_t plus(uint64_t a, uint64_t b) {
  uint64_t result;
  return __builtin_add_overflow(a, b, &result) ? UINT64_MAX : result;
}

/// Elements of `rows` rows of `columns`, `stride` apart.
uint64_t strided(uint64_t rows, uint64_t stride, uint64_t columns) {
  return rows && columns ? plus(times(rows - 1, stride), columns) : 0;
}

/// Elements that a kernel may touch through a view; through a Gather one row, as the indices are not known here.
uint64_t elementsBehind(const schema::View &view, const schema::Launch &launch, uint64_t columns) {
  uint64_t rows = launch.rows() ? (launch.rows() - 1) / view.row_divisor() + 1 : 0;
  if (view.row_modulus())
    rows = std::min(rows, view.row_modulus());
  uint64_t columnEnd = strided(columns, view.column_stride(), 1);
  switch (view.access()) {
  case Access::Element:
    return strided(rows, view.row_stride(), columnEnd);
  case Access::Column:
  case Access::Gather:
    return columnEnd;
  case Access::Row:
    return strided(rows, view.row_stride(), 1);
  case Access::Scalar:
    return 1;
  case Access::ColumnSum:
    return strided(launch.blocks(), view.row_stride(), columnEnd);
  }
  return 0;
}

class ExtentVerifier {
public:
  explicit ExtentVerifier(const schema::Executable &executable)
      : executable_(executable), needs_(sizeOf(executable.sequences())), states_(needs_.size()) {}

  Status run() {
    for (size_t i = 0; i < needs_.size(); ++i)
      TRITTER_RETURN_IF_ERROR(sequence(i));
    for (const schema::Entry *entry : elements(executable_.entries())) {
      const std::vector<uint64_t> &needs = needs_[entry->sequence()];
      if (needs.size() > sizeOf(executable_.arenas()))
        return error("entry '{}' has {} slots, but there are {} arenas", textOf(entry->name()), needs.size(),
                     sizeOf(executable_.arenas()));
      for (size_t i = 0; i < needs.size(); ++i)
        if (const schema::Arena &arena = *executable_.arenas()->Get(i); needs[i] > arena.bytes())
          return error("entry '{}' reaches byte {} of arena '{}', which has {}", textOf(entry->name()), needs[i],
                       textOf(arena.name()), arena.bytes());
    }
    return {};
  }

private:
  enum class State : uint8_t { New, Open, Done };

  Status sequence(uint32_t index) {
    const schema::Sequence &sequence = *executable_.sequences()->Get(index);
    if (states_[index] == State::Done)
      return {};
    if (states_[index] == State::Open)
      return error("sequence '{}' calls itself", textOf(sequence.name()));
    if (sequence.slots() > (1u << 20))
      return error("sequence '{}' is said to have {} slots", textOf(sequence.name()), sequence.slots());
    states_[index] = State::Open;
    needs_[index].resize(sequence.slots());
    size_t number = 0;
    for (const schema::Step *step : elements(sequence.steps())) {
      TRITTER_RETURN_IF_ERROR(command(*step, needs_[index])
                                  .within(fmt::format("sequence '{}', step {} ({})", textOf(sequence.name()), number,
                                                      textOf(step->label()))));
      ++number;
    }
    states_[index] = State::Done;
    return {};
  }

  using Needs = std::vector<uint64_t>;

  static Status need(Needs &needs, const schema::Operand *operand, uint64_t bytes, uint64_t alignment) {
    if (!operand)
      return error("an operand is missing");
    if (operand->slot() >= needs.size())
      return error("uses slot {}, but the sequence has {}", operand->slot(), needs.size());
    if (operand->offset() % alignment)
      return error("an operand begins at byte {}, between two elements of {} bytes", operand->offset(), alignment);
    uint64_t &most = needs[operand->slot()];
    most = std::max(most, plus(operand->offset(), bytes));
    return {};
  }

  static Status array(Needs &needs, const schema::Operand *operand, uint64_t count, DType type) {
    if (type > DType::MAX)
      return error("an operand has the unknown type {}", unsigned(type));
    return need(needs, operand, times(count, sizeOf(type)), sizeOf(type));
  }

  Status command(const schema::Step &step, Needs &needs) {
    switch (step.command_type()) {
    case schema::Command::Launch:
      return launch(*step.command_as_Launch(), needs);
    case schema::Command::Gemm:
      return gemm(*step.command_as_Gemm(), needs);
    case schema::Command::Attention:
      return attention(*step.command_as_Attention(), needs);
    case schema::Command::AttentionBackward:
      return attentionBackward(*step.command_as_AttentionBackward(), needs);
    case schema::Command::ScatterAdd:
      return scatterAdd(*step.command_as_ScatterAdd(), needs);
    case schema::Command::Copy:
      TRITTER_RETURN_IF_ERROR(need(needs, step.command_as_Copy()->source(), step.command_as_Copy()->bytes(), 1));
      return need(needs, step.command_as_Copy()->destination(), step.command_as_Copy()->bytes(), 1);
    case schema::Command::Fill:
      return need(needs, step.command_as_Fill()->destination(), step.command_as_Fill()->bytes(), 1);
    case schema::Command::Call:
      return call(*step.command_as_Call(), needs);
    case schema::Command::NONE:
      break;
    }
    return error("has no command known here; compile the executable again");
  }

  Status launch(const schema::Launch &launch, Needs &needs) {
    if (launch.kernel() >= sizeOf(executable_.kernels()))
      return error("launches kernel {}, but there are {}", launch.kernel(), sizeOf(executable_.kernels()));
    const schema::Kernel &kernel = *executable_.kernels()->Get(launch.kernel());
    if (sizeOf(launch.operands()) != sizeOf(kernel.views()))
      return error("gives {} operands to kernel '{}', which has {} views", sizeOf(launch.operands()),
                   textOf(kernel.name()), sizeOf(kernel.views()));
    for (size_t i = 0; i < sizeOf(kernel.views()); ++i) {
      const schema::View &view = *kernel.views()->Get(i);
      if (view.access() == Access::ColumnSum && launch.blocks() == 0)
        return error("kernel '{}' has column sums, but the launch has no blocks", textOf(kernel.name()));
      TRITTER_RETURN_IF_ERROR(
          array(needs, launch.operands()->Get(i), elementsBehind(view, launch, kernel.columns()), view.dtype()));
    }
    return {};
  }

  static bool real(DType type) { return type == DType::F32 || type == DType::BF16 || type == DType::F64; }

  static Status matrix(Needs &needs, const schema::Matrix *matrix, uint64_t rows, uint64_t columns, const char *name) {
    if (!matrix)
      return error("matrix {} is missing", name);
    if (!real(matrix->dtype()))
      return error("matrix {} does not hold real numbers", name);
    if (matrix->transposed())
      std::swap(rows, columns);
    if (matrix->row_stride() < columns)
      return error("matrix {} has rows of {} elements, {} apart", name, columns, matrix->row_stride());
    return array(needs, &matrix->operand(), strided(rows, matrix->row_stride(), columns), matrix->dtype());
  }

  static Status gemm(const schema::Gemm &gemm, Needs &needs) {
    TRITTER_RETURN_IF_ERROR(matrix(needs, gemm.a(), gemm.m(), gemm.k(), "a"));
    TRITTER_RETURN_IF_ERROR(matrix(needs, gemm.b(), gemm.k(), gemm.n(), "b"));
    TRITTER_RETURN_IF_ERROR(matrix(needs, gemm.c(), gemm.m(), gemm.n(), "c"));
    if (gemm.c()->transposed())
      return error("the result of a product cannot be transposed");
    if (gemm.a()->dtype() != gemm.b()->dtype())
      return error("a product of {} and {}; both must have one type", nameOf(gemm.a()->dtype()),
                   nameOf(gemm.b()->dtype()));
    if ((gemm.a()->dtype() == DType::F64) != (gemm.c()->dtype() == DType::F64))
      return error("a product of {} into {}", nameOf(gemm.a()->dtype()), nameOf(gemm.c()->dtype()));
    if (!gemm.bias())
      return {};
    if (!real(gemm.bias_dtype()))
      return error("the bias does not hold real numbers");
    return array(needs, gemm.bias(), gemm.n(), gemm.bias_dtype());
  }

  static Status headRows(Needs &needs, const schema::Attention &forward, const schema::HeadRows *rows, uint64_t heads) {
    if (!rows)
      return error("an operand of the attention is missing");
    uint64_t width = times(heads, forward.head_dim());
    if (rows->row_stride() < width)
      return error("rows of {} elements, {} apart", width, rows->row_stride());
    return array(needs, &rows->operand(),
                 strided(times(forward.batch(), forward.sequence()), rows->row_stride(), width), forward.dtype());
  }

  static Status attention(const schema::Attention &attention, Needs &needs) {
    if (!real(attention.dtype()))
      return error("attention does not work on {}", nameOf(attention.dtype()));
    if (attention.kv_heads() == 0 || attention.heads() % attention.kv_heads())
      return error("{} query heads cannot share {} key and value heads evenly", attention.heads(),
                   attention.kv_heads());
    TRITTER_RETURN_IF_ERROR(headRows(needs, attention, attention.query(), attention.heads()));
    TRITTER_RETURN_IF_ERROR(headRows(needs, attention, attention.key(), attention.kv_heads()));
    TRITTER_RETURN_IF_ERROR(headRows(needs, attention, attention.value(), attention.kv_heads()));
    TRITTER_RETURN_IF_ERROR(headRows(needs, attention, attention.out(), attention.heads()));
    return array(needs, attention.log_sum_exp(),
                 times(times(attention.batch(), attention.heads()), attention.sequence()),
                 attention.dtype() == DType::F64 ? DType::F64 : DType::F32);
  }

  static Status attentionBackward(const schema::AttentionBackward &backward, Needs &needs) {
    if (!backward.forward())
      return error("the attention that gradients are wanted of is missing");
    const schema::Attention &forward = *backward.forward();
    TRITTER_RETURN_IF_ERROR(attention(forward, needs));
    TRITTER_RETURN_IF_ERROR(headRows(needs, forward, backward.out_gradient(), forward.heads()));
    TRITTER_RETURN_IF_ERROR(headRows(needs, forward, backward.query_gradient(), forward.heads()));
    TRITTER_RETURN_IF_ERROR(headRows(needs, forward, backward.key_gradient(), forward.kv_heads()));
    return headRows(needs, forward, backward.value_gradient(), forward.kv_heads());
  }

  static Status scatterAdd(const schema::ScatterAdd &scatter, Needs &needs) {
    if (!real(scatter.dtype()) || scatter.table_dtype() != (scatter.dtype() == DType::F64 ? DType::F64 : DType::F32))
      return error("adds rows of {} to a table of {}, which is f32, or f64 for rows of f64", nameOf(scatter.dtype()),
                   nameOf(scatter.table_dtype()));
    TRITTER_RETURN_IF_ERROR(array(needs, scatter.indices(), scatter.rows(), DType::I32));
    TRITTER_RETURN_IF_ERROR(array(needs, scatter.source(), times(scatter.rows(), scatter.columns()), scatter.dtype()));
    return array(needs, scatter.table(), times(scatter.table_rows(), scatter.columns()), scatter.table_dtype());
  }

  Status call(const schema::Call &call, Needs &needs) {
    if (call.sequence() >= needs_.size())
      return error("calls sequence {}, but there are {}", call.sequence(), needs_.size());
    TRITTER_RETURN_IF_ERROR(sequence(call.sequence()));
    const Needs &callee = needs_[call.sequence()];
    if (sizeOf(call.slots()) != callee.size())
      return error("gives {} slots to a sequence that has {}", sizeOf(call.slots()), callee.size());
    for (size_t i = 0; i < callee.size(); ++i)
      TRITTER_RETURN_IF_ERROR(need(needs, call.slots()->Get(i), callee[i], 1));
    return {};
  }

  const schema::Executable &executable_;
  /// Per sequence and slot, the bytes needed behind it.
  std::vector<Needs> needs_;
  std::vector<State> states_;
};

} // namespace

Status tritter::verifyExtents(const schema::Executable &executable) { return ExtentVerifier(executable).run(); }
