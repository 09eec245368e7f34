// --row-to-ptx: for people and tests; a compiler for CUDA calls emitPtx.

#include "tritter/Codegen/Passes.h"
#include "tritter/Codegen/Ptx.h"

using namespace mlir;

namespace mlir::tritter {
#define GEN_PASS_DEF_ROWTOPTXPASS
#include "lib/Codegen/Passes.h.inc"
} // namespace mlir::tritter

namespace {
struct RowToPtx : tritter::impl::RowToPtxPassBase<RowToPtx> {
  using RowToPtxPassBase::RowToPtxPassBase;

  void runOnOperation() override {
    FailureOr<row::Ptx> ptx = row::emitPtx(getOperation(), chip);
    if (failed(ptx))
      return signalPassFailure();
    llvm::outs() << ptx->text;
    llvm::outs().flush();
    markAllAnalysesPreserved();
  }
};
} // namespace
