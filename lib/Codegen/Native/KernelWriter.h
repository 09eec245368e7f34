#ifndef TRITTER_LIB_CODEGEN_NATIVE_KERNELWRITER_H
#define TRITTER_LIB_CODEGEN_NATIVE_KERNELWRITER_H

#include "dialects/Row/RowDialect.h"
#include "dialects/Row/Schedule.h"
#include "lib/Codegen/Native/BodyEmitter.h"

#include "llvm/IR/Module.h"

namespace mlir::row {

using LlvmType = llvm::Type;
using LlvmValue = llvm::Value;

/// A kernel as LLVM IR: a loop over rows, around a loop over vectors of columns for each sweep. The virtual functions
/// are what differs between kinds of processor.
class KernelWriter {
public:
  virtual ~KernelWriter() = default;

protected:
  using Carried = SmallVector<LlvmValue *>;
  /// Writes one vector of columns: where it begins, the partial results of reductions, which it updates, and how many
  /// of its elements are there.
  using WriteVector = llvm::function_ref<void(LlvmValue *, MutableArrayRef<LlvmValue *>, int64_t)>;

  /// `lanes` columns are computed together.
  KernelWriter(KernelOp kernel, llvm::Module &module, unsigned lanes, const MathFunctions &math);

  /// Rounds f32 to bf16, kept as i16; to nearest, ties to even.
  virtual LlvmValue *roundToBf16(LlvmValue *value);
  /// How many vectors of a sweep keep partial results of their own.
  virtual int64_t partialCount(const Sweep &sweep) = 0;
  /// Goes over the columns. `partials` has `partialCount` parts, one after another, each for one vector at a time.
  virtual Carried forEachVector(int64_t count, Carried partials, WriteVector write) = 0;
  /// From what one thread reduced to the result for the row.
  virtual LlvmValue *finishAcrossThreads(ReduceOp reduce, LlvmValue *value) { return value; }
  /// Runs `body` once for the row, though several threads may be at work on it.
  virtual void oncePerRow(llvm::function_ref<void()> body) { body(); }

  llvm::BasicBlock *newBlock(const char *name) { return llvm::BasicBlock::Create(b.getContext(), name, function); }
  /// For index in begin, begin + step ... end; values are carried from one round to the next.
  Carried loop(LlvmValue *begin, LlvmValue *end, LlvmValue *step, ArrayRef<LlvmValue *> initial,
               llvm::function_ref<Carried(LlvmValue *, ArrayRef<LlvmValue *>)> body);
  void loop(LlvmValue *begin, LlvmValue *end, LlvmValue *step, llvm::function_ref<void(LlvmValue *)> body);

  /// Sets the column sums of block `block` to 0, by vectors, and their place for every row.
  void clearColumnSums(LlvmValue *block);
  void writeRow(LlvmValue *row);

  LlvmValue *combine(ReduceOp reduce, LlvmValue *x, LlvmValue *y);
  bool hasColumnSums();
  /// The elements of view `view` as they are stored.
  LlvmType *storageType(unsigned view);

  KernelOp kernel;
  Schedule schedule;
  int64_t lanes;
  int64_t columns;
  MathFunctions math;
  llvm::IRBuilder<> b;
  llvm::Function *function = nullptr;
  /// Where each view's tensor begins.
  SmallVector<LlvmValue *> bases;

private:
  Type elementType(unsigned view);
  LlvmValue *elementAt(unsigned view, LlvmValue *base, LlvmValue *index);
  LlvmValue *rowOf(ViewAttr view, LlvmValue *row);
  LlvmValue *findRow(unsigned number, ViewAttr view, LlvmValue *row);
  void writeRowPart(const Sweep &sweep);
  void writeColumns(const Sweep &sweep);
  void writeVector(const Sweep &sweep, LlvmValue *column, MutableArrayRef<LlvmValue *> partials, int64_t count);
  LlvmValue *finishReduction(ReduceOp reduce, Carried parts);
  LlvmValue *columnIndices(LlvmValue *column);
  llvm::Constant *mask(int64_t count);
  LlvmValue *load(unsigned view, LlvmValue *place, LlvmType *type, int64_t count);
  void store(unsigned output, LlvmValue *place, LlvmValue *value, int64_t count);
  /// Of a vector, or of one element.
  llvm::Align alignment(unsigned view, bool vector);

  llvm::FixedVectorType *vector;
  /// Where the row begins in each view.
  SmallVector<LlvmValue *> rowPlaces;
  LlvmValue *rowIndex = nullptr;
  /// Scalars of the row.
  DenseMap<Value, LlvmValue *> rowValues;

protected:
  /// Vectors begin at multiples of 16 bytes.
  bool aligned = false;
};

} // namespace mlir::row

#endif // TRITTER_LIB_CODEGEN_NATIVE_KERNELWRITER_H
