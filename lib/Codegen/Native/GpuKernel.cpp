// Row kernels for NVIDIA GPUs: a row is shared by some threads, each with 16 bytes or more of every tensor at a time.

#include "lib/Codegen/Native/GpuKernel.h"
#include "lib/Codegen/Native/KernelWriter.h"
#include "lib/Codegen/Native/VectorMath.h"

#include "llvm/IR/IntrinsicsNVPTX.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::row;
namespace intrinsic = llvm::Intrinsic;

static constexpr unsigned warp = 32, globalSpace = 1, sharedSpace = 3;

//===----------------------------------------------------------------------===//
// Functions: those of the special function unit, so that the PTX needs no library.
//===----------------------------------------------------------------------===//

/// An intrinsic of scalars on every element.
static LlvmValue *onElements(llvm::IRBuilder<> &b, intrinsic::ID id, ArrayRef<LlvmValue *> operands) {
  SmallVector<LlvmType *> overload;
  if (intrinsic::isOverloaded(id))
    overload.push_back(b.getFloatTy());
  auto *vector = dyn_cast<llvm::FixedVectorType>(operands[0]->getType());
  if (!vector)
    return b.CreateIntrinsic(id, overload, operands);
  LlvmValue *result = llvm::PoisonValue::get(vector);
  for (unsigned i = 0; i < vector->getNumElements(); ++i) {
    SmallVector<LlvmValue *> elements;
    for (LlvmValue *operand : operands)
      elements.push_back(b.CreateExtractElement(operand, uint64_t(i)));
    result = b.CreateInsertElement(result, b.CreateIntrinsic(id, overload, elements), uint64_t(i));
  }
  return result;
}

static LlvmValue *times(llvm::IRBuilder<> &b, LlvmValue *x, double factor) {
  return b.CreateFMul(x, llvm::ConstantFP::get(x->getType(), factor));
}

/// 2^(x log2(e)), the product in two parts: rounded once it would cost |x| units in the last place.
static LlvmValue *gpuExp(llvm::IRBuilder<> &b, LlvmValue *x) {
  constexpr double high = 1.44269502162933349609375, low = 1.92596299112661746887e-8;
  LlvmValue *product = times(b, x, high);
  LlvmValue *rest = b.CreateIntrinsic(intrinsic::fma, {x->getType()},
                                      {x, llvm::ConstantFP::get(x->getType(), high), b.CreateFNeg(product)});
  rest = b.CreateIntrinsic(intrinsic::fma, {x->getType()}, {x, llvm::ConstantFP::get(x->getType(), low), rest});
  LlvmValue *power = onElements(b, intrinsic::nvvm_ex2_approx_ftz, {product});
  LlvmValue *corrected =
      b.CreateIntrinsic(intrinsic::fma, {x->getType()}, {power, times(b, rest, 0.69314718056), power});
  // Where the product overflows there is no rest.
  LlvmValue *finite =
      b.CreateFCmpOLT(b.CreateUnaryIntrinsic(intrinsic::fabs, x), llvm::ConstantFP::get(x->getType(), 87));
  return b.CreateSelect(finite, corrected, power);
}

static LlvmValue *gpuLog(llvm::IRBuilder<> &b, LlvmValue *x) {
  return times(b, onElements(b, intrinsic::nvvm_lg2_approx_ftz_f, {x}), 0.693147180559945309);
}
static LlvmValue *gpuRsqrt(llvm::IRBuilder<> &b, LlvmValue *x) {
  return onElements(b, intrinsic::nvvm_rsqrt_approx_ftz_f, {x});
}
static LlvmValue *gpuDivide(llvm::IRBuilder<> &b, LlvmValue *dividend, LlvmValue *divisor) {
  return onElements(b, intrinsic::nvvm_div_full, {dividend, divisor});
}
static LlvmValue *gpuErf(llvm::IRBuilder<> &b, LlvmValue *x) { return buildErf(b, x, gpuExp); }

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// How many columns every view has side by side at multiples of 16 bytes: 8, 4 or 1.
static unsigned vectorWidth(KernelOp kernel) {
  bool halves = false;
  int64_t common = int64_t(kernel.getColumns());
  for (auto [view, type] :
       llvm::zip(kernel.getViews().getAsRange<ViewAttr>(), kernel.getTypes().getAsValueRange<TypeAttr>())) {
    if (view.isRowUniform())
      continue;
    halves |= type.isBF16();
    common |= view.getOffset();
    if (view.getAccess() != Access::Column)
      common |= view.getRowStride();
  }
  if (common % 8 == 0 && halves)
    return 8;
  return common % 4 == 0 && !halves ? 4 : 1;
}

