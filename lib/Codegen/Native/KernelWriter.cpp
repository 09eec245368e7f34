#include "lib/Codegen/Native/KernelWriter.h"
#include "lib/Codegen/Native/VectorMath.h"

#include <limits>

using namespace mlir;
using namespace mlir::row;

KernelWriter::KernelWriter(KernelOp kernel, llvm::Module &module, unsigned lanes, const MathFunctions &math)
    : kernel(kernel), schedule(kernel.getBody().front(), kernel.getViews()), lanes(lanes),
      columns(int64_t(kernel.getColumns())), math(math), b(module.getContext()),
      vector(llvm::FixedVectorType::get(b.getFloatTy(), lanes)), rowPlaces(kernel.getViews().size()) {}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

KernelWriter::Carried KernelWriter::loop(LlvmValue *begin, LlvmValue *end, LlvmValue *step,
                                         ArrayRef<LlvmValue *> initial,
                                         llvm::function_ref<Carried(LlvmValue *, ArrayRef<LlvmValue *>)> body) {
  llvm::BasicBlock *before = b.GetInsertBlock(), *head = newBlock("head"), *inside = newBlock("body"),
                   *after = newBlock("after");
  b.CreateBr(head);
  b.SetInsertPoint(head);
  llvm::PHINode *index = b.CreatePHI(b.getInt64Ty(), 2);
  index->addIncoming(begin, before);
  Carried carried;
  for (LlvmValue *value : initial) {
    llvm::PHINode *phi = b.CreatePHI(value->getType(), 2);
    phi->addIncoming(value, before);
    carried.push_back(phi);
  }
  b.CreateCondBr(b.CreateICmpSLT(index, end), inside, after);
  b.SetInsertPoint(inside);
  Carried next = body(index, carried);
  index->addIncoming(b.CreateAdd(index, step), b.GetInsertBlock());
  for (auto [phi, value] : llvm::zip_equal(carried, next))
    cast<llvm::PHINode>(phi)->addIncoming(value, b.GetInsertBlock());
  b.CreateBr(head);
  b.SetInsertPoint(after);
  return carried;
}

