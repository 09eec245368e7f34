// --row-outline: kernels are equal if they print equally.

#include "tritter/Codegen/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::row;

namespace mlir::tritter {
#define GEN_PASS_DEF_ROWOUTLINEPASS
#include "lib/Codegen/Passes.h.inc"
} // namespace mlir::tritter

static std::string textOf(Operation *op) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  op->print(stream, OpPrintingFlags().useLocalScope());
  return text;
}

static ArrayAttr elementTypes(GenericOp generic) {
  SmallVector<Attribute> types;
  auto add = [&](Value tensor) {
    types.push_back(TypeAttr::get(cast<RankedTensorType>(tensor.getType()).getElementType()));
  };
  llvm::for_each(generic.getInputs(), add);
  for (int64_t result : generic.getOutputs())
    add(generic.getResult(result));
  return ArrayAttr::get(generic.getContext(), types);
}

namespace {
/// Keeps one kernel of each kind at the end of a module, in the order of first use.
class KernelTable {
public:
  explicit KernelTable(ModuleOp module) : module(module), symbols(module) {}

  KernelOp get(GenericOp generic) {
    KernelOp candidate = makeKernel(generic);
    auto [entry, isNew] = known.try_emplace(textOf(candidate), candidate);
    if (!isNew) {
      candidate.erase();
      return entry->second;
    }
    std::string base = generic.getLabel().value_or("kernel").str();
    candidate->remove();
    candidate.setSymName(base + "." + std::to_string(counts[base]++));
    symbols.insert(candidate, module.getBody()->end());
    return candidate;
  }

  size_t size() const { return known.size(); }

private:
  /// Makes the kernel of `generic` in `scratch`. It has no name yet: equal kernels must print equally.
  KernelOp makeKernel(GenericOp generic) {
    OpBuilder builder(generic.getContext());
    builder.setInsertionPointToEnd(&scratch);
    auto kernel = KernelOp::create(builder, generic.getLoc(), "", generic.getColumns(), generic.getViews(),
                                   elementTypes(generic), generic.getOutputs());
    IRMapping mapping;
    generic.getBody().cloneInto(&kernel.getBody(), mapping);
    return kernel;
  }

  ModuleOp module;
  SymbolTable symbols;
  llvm::StringMap<KernelOp> known;
  llvm::StringMap<unsigned> counts;
  Block scratch;
};

struct RowOutline : tritter::impl::RowOutlinePassBase<RowOutline> {
  using RowOutlinePassBase::RowOutlinePassBase;

  void runOnOperation() override {
    SmallVector<GenericOp> generics;
    getOperation().walk([&](GenericOp generic) { generics.push_back(generic); });
    KernelTable table(getOperation());
    for (GenericOp generic : generics) {
      OpBuilder builder(generic);
      auto launch =
          LaunchOp::create(builder, generic.getLoc(), generic.getResultTypes(), table.get(generic).getSymName(),
                           generic.getRows(), generic.getBlocks(), generic.getInputs());
      generic.replaceAllUsesWith(launch.getResults());
      generic.erase();
    }
    kernels = table.size();
    launches = generics.size();
  }
};
} // namespace