static GpuLaunchShape launchShape(KernelOp kernel, unsigned width, bool wholeBlock) {
  uint64_t vectors = llvm::divideCeil(kernel.getColumns(), width);
  uint64_t most = vectors >= 2048 ? 512 : 256;
  GpuLaunchShape shape;
  shape.rowThreads = unsigned(std::min<uint64_t>(llvm::PowerOf2Ceil(vectors), most));
  if (wholeBlock)
    shape.rowThreads = std::max(shape.rowThreads, warp);
  shape.blockThreads = wholeBlock || shape.rowThreads > warp ? shape.rowThreads : 128;
  return shape;
}

namespace {
class GpuKernel final : KernelWriter {
public:
  GpuKernel(KernelOp kernel, StringRef name, llvm::Module &module)
      : KernelWriter(kernel, module, vectorWidth(kernel), {gpuExp, gpuLog, gpuErf, gpuRsqrt, gpuDivide}) {
    aligned = true;
    shape = launchShape(kernel, unsigned(lanes), hasColumnSums());
    SmallVector<LlvmType *> parameters(kernel.getViews().size(), b.getPtrTy(globalSpace));
    parameters.push_back(b.getInt64Ty());
    function = llvm::Function::Create(llvm::FunctionType::get(b.getVoidTy(), parameters, false),
                                      llvm::Function::ExternalLinkage, name, module);
    function->setCallingConv(llvm::CallingConv::PTX_Kernel);
    function->addFnAttr("nvvm.reqntid", std::to_string(shape.blockThreads));
  }

  GpuLaunchShape write() {
    b.SetInsertPoint(newBlock("entry"));
    for (unsigned view = 0; view < kernel.getViews().size(); ++view)
      bases.push_back(function->getArg(view));
    LlvmValue *rows = function->getArg(unsigned(kernel.getViews().size()));
    thread = special(intrinsic::nvvm_read_ptx_sreg_tid_x);
    LlvmValue *block = special(intrinsic::nvvm_read_ptx_sreg_ctaid_x);
    LlvmValue *blocks = special(intrinsic::nvvm_read_ptx_sreg_nctaid_x);
    lane = b.CreateAnd(thread, b.getInt64(shape.rowThreads - 1));
    if (hasColumnSums()) {
      // Block b has the run of rows b, and each thread always the same columns.
      clearColumnSums(block);
      LlvmValue *length = b.CreateUDiv(b.CreateAdd(rows, b.CreateSub(blocks, b.getInt64(1))), blocks);
      LlvmValue *begin = b.CreateMul(block, length);
      LlvmValue *end = b.CreateBinaryIntrinsic(intrinsic::smin, b.CreateAdd(begin, length), rows);
      loop(begin, end, b.getInt64(1), [&](LlvmValue *row) { writeRow(row); });
    } else {
      int64_t together = shape.blockThreads / shape.rowThreads;
      LlvmValue *first =
          b.CreateAdd(b.CreateMul(block, b.getInt64(together)), b.CreateUDiv(thread, b.getInt64(shape.rowThreads)));
      loop(first, rows, b.CreateMul(blocks, b.getInt64(together)), [&](LlvmValue *row) { writeRow(row); });
    }
    b.CreateRetVoid();
    return shape;
  }

private:
  LlvmValue *special(intrinsic::ID id) { return b.CreateZExt(b.CreateIntrinsic(id, {}), b.getInt64Ty()); }

