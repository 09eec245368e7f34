#include "RefineTypes.h"

#include "dialects/Tritter/TritterDialect.h"

using namespace mlir;
using namespace mlir::tritter;

LogicalResult tritter::refineResultTypes(Operation *op) {
  if (isa<ParamOp>(op)) // says its type itself
    return success();
  if (auto refinable = dyn_cast<RefinableOpInterface>(op)) {
    refinable.refineResultTypes();
    return success();
  }
  auto infer = dyn_cast<InferTypeOpInterface>(op);
  if (!infer)
    return op->emitOpError() << "has results of which no types follow from its operands; give it InferTypeOpInterface "
                                "or RefinableOpInterface";
  SmallVector<Type> types;
  if (failed(infer.inferReturnTypes(op->getContext(), op->getLoc(), op->getOperands(),
                                    op->getDiscardableAttrDictionary(), op->getPropertiesStorage(), op->getRegions(),
                                    types)))
    return failure();
  for (auto [result, type] : llvm::zip_equal(op->getResults(), types))
    result.setType(type);
  return success();
}

LogicalResult tritter::refineObjective(ObjectiveOp objective, Type tokens, const SymbolTable &symbols) {
  for (Value argument : objective.getBody().getArguments())
    argument.setType(tokens);
  for (Operation &op : objective.getBody().front()) {
    if (auto apply = dyn_cast<ApplyOp>(op))
      apply.getLogits().setType(cast<RankedTensorType>(
          symbols.lookup<ModelOp>(apply.getModelAttr().getValue()).getFunctionType().getResult(0)));
    else if (op.getNumResults() > 0 && failed(refineResultTypes(&op)))
      return failure();
  }
  return success();
}
