// --tritter-count-parameters: what a model has, as a remark.

#include "tritter/Elaborate/Passes.h"
#include "tritter/Elaborate/Summary.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_COUNTPARAMETERSPASS
#include "lib/Elaborate/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

namespace {
struct CountParameters : tritter::impl::CountParametersPassBase<CountParameters> {
  using CountParametersPassBase::CountParametersPassBase;

  void runOnOperation() override {
    for (ModelOp model : getOperation().getOps<ModelOp>()) {
      ModelSummary summary = summarise(model);
      parameters += summary.parameters;
      model.emitRemark() << "@" << model.getSymName() << " has " << withCommas(summary.parameters) << " parameters in "
                         << summary.layers << " layers; training costs "
                         << withCommas(int64_t(summary.flopsPerToken(sequence))) << " operations a token at sequence "
                         << int64_t(sequence);
    }
    markAllAnalysesPreserved();
  }
};
} // namespace
