// --tritter-group: which parameters are updated together.

#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Training/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_GROUPPASS
#include "lib/Training/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

namespace {

struct GroupPass : tritter::impl::GroupPassBase<GroupPass> {
  using GroupPassBase::GroupPassBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

  LogicalResult run(ModuleOp module) {
    struct Group {
      SmallVector<StringAttr> paths;
      FloatAttr factor;
    };
    llvm::MapVector<StringRef, Group> named;
    for (StringRef text : groups) {
      auto [name, rest] = text.split(':');
      auto [path, factor] = rest.split('@');
      double times = 1;
      if (name.empty() || path.empty() || (rest.contains('@') && factor.getAsDouble(times)))
        return module.emitError() << "`" << text
                                  << "` is no group: NAME:PATTERN or NAME:PATTERN@FACTOR was expected, as "
                                  << "young:layers.1.*@0.5";
      named[name].paths.push_back(StringAttr::get(&getContext(), path));
      if (rest.contains('@'))
        named[name].factor = FloatAttr::get(Float64Type::get(&getContext()), times);
    }
    SmallVector<Attribute> attributes;
    auto emitError = [&] { return module.emitError(); };
    for (auto &[name, group] : named) {
      auto attribute = ParameterGroupAttr::getChecked(emitError, &getContext(), StringAttr::get(&getContext(), name),
                                                      ArrayRef<StringAttr>(group.paths), group.factor);
      if (!attribute)
        return failure();
      attributes.push_back(attribute);
    }
    for (ModelOp model : module.getOps<ModelOp>())
      model.setGroupsAttr(ArrayAttr::get(&getContext(), attributes));
    return success();
  }
};

} // namespace
