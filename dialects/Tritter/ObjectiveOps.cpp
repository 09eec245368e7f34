// Verifiers of objectives and what stands in them.

#include "dialects/Tritter/TritterDialect.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::tritter;

LogicalResult ObjectiveOp::verify() {
  Block &body = getBody().front();
  auto isBatch = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() == 2 && tensor.getElementType().isInteger(32);
  };
  if (body.getNumArguments() != 2 || !isBatch(body.getArgument(0).getType()) || // objective C2
      body.getArgument(0).getType() != body.getArgument(1).getType())
    return emitOpError() << "takes tokens and targets, two tensors of i32 of one shape, found "
                         << body.getArgumentTypes();
  llvm::StringSet<> names;
  for (TermOp term : body.getOps<TermOp>())
    if (!names.insert(term.getName()).second) // objective C3
      return term.emitOpError() << "is the second of the name \"" << term.getName() << "\"";
  if (names.empty()) // objective C4
    return emitOpError() << "has no tritter.term, so its loss would be 0";
  return success();
}

LogicalResult ObjectiveOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!symbols.lookupNearestSymbolFrom<ModelOp>(*this, getTrainsAttr())) // objective C1
    return emitOpError() << "trains " << getTrainsAttr() << ", which is no tritter.model";
  auto isTrained = [&](ApplyOp op) { return op.getModelAttr() == getTrainsAttr(); };
  if (llvm::none_of(getBody().getOps<ApplyOp>(), isTrained)) // objective C5
    return emitOpError() << "trains " << getTrainsAttr() << " and does not apply it";
  return success();
}

LogicalResult ApplyOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto model = symbols.lookupNearestSymbolFrom<ModelOp>(*this, getModelAttr());
  if (!model) // apply C1
    return emitOpError() << "applies " << getModelAttr() << ", which is no tritter.model";
  if (model.getArgumentTypes()[0] != getTokens().getType() || // apply C2
      model.getResultTypes()[0] != getLogits().getType()) {
    InFlightDiagnostic diagnostic = emitOpError() << "has other types than its model";
    diagnostic.attachNote(model.getLoc()) << "the model is " << model.getFunctionType();
    return diagnostic;
  }
  return success();
}
