// Type inference and verifiers of gradients, chunks and the optimizer.

#include "dialects/Tritter/Shapes.h"
#include "dialects/Tritter/TritterDialect.h"

using namespace mlir;
using namespace mlir::tritter;

using Types = SmallVectorImpl<Type>;

/// A tensor of sums over `value`'s elements, of this shape.
static RankedTensorType sums(Value value, ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, accumulatorType(tensorType(value).getElementType()));
}

LogicalResult LinearGradInputOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                                  Types &results) {
  RankedTensorType gradient = tensorType(adaptor.getGradient()), weight = tensorType(adaptor.getWeight());
  if (gradient.getRank() < 1 ||                            // linear_grad_input C1
      weight.getRank() != 2 ||                             // linear_grad_input C2
      !dimsAgree(lastDim(gradient), weight.getDimSize(0))) // linear_grad_input C3
    return emitOptionalError(loc, "the gradient's last dimension must be the weight's rows, found ", gradient, " and ",
                             weight);
  results.push_back(withLastDim(gradient, weight.getDimSize(1)));
  return success();
}

LogicalResult LinearGradWeightOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                                   Types &results) {
  RankedTensorType gradient = tensorType(adaptor.getGradient()), input = tensorType(adaptor.getInput());
  if (gradient.getRank() < 1 || input.getRank() < 1 ||                 // linear_grad_weight C1
      gradient.getShape().drop_back() != input.getShape().drop_back()) // linear_grad_weight C2
    return emitOptionalError(loc, "gradient and input must have the same rows, found ", gradient, " and ", input);
  results.push_back(sums(adaptor.getGradient(), {lastDim(gradient), lastDim(input)}));
  return success();
}

LogicalResult SumRowsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor, Types &results) {
  if (tensorType(adaptor.getInput()).getRank() < 1) // sum_rows C1
    return emitOptionalError(loc, "input must have rank 1 or more, found ", adaptor.getInput().getType());
  results.push_back(sums(adaptor.getInput(), {lastDim(tensorType(adaptor.getInput()))}));
  return success();
}

static LogicalResult checkNormGrad(std::optional<Location> loc, Value gradient, Value input, Value weight) {
  RankedTensorType type = tensorType(input), channel = tensorType(weight);
  if (type.getRank() >= 1 &&                                            // rms_norm_grad C1, layer_norm_grad C1
      tensorType(gradient).getShape() == type.getShape() &&             // rms_norm_grad C2, layer_norm_grad C2
      channel.getRank() == 1 && channel.getDimSize(0) == lastDim(type)) // rms_norm_grad C3, layer_norm_grad C3
    return success();
  return emitOptionalError(loc, "gradient and input must have one shape, and the weight their last dimension, found ",
                           gradient.getType(), ", ", type, " and ", channel);
}

LogicalResult RmsNormGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                              Types &results) {
  if (failed(checkNormGrad(loc, adaptor.getGradient(), adaptor.getInput(), adaptor.getWeight())))
    return failure();
  results.push_back(adaptor.getInput().getType());
  results.push_back(sums(adaptor.getWeight(), tensorType(adaptor.getWeight()).getShape()));
  return success();
}

LogicalResult LayerNormGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                                Types &results) {
  if (failed(checkNormGrad(loc, adaptor.getGradient(), adaptor.getInput(), adaptor.getWeight())))
    return failure();
  results.push_back(adaptor.getInput().getType());
  results.append(2, sums(adaptor.getWeight(), tensorType(adaptor.getWeight()).getShape()));
  return success();
}

LogicalResult EmbeddingGradOp::verify() {
  RankedTensorType gradient = tensorType(getGradient()), tokens = tensorType(getTokens()),
                   table = tensorType(getResult());
  // embedding_grad C1
  if (gradient.getRank() < 1 || gradient.getShape().drop_back() != tokens.getShape())
    return emitOpError() << "takes a row of the gradient for each token, found " << gradient << " and " << tokens;
  // embedding_grad C2
  if (table.getRank() != 2 || lastDim(table) != lastDim(gradient))
    return emitOpError() << "gives a matrix with the gradient's columns, found " << table << " for " << gradient;
  return success();
}