void KernelWriter::loop(LlvmValue *begin, LlvmValue *end, LlvmValue *step, llvm::function_ref<void(LlvmValue *)> body) {
  loop(begin, end, step, {}, [&](LlvmValue *index, ArrayRef<LlvmValue *>) {
    body(index);
    return Carried();
  });
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

Type KernelWriter::elementType(unsigned view) { return cast<TypeAttr>(kernel.getTypes()[view]).getValue(); }

LlvmType *KernelWriter::storageType(unsigned view) {
  Type type = elementType(view);
  return type.isF32() ? b.getFloatTy() : type.isBF16() ? (LlvmType *)b.getInt16Ty() : b.getInt32Ty();
}

LlvmValue *KernelWriter::elementAt(unsigned view, LlvmValue *base, LlvmValue *index) {
  return b.CreateInBoundsGEP(storageType(view), base, index);
}

bool KernelWriter::hasColumnSums() {
  return llvm::any_of(kernel.getViews().getAsRange<ViewAttr>(),
                      [](ViewAttr view) { return view.getAccess() == Access::ColumnSum; });
}

void KernelWriter::clearColumnSums(LlvmValue *block) {
  for (auto [number, view] : llvm::enumerate(kernel.getViews().getAsRange<ViewAttr>())) {
    if (view.getAccess() != Access::ColumnSum)
      continue;
    rowPlaces[number] = elementAt(number, bases[number], b.CreateMul(block, b.getInt64(view.getRowStride())));
    forEachVector(1, {}, [&](LlvmValue *column, MutableArrayRef<LlvmValue *>, int64_t count) {
      store(number - kernel.getInputCount(), elementAt(number, rowPlaces[number], column),
            llvm::Constant::getNullValue(vector), count);
    });
  }
}

LlvmValue *KernelWriter::rowOf(ViewAttr view, LlvmValue *row) {
  if (view.getDivisor() != 1)
    row = b.CreateUDiv(row, b.getInt64(view.getDivisor()));
  return view.getModulus() ? b.CreateURem(row, b.getInt64(view.getModulus())) : row;
}

LlvmValue *KernelWriter::findRow(unsigned number, ViewAttr view, LlvmValue *row) {
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

void KernelWriter::writeRow(LlvmValue *row) {
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

void KernelWriter::writeRowPart(const Sweep &sweep) {
  for (BlockArgument argument : sweep.rowLoads)
    rowValues[argument] = load(argument.getArgNumber(), rowPlaces[argument.getArgNumber()], b.getFloatTy(), 1);
  for (Operation *op : sweep.row) {
    if (isa<RowIndexOp>(op)) {
      rowValues[op->getResult(0)] = b.CreateSIToFP(rowIndex, b.getFloatTy());
      continue;
    }
    Carried operands;
    for (Value operand : op->getOperands())
      operands.push_back(rowValues.lookup(operand));
    rowValues[op->getResult(0)] = emitBodyOperation(b, *op, operands, math);
  }
  if (sweep.rowStores.empty())
    return;
  oncePerRow([&] {
    for (unsigned number : sweep.rowStores)
      store(number, rowPlaces[kernel.getInputCount() + number], rowValues.lookup(kernel.getYield().getValues()[number]),
            1);
  });
}

//===----------------------------------------------------------------------===//
// Columns
//===----------------------------------------------------------------------===//

static double identity(ReduceOp reduce) {
  return reduce.getKind() == ReduceKind::Add ? 0 : -std::numeric_limits<double>::infinity();
}

LlvmValue *KernelWriter::combine(ReduceOp reduce, LlvmValue *x, LlvmValue *y) {
  return reduce.getKind() == ReduceKind::Add ? b.CreateFAdd(x, y) : buildMaximum(b, x, y);
}

void KernelWriter::writeColumns(const Sweep &sweep) {
  SmallVector<ReduceOp> reductions;
  for (Operation *op : sweep.columns)
    if (auto reduce = dyn_cast<ReduceOp>(op))
      reductions.push_back(reduce);
  int64_t parts = partialCount(sweep);
  Carried partials;
  for (int64_t i = 0; i < parts; ++i)
    for (ReduceOp reduce : reductions)
      partials.push_back(llvm::ConstantFP::get(vector, identity(reduce)));
  partials = forEachVector(parts, partials, [&](LlvmValue *column, MutableArrayRef<LlvmValue *> part, int64_t count) {
    writeVector(sweep, column, part, count);
  });
  for (auto [number, reduce] : llvm::enumerate(reductions)) {
    Carried own;
    for (int64_t i = 0; i < parts; ++i)
      own.push_back(partials[i * reductions.size() + number]);
    rowValues[reduce.getResult()] = finishReduction(reduce, own);
  }
}

/// Halves are added onto halves: of the parts, then of a vector.
LlvmValue *KernelWriter::finishReduction(ReduceOp reduce, Carried parts) {
  for (; parts.size() > 1; parts.truncate(parts.size() / 2))
    for (size_t i = 0; i < parts.size() / 2; ++i)
      parts[i] = combine(reduce, parts[i], parts[i + parts.size() / 2]);
  LlvmValue *value = parts.front();
  for (int64_t half = lanes / 2; half; half /= 2) {
    SmallVector<int> low, high;
    for (int64_t i = 0; i < half; ++i) {
      low.push_back(int(i));
      high.push_back(int(i + half));
    }
    value = combine(reduce, b.CreateShuffleVector(value, low), b.CreateShuffleVector(value, high));
  }
  return finishAcrossThreads(reduce, b.CreateExtractElement(value, uint64_t(0)));
}

void KernelWriter::writeVector(const Sweep &sweep, LlvmValue *column, MutableArrayRef<LlvmValue *> partials,
                               int64_t count) {
  DenseMap<Value, LlvmValue *> values;
  auto read = [&](Value value) {
    if (LlvmValue *found = values.lookup(value))
      return found;
    return values[value] = b.CreateVectorSplat(lanes, rowValues.lookup(value));
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
    Carried operands;
    for (Value operand : op->getOperands())
      operands.push_back(read(operand));
    if (auto reduce = dyn_cast<ReduceOp>(op)) {
      LlvmValue *&partial = partials[reduction++];
      LlvmValue *combined = combine(reduce, partial, operands[0]);
      partial = count == lanes ? combined : b.CreateSelect(mask(count), combined, partial);
    } else {
      values[op->getResult(0)] = emitBodyOperation(b, *op, operands, math);
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

LlvmValue *KernelWriter::columnIndices(LlvmValue *column) {
  SmallVector<llvm::Constant *> offsets;
  for (int64_t i = 0; i < lanes; ++i)
    offsets.push_back(b.getInt32(uint32_t(i)));
  LlvmValue *first = b.CreateVectorSplat(lanes, b.CreateTrunc(column, b.getInt32Ty()));
  return b.CreateSIToFP(b.CreateAdd(first, llvm::ConstantVector::get(offsets)), vector);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

llvm::Constant *KernelWriter::mask(int64_t count) {
  SmallVector<llvm::Constant *> present;
  for (int64_t i = 0; i < lanes; ++i)
    present.push_back(b.getInt1(i < count));
  return llvm::ConstantVector::get(present);
}

llvm::Align KernelWriter::alignment(unsigned view, bool isVector) {
  uint64_t bytes = storageType(view)->getPrimitiveSizeInBits() / 8;
  return llvm::Align(isVector && aligned ? std::min<uint64_t>(16, bytes * lanes) : bytes);
}

/// A value of `type`: f32, or a vector of which `count` elements are there.
LlvmValue *KernelWriter::load(unsigned view, LlvmValue *place, LlvmType *type, int64_t count) {
  LlvmType *stored = type->getWithNewType(storageType(view));
  bool isVector = type->isVectorTy();
  LlvmValue *raw = isVector && count < lanes
                       ? (LlvmValue *)b.CreateMaskedLoad(stored, place, alignment(view, isVector), mask(count),
                                                         llvm::Constant::getNullValue(stored))
                       : b.CreateAlignedLoad(stored, place, alignment(view, isVector));
  Type element = elementType(view);
  if (element.isF32())
    return raw;
  if (element.isInteger())
    return b.CreateSIToFP(raw, type);
  LlvmType *bits = type->getWithNewType(b.getInt32Ty());
  return b.CreateBitCast(b.CreateShl(b.CreateZExt(raw, bits), 16), type);
}

void KernelWriter::store(unsigned output, LlvmValue *place, LlvmValue *value, int64_t count) {
  unsigned view = kernel.getInputCount() + output;
  bool isVector = value->getType()->isVectorTy();
  Type element = elementType(view);
  if (element.isBF16())
    value = roundToBf16(value);
  else if (element.isInteger())
    value = b.CreateFPToSI(value, value->getType()->getWithNewType(b.getInt32Ty()));
  if (isVector && count < lanes)
    b.CreateMaskedStore(value, place, alignment(view, isVector), mask(count));
  else
    b.CreateAlignedStore(value, place, alignment(view, isVector));
}

LlvmValue *KernelWriter::roundToBf16(LlvmValue *value) {
  LlvmType *type = value->getType(), *half = type->getWithNewType(b.getInt16Ty());
  LlvmType *word = type->getWithNewType(b.getInt32Ty());
  LlvmValue *bits = b.CreateBitCast(value, word);
  LlvmValue *high = b.CreateLShr(bits, 16);
  LlvmValue *odd = b.CreateAnd(high, llvm::ConstantInt::get(word, 1));
  LlvmValue *rounded = b.CreateLShr(b.CreateAdd(bits, b.CreateAdd(odd, llvm::ConstantInt::get(word, 0x7fff))), 16);
  LlvmValue *quiet = b.CreateOr(high, llvm::ConstantInt::get(word, 0x40));
  return b.CreateTrunc(b.CreateSelect(b.CreateFCmpUNO(value, value), quiet, rounded), half);
}
