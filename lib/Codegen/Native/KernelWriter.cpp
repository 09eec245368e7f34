#include "lib/Codegen/Native/KernelWriter.h"
#include "dialects/Row/Schedule.h"
#include "lib/Codegen/Native/BodyEmitter.h"
#include "lib/Codegen/Native/VectorMath.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace mlir::row;
using LlvmType = llvm::Type;
using LlvmValue = llvm::Value;

namespace {
class KernelWriter {
public:
  KernelWriter(KernelOp kernel, StringRef name, llvm::Module &module, const VectorTarget &target)
      : kernel(kernel), target(target), schedule(kernel.getBody().front(), kernel.getViews()), b(module.getContext()),
        columns(int64_t(kernel.getColumns())) {
    LlvmType *pointer = b.getPtrTy(), *index = b.getInt64Ty();
    auto *type = llvm::FunctionType::get(b.getVoidTy(), {pointer, index, index, index}, false);
    function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, name, module);
    vector = llvm::FixedVectorType::get(b.getFloatTy(), target.lanes);
  }

  llvm::Function *write() {
    b.SetInsertPoint(newBlock("entry"));
    for (unsigned view = 0; view < kernel.getViews().size(); ++view) {
      LlvmValue *place = b.CreateConstInBoundsGEP1_64(b.getPtrTy(), function->getArg(0), view);
      bases.push_back(b.CreateLoad(b.getPtrTy(), place));
    }
    rowPlaces.resize(bases.size());
    clearColumnSums();
    loop(function->getArg(1), function->getArg(2), 1, [&](LlvmValue *row) { writeRow(row); });
    b.CreateRetVoid();
    return function;
  }

private:
  //===------------------------------------------------------------------===//
  // Control
  //===------------------------------------------------------------------===//

  llvm::BasicBlock *newBlock(const char *name) { return llvm::BasicBlock::Create(b.getContext(), name, function); }

  /// For index in begin, begin + step ... end; values are carried from one round to the next.
  SmallVector<LlvmValue *> loop(LlvmValue *begin, LlvmValue *end, int64_t step, ArrayRef<LlvmValue *> initial,
                                llvm::function_ref<SmallVector<LlvmValue *>(LlvmValue *, ArrayRef<LlvmValue *>)> body) {
    llvm::BasicBlock *before = b.GetInsertBlock(), *head = newBlock("head"), *inside = newBlock("body"),
                     *after = newBlock("after");
    b.CreateBr(head);
    b.SetInsertPoint(head);
    llvm::PHINode *index = b.CreatePHI(b.getInt64Ty(), 2);
    index->addIncoming(begin, before);
    SmallVector<LlvmValue *> carried;
    for (LlvmValue *value : initial) {
      llvm::PHINode *phi = b.CreatePHI(value->getType(), 2);
      phi->addIncoming(value, before);
      carried.push_back(phi);
    }
    b.CreateCondBr(b.CreateICmpSLT(index, end), inside, after);
    b.SetInsertPoint(inside);
    SmallVector<LlvmValue *> next = body(index, carried);
    index->addIncoming(b.CreateAdd(index, b.getInt64(step)), b.GetInsertBlock());
    for (auto [phi, value] : llvm::zip_equal(carried, next))
      cast<llvm::PHINode>(phi)->addIncoming(value, b.GetInsertBlock());
    b.CreateBr(head);
    b.SetInsertPoint(after);
    return carried;
  }

  void loop(LlvmValue *begin, LlvmValue *end, int64_t step, llvm::function_ref<void(LlvmValue *)> body) {
    loop(begin, end, step, {}, [&](LlvmValue *index, ArrayRef<LlvmValue *>) {
      body(index);
      return SmallVector<LlvmValue *>();
    });
  }

  //===------------------------------------------------------------------===//
  // Rows
  //===------------------------------------------------------------------===//

  Type elementType(unsigned view) { return cast<TypeAttr>(kernel.getTypes()[view]).getValue(); }
  LlvmType *storageType(unsigned view) {
    Type type = elementType(view);
    return type.isF32() ? b.getFloatTy() : type.isBF16() ? (LlvmType *)b.getInt16Ty() : b.getInt32Ty();
  }
  LlvmValue *elementAt(unsigned view, LlvmValue *base, LlvmValue *index) {
    return b.CreateInBoundsGEP(storageType(view), base, index);
  }

