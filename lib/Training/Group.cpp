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
    llvm::MapVector<StringRef, SmallVector<StringAttr>> paths;
    for (StringRef text : groups) {
      auto [name, path] = text.split(':');
      if (name.empty() || path.empty())
        return module.emitError() << "`" << text << "` is no group: NAME:PATTERN was expected, as young:layers.1.*";
      paths[name].push_back(StringAttr::get(&getContext(), path));
    }
    SmallVector<Attribute> attributes;
    auto emitError = [&] { return module.emitError(); };
    for (auto &[name, list] : paths) {
      auto group = ParameterGroupAttr::getChecked(emitError, &getContext(), StringAttr::get(&getContext(), name),
                                                  ArrayRef<StringAttr>(list));
      if (!group)
        return failure();
      attributes.push_back(group);
    }
    for (ModelOp model : module.getOps<ModelOp>())
      model.setGroupsAttr(ArrayAttr::get(&getContext(), attributes));
    return success();
  }
};

} // namespace
