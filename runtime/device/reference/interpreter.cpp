#include "runtime/device/reference/interpreter.h"
#include "runtime/device/reference/program.h"
#include "runtime/device/reference/vector_ops.h"

#include <algorithm>
#include <limits>

using namespace tritter;
using schema::Access;
using schema::Opcode;

namespace {

struct DecodedView {
  Access access;
  schema::DType type;
  int64_t rowStride;
  int64_t columnStride;
  int64_t divisor;
  int64_t modulus;
  uint16_t indexView;
  size_t elementSize;

  explicit DecodedView(const schema::View &view)
      : access(view.access()), type(view.dtype()), rowStride(view.row_stride()), columnStride(view.column_stride()),
        divisor(view.row_divisor()), modulus(view.row_modulus()), indexView(view.index_view()),
        elementSize(sizeOf(view.dtype())) {}

  int64_t row(int64_t r) const {
    int64_t row = divisor == 1 ? r : r / divisor;
    return modulus ? row % modulus : row;
  }
};

template <typename T> class Interpreter : public KernelCode {
public:
  explicit Interpreter(const schema::Kernel &kernel) : program_(decodeKernel(kernel)), columns_(kernel.columns()) {
    for (const schema::View *view : elements(kernel.views()))
      views_.emplace_back(*view);
  }

  void run(void *const *operands, int64_t rowBegin, int64_t rowEnd, int64_t block) const override {
    State state(*this, block);
    for (size_t i = 0; i < views_.size(); ++i)
      if (views_[i].access == Access::ColumnSum) {
        state.rows[i] = static_cast<std::byte *>(operands[i]) + block * views_[i].rowStride * sizeof(T);
        for (int64_t column = 0; column < columns_; ++column)
          reinterpret_cast<T *>(state.rows[i])[column * views_[i].columnStride] = 0;
      }
    for (int64_t row = rowBegin; row < rowEnd; ++row) {
      state.row = row;
      for (size_t i = 0; i < views_.size(); ++i)
        if (views_[i].access != Access::ColumnSum)
          state.rows[i] = rowOf(operands, i, row);
      for (const SweepProgram &sweep : program_.sweeps)
        runSweep(sweep, state);
    }
  }

private:
  struct State {
    State(const Interpreter &code, int64_t block)
        : rows(code.views_.size()), scalars(code.program_.scalars), buffers(code.program_.buffers * chunkColumns) {}

    T *buffer(uint32_t index) { return buffers.data() + index * chunkColumns; }

    int64_t row = 0;
    /// For each view, where the row begins.
    std::vector<std::byte *> rows;
    std::vector<T> scalars;
    std::vector<T> buffers;
    std::vector<T> lanes;
  };

  std::byte *rowOf(void *const *operands, size_t index, int64_t row) const {
    const DecodedView &view = views_[index];
    auto *base = static_cast<std::byte *>(operands[index]);
    switch (view.access) {
    case Access::Element:
    case Access::Row:
      return base + view.row(row) * view.rowStride * int64_t(view.elementSize);
    case Access::Gather: {
      const DecodedView &indices = views_[view.indexView];
      int64_t chosen =
          static_cast<const int32_t *>(operands[view.indexView])[indices.row(view.row(row)) * indices.rowStride];
      return base + chosen * view.rowStride * int64_t(view.elementSize);
    }
    default:
      return base;
    }
  }

  void runSweep(const SweepProgram &sweep, State &state) const {
    for (const Operation &operation : sweep.uniform)
      runScalar(operation, state);
    if (!sweep.columns.empty())
      runColumns(sweep, state);
    for (const Operation &operation : sweep.row)
      runScalar(operation, state);
  }

  void runColumns(const SweepProgram &sweep, State &state) const {
    for (const Broadcast &broadcast : sweep.broadcasts)
      std::fill_n(state.buffer(broadcast.buffer), std::min(columns_, chunkColumns), state.scalars[broadcast.scalar]);
    state.lanes.resize(sweep.reductions.size() * reductionLanes);
    for (size_t i = 0; i < sweep.reductions.size(); ++i)
      std::fill_n(&state.lanes[i * reductionLanes], reductionLanes,
                  sweep.reductions[i].opcode == Opcode::ReduceAdd ? T(0) : -std::numeric_limits<T>::infinity());

    for (int64_t column = 0; column < columns_; column += chunkColumns)
      for (const Operation &operation : sweep.columns)
        runChunk(operation, state, column, std::min(chunkColumns, columns_ - column));

    for (size_t i = 0; i < sweep.reductions.size(); ++i) {
      T *lanes = &state.lanes[i * reductionLanes];
      for (int64_t width = reductionLanes / 2; width; width /= 2)
        reduceVectorTo(sweep.reductions[i].opcode, width, lanes);
      state.scalars[sweep.reductions[i].scalar] = lanes[0];
    }
  }

  /// lanes[i] takes up lanes[i + width].
  static void reduceVectorTo(Opcode opcode, int64_t width, T *lanes) {
    reduceVector(opcode, width, lanes, lanes + width);
  }

  void runChunk(const Operation &operation, State &state, int64_t column, int64_t count) const {
    T *result = state.buffer(operation.result);
    const T *a = state.buffer(operation.a);
    switch (operation.opcode) {
    case Opcode::Load:
    case Opcode::Store:
    case Opcode::ColumnSum: {
      const DecodedView &view = views_[operation.view];
      std::byte *place = state.rows[operation.view] + column * view.columnStride * int64_t(view.elementSize);
      if (operation.opcode == Opcode::Load)
        loadVector(view.type, count, view.columnStride, result, place);
      else if (operation.opcode == Opcode::Store)
        storeVector(view.type, count, view.columnStride, place, a);
      else
        for (int64_t i = 0; i < count; ++i)
          reinterpret_cast<T *>(place)[i * view.columnStride] += a[i];
      return;
    }
    case Opcode::ColumnIndex:
      for (int64_t i = 0; i < count; ++i)
        result[i] = T(column + i);
      return;
    case Opcode::ReduceAdd:
    case Opcode::ReduceMaximum:
      return reduceVector(operation.opcode, count, &state.lanes[operation.result * reductionLanes], a);
    default:
      return applyVector(operation.opcode, count, result, a, state.buffer(operation.b), state.buffer(operation.c));
    }
  }

  void runScalar(const Operation &operation, State &state) const {
    T &result = state.scalars[operation.result];
    switch (operation.opcode) {
    case Opcode::Load:
      return loadVector(views_[operation.view].type, 1, 1, &result, state.rows[operation.view]);
    case Opcode::Store:
      return storeVector(views_[operation.view].type, 1, 1, state.rows[operation.view], &state.scalars[operation.a]);
    case Opcode::Constant:
      result = T(operation.immediate);
      return;
    case Opcode::RowIndex:
      result = T(state.row);
      return;
    default:
      return applyVector(operation.opcode, 1, &result, &state.scalars[operation.a], &state.scalars[operation.b],
                         &state.scalars[operation.c]);
    }
  }

  Program program_;
  std::vector<DecodedView> views_;
  int64_t columns_;
};

} // namespace

std::unique_ptr<KernelCode> tritter::interpretKernel(const schema::Kernel &kernel) {
  if (kernel.compute() == schema::DType::F64)
    return std::make_unique<Interpreter<double>>(kernel);
  return std::make_unique<Interpreter<float>>(kernel);
}
