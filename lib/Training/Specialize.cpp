// --tritter-specialize: static batch and sequence.

#include "RefineTypes.h"
#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Training/Passes.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_SPECIALIZEPASS
#include "lib/Training/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

namespace {

class Specializer {
public:
  explicit Specializer(SymbolTable &symbols) : symbols(symbols) {}

  /// Gives a graph these argument types and everything in it what follows.
  LogicalResult graph(FunctionOpInterface function, TypeRange inputs);

private:
  LogicalResult layer(LayerOp layer);

  SymbolTable &symbols;
  /// Where each block's types came from.
  DenseMap<BlockOp, LayerOp> blocks;
};

} // namespace

LogicalResult Specializer::graph(FunctionOpInterface function, TypeRange inputs) {
  Block &body = function.getFunctionBody().front();
  for (auto [argument, type] : llvm::zip_equal(body.getArguments(), inputs))
    argument.setType(type);
  for (Operation &op : body.without_terminator()) {
    auto instance = dyn_cast<LayerOp>(op);
    if (failed(instance ? layer(instance) : refineResultTypes(&op)))
      return failure();
  }
  auto type =
      FunctionType::get(function->getContext(), body.getArgumentTypes(), body.getTerminator()->getOperandTypes());
  function.setType(type);
  return success();
}

LogicalResult Specializer::layer(LayerOp layer) {
  auto block = symbols.lookup<BlockOp>(layer.getBlock());
  auto [known, inserted] = blocks.insert({block, layer});
  if (inserted) {
    if (failed(graph(cast<FunctionOpInterface>(*block), layer.getInputs().getTypes())))
      return failure();
  } else if (!llvm::equal(block.getArgumentTypes(), layer.getInputs().getTypes())) {
    InFlightDiagnostic diagnostic = layer.emitOpError() << "gives its block other types than another instance does";
    diagnostic.attachNote(known->second.getLoc()) << "the other instance";
    return diagnostic;
  }
  for (auto [output, type] : llvm::zip_equal(layer.getOutputs(), block.getResultTypes()))
    output.setType(type);
  return success();
}

namespace {

struct SpecializePass : tritter::impl::SpecializePassBase<SpecializePass> {
  using SpecializePassBase::SpecializePassBase;

  void runOnOperation() override {
    if (batch <= 0 || sequence <= 0) {
      getOperation().emitError() << "batch and sequence must be positive, found " << int64_t(batch) << " and "
                                 << int64_t(sequence);
      return signalPassFailure();
    }
    SymbolTable symbols(getOperation());
    Specializer specializer(symbols);
    for (ModelOp model : getOperation().getOps<ModelOp>())
      if (failed(specialize(model, specializer)))
        return signalPassFailure();
  }

  LogicalResult specialize(ModelOp model, Specializer &specializer) {
    auto tokens = cast<RankedTensorType>(model.getArgumentTypes()[0]);
    int64_t wanted[] = {batch, sequence};
    for (auto [found, size] : llvm::zip_equal(tokens.getShape(), wanted))
      if (!ShapedType::isDynamic(found) && found != size)
        return model.emitOpError() << "has tokens of type " << tokens << " already, asked for a batch of " << wanted[0]
                                   << " and a sequence of " << wanted[1];
    Type type = tokens.clone(wanted);
    return specializer.graph(cast<FunctionOpInterface>(*model), type);
  }
};

} // namespace
