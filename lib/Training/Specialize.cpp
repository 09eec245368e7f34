// --tritter-specialize: static batch and sequence.

#include "RefineTypes.h"
#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Training/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/FormatVariadic.h"

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

/// Tokens that a program takes at once, at most: far beyond any machine's memory, and what follows stays countable.
static constexpr int64_t mostTokens = int64_t(1) << 25;

/// Values that all tensors of a model may have together. What is planned in 64 bits is a small multiple of it.
static constexpr double mostValues = double(int64_t(1) << 50);

/// Values of all tensors of a graph, its layers' among them. In floating point, which does not overflow.
static double countValues(FunctionOpInterface function, SymbolTable &symbols, DenseMap<Operation *, double> &known) {
  auto [entry, isNew] = known.insert({function, 0});
  if (!isNew)
    return entry->second;
  double count = 0;
  for (Operation &op : function.getFunctionBody().front()) {
    if (auto layer = dyn_cast<LayerOp>(op))
      count += countValues(symbols.lookup<FunctionOpInterface>(layer.getBlock()), symbols, known);
    for (Type type : op.getResultTypes())
      if (auto tensor = dyn_cast<RankedTensorType>(type)) {
        double elements = 1;
        for (int64_t size : tensor.getShape())
          elements *= double(size);
        count += elements;
      }
  }
  return known[function] = count;
}

namespace {

struct SpecializePass : tritter::impl::SpecializePassBase<SpecializePass> {
  using SpecializePassBase::SpecializePassBase;

  void runOnOperation() override {
    if (batch <= 0 || sequence <= 0) {
      getOperation().emitError() << "batch and seq must be positive, found " << int64_t(batch) << " and "
                                 << int64_t(sequence);
      return signalPassFailure();
    }
    if (batch > mostTokens / sequence) {
      int64_t fitting = std::min<int64_t>(sequence, mostTokens);
      getOperation().emitError() << "a batch of " << int64_t(batch) << " sequences of " << int64_t(sequence)
                                 << " tokens is too large: a program takes " << mostTokens
                                 << " tokens at once at most, batch " << mostTokens / fitting << " of seq " << fitting;
      return signalPassFailure();
    }
    SymbolTable symbols(getOperation());
    Specializer specializer(symbols);
    DenseMap<Operation *, double> counts;
    for (ModelOp model : getOperation().getOps<ModelOp>())
      if (failed(specialize(model, specializer)) || failed(checkSize(model, symbols, counts)))
        return signalPassFailure();
    for (ObjectiveOp objective : getOperation().getOps<ObjectiveOp>()) {
      auto tokens = cast<RankedTensorType>(objective.getBody().getArgument(0).getType());
      if (failed(refineObjective(objective, tokens.clone({batch, sequence}), symbols)))
        return signalPassFailure();
    }
  }

  LogicalResult checkSize(ModelOp model, SymbolTable &symbols, DenseMap<Operation *, double> &counts) {
    double count = countValues(cast<FunctionOpInterface>(*model), symbols, counts);
    if (count <= mostValues)
      return success();
    InFlightDiagnostic diagnostic =
        model.emitOpError() << llvm::formatv("has {0:e1} values at batch {1} of seq {2}, more than the {3:e1} that a "
                                             "plan has room for",
                                             count, int64_t(batch), int64_t(sequence), mostValues);
    if (auto fitting = int64_t(mostValues / (count / double(batch))); fitting > 0)
      diagnostic << ": batch " << fitting << " would do";
    return diagnostic;
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
