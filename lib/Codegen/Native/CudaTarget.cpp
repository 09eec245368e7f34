// PTX as a target of an executable, with the launch that each kernel needs.

#include "tritter/Codegen/Ptx.h"
#include "tritter/Codegen/Targets.h"

using namespace mlir;
using namespace mlir::row;

static constexpr StringRef chip = "sm_90";

FailureOr<std::unique_ptr<schema::TargetT>> row::emitCudaTarget(ModuleOp module,
                                                                const schema::ExecutableT &executable) {
  FailureOr<Ptx> ptx = emitPtx(module, chip);
  if (failed(ptx))
    return failure();
  auto target = std::make_unique<schema::TargetT>();
  target->triple = "nvptx64-nvidia-cuda";
  target->processor = chip.str();
  target->code.assign(ptx->text.begin(), ptx->text.end());
  for (auto [number, kernel] : llvm::enumerate(executable.kernels)) {
    auto entry = ptx->kernels.find(kernel->name);
    if (entry == ptx->kernels.end())
      continue;
    auto code = std::make_unique<schema::KernelCodeT>();
    code->kernel = uint32_t(number);
    code->symbol = entry->second.symbol;
    code->threads = entry->second.shape.blockThreads;
    code->rows_per_block = entry->second.shape.blockThreads / entry->second.shape.rowThreads;
    target->kernels.push_back(std::move(code));
  }
  return target;
}