  void clearColumnSums() {
    for (auto [number, view] : llvm::enumerate(kernel.getViews().getAsRange<ViewAttr>())) {
      if (view.getAccess() != Access::ColumnSum)
        continue;
      LlvmValue *place =
          elementAt(number, bases[number], b.CreateMul(function->getArg(3), b.getInt64(view.getRowStride())));
      rowPlaces[number] = place;
      loop(b.getInt64(0), b.getInt64(columns), 1, [&](LlvmValue *column) {
        b.CreateStore(llvm::ConstantFP::get(b.getFloatTy(), 0), elementAt(number, place, column));
      });
    }
  }

  LlvmValue *rowOf(ViewAttr view, LlvmValue *row) {
    if (view.getDivisor() != 1)
      row = b.CreateUDiv(row, b.getInt64(view.getDivisor()));
    return view.getModulus() ? b.CreateURem(row, b.getInt64(view.getModulus())) : row;
  }

  LlvmValue *findRow(unsigned number, ViewAttr view, LlvmValue *row) {
    if (view.getAccess() == Access::Column || view.getAccess() == Access::Scalar)
      return bases[number];
    LlvmValue *index = rowOf(view, row);
    if (view.getAccess() == Access::Gather) {
      ViewAttr indexView = kernel.getInputView(view.getIndex());
      LlvmValue *at = b.CreateMul(rowOf(indexView, index), b.getInt64(indexView.getRowStride()));
      LlvmValue *chosen = b.CreateLoad(b.getInt32Ty(), elementAt(view.getIndex(), bases[view.getIndex()], at));
      index = b.CreateSExt(chosen, b.getInt64Ty());
    }
    return elementAt(number, bases[number], b.CreateMul(index, b.getInt64(view.getRowStride())));
  }

  void writeRow(LlvmValue *row) {
    for (auto [number, view] : llvm::enumerate(kernel.getViews().getAsRange<ViewAttr>()))
      if (view.getAccess() != Access::ColumnSum)
        rowPlaces[number] = findRow(number, view, row);
    rowIndex = row;
    rowValues.clear();
    writeRowPart(schedule.prologue);
    for (const Sweep &sweep : schedule.sweeps) {
      if (sweep.hasColumns())
        writeColumns(sweep);
      writeRowPart(sweep);
    }
  }

  void writeRowPart(const Sweep &sweep) {
    for (BlockArgument argument : sweep.rowLoads)
      rowValues[argument] = load(argument.getArgNumber(), rowPlaces[argument.getArgNumber()], b.getFloatTy());
    for (Operation *op : sweep.row) {
      if (isa<RowIndexOp>(op)) {
        rowValues[op->getResult(0)] = b.CreateSIToFP(rowIndex, b.getFloatTy());
        continue;
      }
      SmallVector<LlvmValue *> operands;
      for (Value operand : op->getOperands())
        operands.push_back(rowValues.lookup(operand));
      rowValues[op->getResult(0)] = emitBodyOperation(b, *op, operands);
    }
    for (unsigned number : sweep.rowStores)
      store(number, rowPlaces[kernel.getInputCount() + number],
            rowValues.lookup(kernel.getYield().getValues()[number]));
  }

  //===------------------------------------------------------------------===//
  // Columns
  //===------------------------------------------------------------------===//

  /// Vectors in a round of the loop: more hide the latency of sums, fewer keep long bodies in registers.
  int64_t unrolling(const Sweep &sweep) {
    int64_t weight = sweep.loads.size();
    for (Operation *op : sweep.columns)
      weight += isa<math::ExpOp, math::LogOp, math::ErfOp>(op) ? 8 : 1;
    return weight <= 8 ? 4 : weight <= 24 ? 2 : 1;
  }

