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
struct CountParameters : mlir::tritter::impl::CountParametersPassBase<CountParameters> {
  using CountParametersPassBase::CountParametersPassBase;

  void runOnOperation() override {
    for (ModelOp model : getOperation().getOps<ModelOp>()) {
      schema::ModelConfigT config = summarise(model);
      parameters += config.parameters;
      model.emitRemark() << "@" << model.getSymName() << " has " << withCommas(int64_t(config.parameters))
                         << " parameters in " << config.layers << " layers";
    }
    markAllAnalysesPreserved();
  }
};
} // namespace