LogicalResult PositionEmbeddingGradOp::verify() {
  RankedTensorType gradient = tensorType(getGradient()), table = tensorType(getResult());
  if (gradient.getRank() != 3) // position_embedding_grad C1
    return emitOpError() << "takes a gradient of rank 3, found " << gradient;
  // position_embedding_grad C2
  if (table.getRank() != 2 || lastDim(table) != lastDim(gradient))
    return emitOpError() << "gives a matrix with the gradient's columns, found " << table << " for " << gradient;
  // position_embedding_grad C3
  if (!gradient.isDynamicDim(1) && !table.isDynamicDim(0) && gradient.getDimSize(1) > table.getDimSize(0))
    return emitOpError() << "gives a row for each of " << gradient.getDimSize(1) << " positions, found " << table;
  return success();
}

LogicalResult ChunkOp::verify() {
  int64_t rows = getRows();
  if (rows <= 0) // chunk C1
    return emitOpError() << "needs a positive number of rows, found " << rows;
  Block &body = getBody().front();
  if (body.getNumArguments() != getInputs().size()) // chunk C2
    return emitOpError() << "has " << getInputs().size() << " operands and " << body.getNumArguments() << " arguments";
  auto yield = cast<YieldOp>(body.getTerminator());
  if (yield.getValues().size() != getOutputs().size()) // chunk C3
    return emitOpError() << "yields " << yield.getValues().size() << " values for " << getOutputs().size()
                         << " results";
  // The rows of the first operand; all others have as many.
  std::optional<int64_t> shared;
  auto check = [&](StringRef verb, Type chunk, Type whole) -> LogicalResult {
    auto part = dyn_cast<RankedTensorType>(chunk), all = cast<RankedTensorType>(whole);
    if (!part || part.getRank() < 1 || part.getRank() > 2 || part.getDimSize(0) != rows) // chunk C4
      return emitOpError() << verb << " " << chunk << ", expected a vector or a matrix of " << rows << " rows";
    if (all.getRank() < part.getRank() || !all.hasStaticShape()) // chunk C5
      return emitOpError() << verb << " chunks " << chunk << " of " << whole
                           << ", which needs a static shape with as many axes or more";
    bool vector = part.getRank() == 1;
    if (part.getElementType() != all.getElementType() || (!vector && lastDim(part) != lastDim(all))) // chunk C6
      return emitOpError() << verb << " chunks " << chunk << " of " << whole
                           << ", expected its element type and its last axis";
    int64_t total = rowCount(all, vector);
    if (total % rows != 0) // chunk C7
      return emitOpError() << verb << " chunks of " << rows << " rows of " << whole << ", whose " << total
                           << " rows they do not divide";
    if (total != shared.value_or(total)) // chunk C8
      return emitOpError() << verb << " chunks of the " << total << " rows of " << whole << ", expected " << *shared
                           << " rows as the first operand has";
    shared = total;
    return success();
  };
  for (auto [argument, input] : llvm::zip(body.getArguments(), getInputs()))
    if (failed(check("takes", argument.getType(), input.getType())))
      return failure();
  for (auto [value, output] : llvm::zip(yield.getValues(), getOutputs()))
    if (failed(check("yields", value.getType(), output.getType())))
      return failure();
  return success();
}

bool StateOp::isKept() { return getKind() != "value" && getKind() != "master" && getKind() != "gradient"; }

LogicalResult StateOp::verify() {
  if (isKept() && !getGrowth()) // state C1
    return emitOpError() << "says how it grows with its parameter (`grows linear`, `adjoint`, `adjoint_squared` or "
                            "`zero`), found nothing about "
                         << getKindAttr();
  if (!isKept() && getGrowth()) // state C2
    return emitOpError() << "reads every parameter's " << getKind()
                         << ", which is not kept state, found one that grows " << stringifyStateGrowth(*getGrowth());
  return success();
}

LogicalResult SumOfSquaresOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,
                                               Types &results) {
  results.push_back(sums(adaptor.getInput(), {}));
  return success();
}

LogicalResult ClipOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor, Types &results) {
  results.append(3, adaptor.getSquaredNorm().getType());
  return success();
}

LogicalResult AdamWOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor, Types &results) {
  RankedTensorType master = tensorType(adaptor.getMaster());
  for (Value value : {adaptor.getGradient(), adaptor.getM(), adaptor.getV()})
    if (master.getRank() < 1 ||                            // adamw C1
        tensorType(value).getShape() != master.getShape()) // adamw C2
      return emitOptionalError(loc, "master, gradient and moments must have one shape of rank 1 or more, found ",
                               master, " and ", value.getType());
  for (Value value : {adaptor.getMaster(), adaptor.getM(), adaptor.getV()})
    results.push_back(value.getType());
  return success();
}
