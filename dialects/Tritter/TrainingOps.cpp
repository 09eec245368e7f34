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
  if (gradient.getRank() < 1 || weight.getRank() != 2 || !dimsAgree(lastDim(gradient), weight.getDimSize(0)))
    return emitOptionalError(loc, "the gradient's last dimension must be the weight's rows, found ", gradient, " and ",
                             weight);
  results.push_back(withLastDim(gradient, weight.getDimSize(1)));
  return success();
}

LogicalResult LinearGradWeightOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                                   Types &results) {
  RankedTensorType gradient = tensorType(adaptor.getGradient()), input = tensorType(adaptor.getInput());
  if (gradient.getRank() < 1 || input.getRank() < 1 || gradient.getShape().drop_back() != input.getShape().drop_back())
    return emitOptionalError(loc, "gradient and input must have the same rows, found ", gradient, " and ", input);
  results.push_back(sums(adaptor.getGradient(), {lastDim(gradient), lastDim(input)}));
  return success();
}

LogicalResult SumRowsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor, Types &results) {
  if (tensorType(adaptor.getInput()).getRank() < 1)
    return emitOptionalError(loc, "sums over rows of one dimension or more, found ", adaptor.getInput().getType());
  results.push_back(sums(adaptor.getInput(), {lastDim(tensorType(adaptor.getInput()))}));
  return success();
}

static LogicalResult checkNormGrad(std::optional<Location> loc, Value gradient, Value input, Value weight) {
  RankedTensorType type = tensorType(input), channel = tensorType(weight);
  if (type.getRank() >= 1 && tensorType(gradient).getShape() == type.getShape() && channel.getRank() == 1 &&
      channel.getDimSize(0) == lastDim(type))
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

LogicalResult ChunkOp::verify() {
  int64_t rows = getRows();
  if (rows <= 0)
    return emitOpError() << "needs a positive number of rows, found " << rows;
  Block &body = getBody().front();
  if (body.getNumArguments() != getInputs().size())
    return emitOpError() << "has " << getInputs().size() << " operands and " << body.getNumArguments() << " arguments";
  // The rows of the first operand; all others have as many.
  std::optional<int64_t> shared;
  auto isChunkOf = [&](Type chunk, Type whole) {
    auto part = dyn_cast<RankedTensorType>(chunk), all = cast<RankedTensorType>(whole);
    if (!part || part.getRank() < 1 || part.getRank() > 2 || all.getRank() < part.getRank() || !all.hasStaticShape())
      return false;
    bool vector = part.getRank() == 1;
    int64_t total = rowCount(all, vector);
    if (!shared)
      shared = total;
    return part.getElementType() == all.getElementType() && part.getDimSize(0) == rows &&
           (vector || lastDim(part) == lastDim(all)) && total % rows == 0 && total == *shared;
  };
  for (auto [argument, input] : llvm::zip(body.getArguments(), getInputs()))
    if (!isChunkOf(argument.getType(), input.getType()))
      return emitOpError() << "takes chunks of " << rows << " rows, found " << argument.getType() << " of "
                           << input.getType();
  auto yield = cast<YieldOp>(body.getTerminator());
  if (yield.getValues().size() != getOutputs().size())
    return emitOpError() << "yields " << yield.getValues().size() << " values for " << getOutputs().size()
                         << " results";
  for (auto [value, output] : llvm::zip(yield.getValues(), getOutputs()))
    if (!isChunkOf(value.getType(), output.getType()))
      return emitOpError() << "yields chunks of " << rows << " rows, found " << value.getType() << " of "
                           << output.getType();
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
    if (master.getRank() < 1 || tensorType(value).getShape() != master.getShape())
      return emitOptionalError(loc, "master, gradient and moments must have one shape of rank 1 or more, found ",
                               master, " and ", value.getType());
  for (Value value : {adaptor.getMaster(), adaptor.getM(), adaptor.getV()})
    results.push_back(value.getType());
  return success();
}
