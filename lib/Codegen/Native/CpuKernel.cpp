#include "lib/Codegen/Native/CpuKernel.h"
#include "lib/Codegen/Native/KernelWriter.h"
#include "lib/Codegen/Native/VectorMath.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::row;

static LlvmValue *vectorErf(llvm::IRBuilder<> &b, LlvmValue *x) { return buildErf(b, x, buildExp); }

namespace {
class CpuKernel final : KernelWriter {
public:
  CpuKernel(KernelOp kernel, StringRef name, llvm::Module &module, const VectorTarget &target)
      : KernelWriter(kernel, module, target.lanes, {buildExp, buildLog, vectorErf}), target(target) {
    LlvmType *pointer = b.getPtrTy(), *index = b.getInt64Ty();
    auto *type = llvm::FunctionType::get(b.getVoidTy(), {pointer, index, index, index}, false);
    function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, name, module);
  }

  llvm::Function *write() {
    b.SetInsertPoint(newBlock("entry"));
    for (unsigned view = 0; view < kernel.getViews().size(); ++view) {
      LlvmValue *place = b.CreateConstInBoundsGEP1_64(b.getPtrTy(), function->getArg(0), view);
      bases.push_back(b.CreateLoad(b.getPtrTy(), place));
    }
    clearColumnSums(function->getArg(3));
    loop(function->getArg(1), function->getArg(2), b.getInt64(1), [&](LlvmValue *row) { writeRow(row); });
    b.CreateRetVoid();
    return function;
  }

private:
  /// More hide the latency of sums, fewer keep long bodies in registers.
  int64_t partialCount(const Sweep &sweep) override {
    int64_t weight = sweep.loads.size();
    for (Operation *op : sweep.columns)
      weight += isa<math::ExpOp, math::LogOp, math::ErfOp>(op) ? 8 : 1;
    return weight <= 8 ? 4 : weight <= 24 ? 2 : 1;
  }

  /// `parts` vectors in each round of a loop, then the vectors that are left, the last one with a mask.
  Carried forEachVector(int64_t parts, Carried partials, WriteVector write) override {
    size_t each = partials.size() / parts;
    int64_t round = lanes * parts, column = columns / round * round;
    if (column > 0)
      partials =
          loop(b.getInt64(0), b.getInt64(column), b.getInt64(round), partials,
               [&](LlvmValue *index, ArrayRef<LlvmValue *> carried) {
                 Carried next(carried);
                 for (int64_t i = 0; i < parts; ++i)
                   write(b.CreateAdd(index, b.getInt64(i * lanes)), MutableArrayRef(next).slice(i * each, each), lanes);
                 return next;
               });
    for (int64_t i = 0; column < columns; column += lanes, ++i)
      write(b.getInt64(column), MutableArrayRef(partials).slice(i % parts * each, each),
            std::min(lanes, columns - column));
    return partials;
  }

  LlvmValue *roundToBf16(LlvmValue *value) override {
    if (!target.roundsToBf16)
      return KernelWriter::roundToBf16(value);
    LlvmType *type = value->getType();
    return b.CreateBitCast(b.CreateFPTrunc(value, type->getWithNewType(b.getBFloatTy())),
                           type->getWithNewType(b.getInt16Ty()));
  }

  VectorTarget target;
};
} // namespace

llvm::Function *row::writeCpuKernel(KernelOp kernel, StringRef name, llvm::Module &module, const VectorTarget &target) {
  return CpuKernel(kernel, name, module, target).write();
}