  int64_t partialCount(const Sweep &) override { return 1; }

  Carried forEachVector(int64_t, Carried partials, WriteVector write) override {
    return loop(b.CreateMul(lane, b.getInt64(lanes)), b.getInt64(columns), b.getInt64(lanes * shape.rowThreads),
                partials, [&](LlvmValue *column, ArrayRef<LlvmValue *> carried) {
                  Carried next(carried);
                  write(column, next, lanes);
                  return next;
                });
  }

  void oncePerRow(llvm::function_ref<void()> body) override {
    llvm::BasicBlock *first = newBlock("first"), *after = newBlock("after");
    b.CreateCondBr(b.CreateICmpEQ(lane, b.getInt64(0)), first, after);
    b.SetInsertPoint(first);
    body();
    b.CreateBr(after);
    b.SetInsertPoint(after);
  }

  /// Between the threads of a warp by shuffles, between warps through shared memory, always in one order.
  LlvmValue *finishAcrossThreads(ReduceOp reduce, LlvmValue *value) override {
    unsigned within = std::min(shape.rowThreads, warp);
    if (within == 1)
      return value;
    // The threads of a row only: others of the warp may have no row any more.
    LlvmValue *inWarp = b.CreateTrunc(b.CreateAnd(thread, b.getInt64(warp - 1)), b.getInt32Ty());
    LlvmValue *member = b.getInt32(within == warp ? ~0u : (1u << within) - 1);
    member = b.CreateShl(member, b.CreateAnd(inWarp, b.getInt32(warp - within)));
    for (unsigned distance = within / 2; distance; distance /= 2) {
      LlvmValue *other = b.CreateIntrinsic(intrinsic::nvvm_shfl_sync_bfly_f32,
                                           {member, value, b.getInt32(distance), b.getInt32(0x1f)});
      value = combine(reduce, value, other);
    }
    unsigned warps = shape.rowThreads / warp;
    if (warps < 2)
      return value;
    LlvmValue *slots = sharedSlots(warps);
    LlvmValue *own = b.CreateInBoundsGEP(b.getFloatTy(), slots, b.CreateUDiv(thread, b.getInt64(warp)));
    b.CreateStore(value, own);
    barrier();
    LlvmValue *total = b.CreateLoad(b.getFloatTy(), slots);
    for (unsigned i = 1; i < warps; ++i)
      total =
          combine(reduce, total, b.CreateLoad(b.getFloatTy(), b.CreateConstInBoundsGEP1_64(b.getFloatTy(), slots, i)));
    barrier();
    return total;
  }

  void barrier() { b.CreateIntrinsic(intrinsic::nvvm_barrier_cta_sync_aligned_all, {b.getInt32(0)}); }

  LlvmValue *sharedSlots(unsigned warps) {
    auto *type = llvm::ArrayType::get(b.getFloatTy(), warps);
    return new llvm::GlobalVariable(*function->getParent(), type, false, llvm::GlobalValue::InternalLinkage,
                                    llvm::UndefValue::get(type), function->getName() + "_slots", nullptr,
                                    llvm::GlobalValue::NotThreadLocal, sharedSpace);
  }

  LlvmValue *roundToBf16(LlvmValue *value) override {
    LlvmType *type = value->getType();
    return b.CreateBitCast(b.CreateFPTrunc(value, type->getWithNewType(b.getBFloatTy())),
                           type->getWithNewType(b.getInt16Ty()));
  }

  GpuLaunchShape shape;
  LlvmValue *thread = nullptr;
  /// The thread's number among those of its row.
  LlvmValue *lane = nullptr;
};
} // namespace

GpuLaunchShape row::writeGpuKernel(KernelOp kernel, StringRef name, llvm::Module &module) {
  return GpuKernel(kernel, name, module).write();
}