  void writeColumns(const Sweep &sweep) {
    int64_t lanes = target.lanes, unroll = unrolling(sweep);
    SmallVector<ReduceOp> reductions;
    for (Operation *op : sweep.columns)
      if (auto reduce = dyn_cast<ReduceOp>(op))
        reductions.push_back(reduce);
    // Partial results: those of one vector of a round after those of another.
    SmallVector<LlvmValue *> partials;
    for (int64_t i = 0; i < unroll; ++i)
      for (ReduceOp reduce : reductions)
        partials.push_back(llvm::ConstantFP::get(vector, identity(reduce)));

    int64_t round = lanes * unroll, rounds = columns / round, column = rounds * round;
    auto part = [&](MutableArrayRef<LlvmValue *> all, int64_t i) {
      return all.slice(i * reductions.size(), reductions.size());
    };
    if (rounds > 0)
      partials = loop(b.getInt64(0), b.getInt64(column), round, partials,
                      [&](LlvmValue *index, ArrayRef<LlvmValue *> carried) {
                        SmallVector<LlvmValue *> next(carried);
                        for (int64_t i = 0; i < unroll; ++i)
                          writeVector(sweep, b.CreateAdd(index, b.getInt64(i * lanes)), part(next, i), lanes);
                        return next;
                      });
    for (int64_t i = 0; column < columns; column += lanes, ++i)
      writeVector(sweep, b.getInt64(column), part(partials, i % unroll), std::min(lanes, columns - column));

    for (auto [number, reduce] : llvm::enumerate(reductions)) {
      SmallVector<LlvmValue *> parts;
      for (int64_t i = 0; i < unroll; ++i)
        parts.push_back(part(partials, i)[number]);
      rowValues[reduce.getResult()] = finishReduction(reduce, parts);
    }
  }

  static double identity(ReduceOp reduce) {
    return reduce.getKind() == ReduceKind::Add ? 0 : -std::numeric_limits<double>::infinity();
  }

  LlvmValue *combine(ReduceOp reduce, LlvmValue *a, LlvmValue *c) {
    return reduce.getKind() == ReduceKind::Add ? b.CreateFAdd(a, c) : buildMaximum(b, a, c);
  }

  LlvmValue *finishReduction(ReduceOp reduce, SmallVector<LlvmValue *> parts) {
    for (; parts.size() > 1; parts.truncate(parts.size() / 2))
      for (size_t i = 0; i < parts.size() / 2; ++i)
        parts[i] = combine(reduce, parts[i], parts[i + parts.size() / 2]);
    // Halves onto halves.
    LlvmValue *value = parts.front();
    for (unsigned half = target.lanes / 2; half; half /= 2) {
      SmallVector<int> low, high;
      for (unsigned i = 0; i < half; ++i) {
        low.push_back(int(i));
        high.push_back(int(i + half));
      }
      value = combine(reduce, b.CreateShuffleVector(value, low), b.CreateShuffleVector(value, high));
    }
    return b.CreateExtractElement(value, uint64_t(0));
  }

  /// One vector of columns from `column` on, of which `count` are there.
  void writeVector(const Sweep &sweep, LlvmValue *column, MutableArrayRef<LlvmValue *> partials, int64_t count) {
    DenseMap<Value, LlvmValue *> values;
    auto read = [&](Value value) {
      if (LlvmValue *found = values.lookup(value))
        return found;
      return values[value] = b.CreateVectorSplat(target.lanes, rowValues.lookup(value));
    };
    for (BlockArgument argument : sweep.loads) {
      unsigned view = argument.getArgNumber();
      values[argument] = load(view, elementAt(view, rowPlaces[view], column), vector, count);
    }
    size_t reduction = 0;
    for (Operation *op : sweep.columns) {
      if (isa<ColumnIndexOp>(op)) {
        values[op->getResult(0)] = columnIndices(column);
        continue;
      }
      SmallVector<LlvmValue *> operands;
      for (Value operand : op->getOperands())
        operands.push_back(read(operand));
      if (auto reduce = dyn_cast<ReduceOp>(op)) {
        LlvmValue *&partial = partials[reduction++];
        LlvmValue *combined = combine(reduce, partial, operands[0]);
        partial = count == target.lanes ? combined : b.CreateSelect(mask(count), combined, partial);
      } else {
        values[op->getResult(0)] = emitBodyOperation(b, *op, operands);
      }
    }
    for (unsigned number : sweep.columnStores) {
      unsigned view = kernel.getInputCount() + number;
      LlvmValue *place = elementAt(view, rowPlaces[view], column);
      LlvmValue *value = read(kernel.getYield().getValues()[number]);
      if (kernel.getOutputView(number).getAccess() == Access::ColumnSum)
        value = b.CreateFAdd(load(view, place, vector, count), value);
      store(number, place, value, count);
    }
  }

  LlvmValue *columnIndices(LlvmValue *column) {
    SmallVector<llvm::Constant *> lanes;
    for (unsigned i = 0; i < target.lanes; ++i)
      lanes.push_back(b.getInt32(i));
    LlvmValue *first = b.CreateVectorSplat(target.lanes, b.CreateTrunc(column, b.getInt32Ty()));
    return b.CreateSIToFP(b.CreateAdd(first, llvm::ConstantVector::get(lanes)), vector);
  }

  //===------------------------------------------------------------------===//
  // Memory
  //===------------------------------------------------------------------===//

  llvm::Constant *mask(int64_t count) {
    SmallVector<llvm::Constant *> lanes;
    for (unsigned i = 0; i < target.lanes; ++i)
      lanes.push_back(b.getInt1(i < count));
    return llvm::ConstantVector::get(lanes);
  }

  /// A value of `type` (f32, or a vector of which `count` elements are there) from storage.
  LlvmValue *load(unsigned view, LlvmValue *place, LlvmType *type, int64_t count = 0) {
    LlvmType *stored = type->getWithNewType(storageType(view));
    llvm::Align alignment(storageType(view)->getPrimitiveSizeInBits() / 8);
    LlvmValue *raw = type->isVectorTy() && count < target.lanes
                         ? (LlvmValue *)b.CreateMaskedLoad(stored, place, alignment, mask(count),
                                                           llvm::Constant::getNullValue(stored))
                         : b.CreateAlignedLoad(stored, place, alignment);
    Type element = elementType(view);
    if (element.isF32())
      return raw;
    if (element.isInteger())
      return b.CreateSIToFP(raw, type);
    LlvmType *bits = type->getWithNewType(b.getInt32Ty());
    return b.CreateBitCast(b.CreateShl(b.CreateZExt(raw, bits), 16), type);
  }

  void store(unsigned output, LlvmValue *place, LlvmValue *value, int64_t count = 0) {
    unsigned view = kernel.getInputCount() + output;
    bool whole = !value->getType()->isVectorTy() || count == target.lanes;
    Type element = elementType(view);
    if (element.isBF16())
      value = roundToBf16(value);
    else if (element.isInteger())
      value = b.CreateFPToSI(value, value->getType()->getWithNewType(b.getInt32Ty()));
    llvm::Align alignment(storageType(view)->getPrimitiveSizeInBits() / 8);
    if (whole)
      b.CreateAlignedStore(value, place, alignment);
    else
      b.CreateMaskedStore(value, place, alignment, mask(count));
  }

  /// To nearest, ties to even; NaN stays NaN.
  LlvmValue *roundToBf16(LlvmValue *value) {
    LlvmType *type = value->getType(), *half = type->getWithNewType(b.getInt16Ty());
    if (target.roundsToBf16)
      return b.CreateBitCast(b.CreateFPTrunc(value, type->getWithNewType(b.getBFloatTy())), half);
    LlvmType *word = type->getWithNewType(b.getInt32Ty());
    LlvmValue *bits = b.CreateBitCast(value, word);
    LlvmValue *high = b.CreateLShr(bits, 16);
    LlvmValue *odd = b.CreateAnd(high, llvm::ConstantInt::get(word, 1));
    LlvmValue *rounded = b.CreateLShr(b.CreateAdd(bits, b.CreateAdd(odd, llvm::ConstantInt::get(word, 0x7fff))), 16);
    LlvmValue *quiet = b.CreateOr(high, llvm::ConstantInt::get(word, 0x40));
    return b.CreateTrunc(b.CreateSelect(b.CreateFCmpUNO(value, value), quiet, rounded), half);
  }

  KernelOp kernel;
  VectorTarget target;
  Schedule schedule;
  llvm::IRBuilder<> b;
  int64_t columns;
  llvm::Function *function;
  llvm::FixedVectorType *vector;
  SmallVector<LlvmValue *> bases;
  /// Where the row begins in each view.
  SmallVector<LlvmValue *> rowPlaces;
  LlvmValue *rowIndex = nullptr;
  /// Scalars of the row.
  DenseMap<Value, LlvmValue *> rowValues;
};
} // namespace

llvm::Function *row::writeKernel(KernelOp kernel, StringRef name, llvm::Module &module, const VectorTarget &target) {
  return KernelWriter(kernel, name, module, target).write();
}
