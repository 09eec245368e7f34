// Type inference, verifiers and folders of what models are made of.

#include "dialects/Tritter/Shapes.h"
#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Support/CheckedMath.h"

#include <cmath>

using namespace mlir;
using namespace mlir::tritter;

using Types = SmallVectorImpl<Type>;

static LogicalResult checkRank(std::optional<Location> loc, StringRef what, RankedTensorType type, int64_t rank) {
  if (type.getRank() == rank)
    return success();
  return emitOptionalError(loc, what, " must have rank ", rank, ", found ", type);
}

static LogicalResult checkNotScalar(std::optional<Location> loc, StringRef what, RankedTensorType type) {
  if (type.getRank() >= 1)
    return success();
  return emitOptionalError(loc, what, " must have rank 1 or more, found ", type);
}

/// A weight or bias of rows like those of `type`, which has rank 1 or more.
static LogicalResult checkChannel(std::optional<Location> loc, StringRef what, RankedTensorType type,
                                  RankedTensorType channel) {
  if (channel.getRank() == 1 && channel.getDimSize(0) == lastDim(type))
    return success();
  return emitOptionalError(loc, what, " must be a vector with one element for each column of ", type, ", found ",
                           channel);
}

LogicalResult EmbeddingOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                            Types &results) {
  RankedTensorType tokens = tensorType(adaptor.getTokens()), table = tensorType(adaptor.getTable());
  if (failed(checkRank(loc, "table", table, 2))) // embedding C1
    return failure();
  SmallVector<int64_t> shape(tokens.getShape());
  shape.push_back(table.getDimSize(1));
  results.push_back(RankedTensorType::get(shape, accumulatorType(table.getElementType())));
  return success();
}

LogicalResult PositionEmbeddingOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                                    Types &results) {
  RankedTensorType input = tensorType(adaptor.getInput()), table = tensorType(adaptor.getTable());
  if (failed(checkRank(loc, "input", input, 3)) || // position_embedding C1
      failed(checkRank(loc, "table", table, 2)))   // position_embedding C2
    return failure();
  // position_embedding C3
  if (lastDim(input) != lastDim(table))
    return emitOptionalError(loc, "input and table must have the same last dimension, found ", input, " and ", table);
  // position_embedding C4
  if (!input.isDynamicDim(1) && !table.isDynamicDim(0) && input.getDimSize(1) > table.getDimSize(0))
    return emitOptionalError(loc, "the table has ", table.getDimSize(0), " positions, the sequence ",
                             input.getDimSize(1));
  results.push_back(input);
  return success();
}

LogicalResult LinearOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor, Types &results) {
  RankedTensorType input = tensorType(adaptor.getInput()), weight = tensorType(adaptor.getWeight());
  if (failed(checkRank(loc, "weight", weight, 2)) || // linear C1
      failed(checkNotScalar(loc, "input", input)))   // linear C2
    return failure();
  // linear C3
  if (!dimsAgree(lastDim(input), weight.getDimSize(1)))
    return emitOptionalError(loc, "the weight's columns must be the input's last dimension, found ", weight, " for ",
                             input);
  RankedTensorType result = withLastDim(input, weight.getDimSize(0));
  // linear C4
  if (adaptor.getBias() && failed(checkChannel(loc, "bias", result, tensorType(adaptor.getBias()))))
    return failure();
  results.push_back(result);
  return success();
}

LogicalResult RmsNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor, Types &results) {
  RankedTensorType input = tensorType(adaptor.getInput());
  if (failed(checkNotScalar(loc, "input", input)) ||                               // rms_norm C1
      failed(checkChannel(loc, "weight", input, tensorType(adaptor.getWeight())))) // rms_norm C2
    return failure();
  results.push_back(input);
  return success();
}

LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                            Types &results) {
  RankedTensorType input = tensorType(adaptor.getInput());
  if (failed(checkNotScalar(loc, "input", input)) ||                               // layer_norm C1
      failed(checkChannel(loc, "weight", input, tensorType(adaptor.getWeight())))) // layer_norm C2
    return failure();
  // layer_norm C3
  if (adaptor.getBias() && failed(checkChannel(loc, "bias", input, tensorType(adaptor.getBias()))))
    return failure();
  results.push_back(input);
  return success();
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

LogicalResult SplitHeadsOp::verify() {
  RankedTensorType input = tensorType(getInput()), result = tensorType(getResult());
  if (input.getRank() != 3 || result.getRank() != 4 ||                     // split_heads C1
      result.isDynamicDim(2) || result.isDynamicDim(3) ||                  // split_heads C2
      input.getShape().take_front(2) != result.getShape().take_front(2) || // split_heads C3
      input.getDimSize(2) != result.getDimSize(2) * result.getDimSize(3))  // split_heads C4
    return emitOpError() << "splits [B, T, H * D] into [B, T, H, D], found " << input << " and " << result;
  if (result.getDimSize(2) > mostHeads) // split_heads C5
    return emitOpError() << "splits into " << mostHeads << " heads at most, found " << result;
  return success();
}

/// The leading dimensions are the input's; how the last one splits stands in the result.
void SplitHeadsOp::refineResultTypes() {
  SmallVector<int64_t> shape(tensorType(getInput()).getShape().drop_back());
  llvm::append_range(shape, tensorType(getResult()).getShape().take_back(2));
  getResult().setType(tensorType(getInput()).clone(shape));
}

bool SplitHeadsOp::isFree() { return true; }
bool MergeHeadsOp::isFree() { return true; }

OpFoldResult SplitHeadsOp::fold(FoldAdaptor) {
  auto merge = getInput().getDefiningOp<MergeHeadsOp>();
  return merge && merge.getInput().getType() == getType() ? merge.getInput() : OpFoldResult();
}

LogicalResult MergeHeadsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                             Types &results) {
  RankedTensorType input = tensorType(adaptor.getInput());
  if (failed(checkRank(loc, "input", input, 4))) // merge_heads C1
    return failure();
  // merge_heads C2
  if (input.isDynamicDim(2) || input.isDynamicDim(3))
    return emitOptionalError(loc, "heads and their dimension must be known, found ", input);
  // merge_heads C3
  std::optional<int64_t> channels = checkedProduct({input.getDimSize(2), input.getDimSize(3)});
  if (!channels || input.getDimSize(2) > mostHeads)
    return emitOptionalError(loc, "merges ", mostHeads, " heads at most, of a dimension that makes less than 2^63 "
                             "channels, found ", input);
  results.push_back(input.clone({input.getDimSize(0), input.getDimSize(1), *channels}));
  return success();
}

OpFoldResult MergeHeadsOp::fold(FoldAdaptor) {
  auto split = getInput().getDefiningOp<SplitHeadsOp>();
  return split ? split.getInput() : OpFoldResult();
}

LogicalResult RopeOp::verify() {
  RankedTensorType input = tensorType(getInput());
  if (input.getRank() != 4 ||                           // rope C1
      input.isDynamicDim(3) || input.getDimSize(3) % 2) // rope C2
    return emitOpError() << "works on [B, T, H, D] with a known, even D, found " << input;
  return success();
}

static double scoreScale(std::optional<APFloat> given, Value query) {
  return given ? given->convertToDouble() : 1.0 / std::sqrt(double(lastDim(tensorType(query))));
}
double AttentionOp::getScoreScale() { return scoreScale(getScale(), getQuery()); }
double AttentionGradOp::getScoreScale() { return scoreScale(getScale(), getQuery()); }

static LogicalResult checkAttention(std::optional<Location> loc, RankedTensorType query, RankedTensorType key,
                                    RankedTensorType value) {
  if (failed(checkRank(loc, "query", query, 4)) || // attention C1, attention_grad C1
      failed(checkRank(loc, "key", key, 4)))       // attention C2, attention_grad C2
    return failure();
  // attention C3, attention_grad C3
  if (key != value)
    return emitOptionalError(loc, "key and value must have one type, found ", key, " and ", value);
  // attention C4, attention_grad C4
  auto isKnown = [](RankedTensorType type) { return type.getDimSize(2) > 0 && type.getDimSize(3) > 0; };
  if (!isKnown(query) || !isKnown(key))
    return emitOptionalError(loc, "heads and their dimension must be known and positive, found ", query, " and ", key);
  if (query.getDimSize(2) % key.getDimSize(2) ||  // attention C5, attention_grad C5
      query.getDimSize(3) != key.getDimSize(3) || // attention C6, attention_grad C6
      !dimsAgree(query.getDimSize(0), key.getDimSize(0)) || !dimsAgree(query.getDimSize(1), key.getDimSize(1)))
    return emitOptionalError(loc, "query [B, T, H, D] needs keys [B, T, G, D] with H a multiple of G, found ", query,
                             " and ", key);
  return success();
}

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                            Types &results) {
  RankedTensorType query = tensorType(adaptor.getQuery());
  if (failed(checkAttention(loc, query, tensorType(adaptor.getKey()), tensorType(adaptor.getValue()))))
    return failure();
  results.push_back(query);
  if (adaptor.getSave())
    results.push_back(RankedTensorType::get({query.getDimSize(0), query.getDimSize(2), query.getDimSize(1)},
                                            accumulatorType(query.getElementType())));
  return success();
}

//===----------------------------------------------------------------------===//
// Cast, loss
//===----------------------------------------------------------------------===//

void CastOp::refineResultTypes() {
  getResult().setType(tensorType(getInput()).clone(tensorType(getResult()).getElementType()));
}

bool CastOp::isFree() {
  auto bits = [](Value value) { return tensorType(value).getElementTypeBitWidth(); };
  return bits(getInput()) <= bits(getResult());
}

OpFoldResult CastOp::fold(FoldAdaptor) { return getInput().getType() == getType() ? getInput() : Value(); }

static LogicalResult checkTargets(std::optional<Location> loc, RankedTensorType logits, RankedTensorType targets) {
  if (failed(checkNotScalar(loc, "logits", logits))) // cross_entropy C1, cross_entropy_grad C1
    return failure();
  // cross_entropy C2, cross_entropy_grad C2
  if (logits.getShape().drop_back() != targets.getShape())
    return emitOptionalError(loc, "targets must have the shape of the logits without the last dimension, found ",
                             targets, " for ", logits);
  return success();
}

LogicalResult CrossEntropyOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                               Types &results) {
  RankedTensorType logits = tensorType(adaptor.getLogits());
  if (failed(checkTargets(loc, logits, tensorType(adaptor.getTargets()))))
    return failure();
  results.push_back(withoutLastDim(logits, accumulatorType(logits.getElementType())));
  return success();
}

LogicalResult CrossEntropyGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                                   Types &results) {
  results.push_back(adaptor.getLogits().getType());
  return checkTargets(loc, tensorType(adaptor.getLogits()), tensorType(adaptor.getTargets()));
}

LogicalResult MeanOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor, Types &results) {
  results.push_back(RankedTensorType::get({}, accumulatorType(tensorType(adaptor.getInput()).getElementType())));
  return success();
}

LogicalResult AttentionGradOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor adaptor,
                                                Types &results) {
  RankedTensorType query = tensorType(adaptor.getQuery()), saved = tensorType(adaptor.getLogSumExp());
  if (failed(checkAttention(loc, query, tensorType(adaptor.getKey()), tensorType(adaptor.getValue()))))
    return failure();
  // attention_grad C7
  for (Value value : {adaptor.getGradient(), adaptor.getOutput()})
    if (tensorType(value).getShape() != query.getShape())
      return emitOptionalError(loc, "gradient and output must have the shape of the query, found ", value.getType(),
                               " for ", query);
  // attention_grad C8
  if (saved.getShape() != ArrayRef<int64_t>{query.getDimSize(0), query.getDimSize(2), query.getDimSize(1)})
    return emitOptionalError(loc, "the log-sum-exp must be [B, H, T] for the query's [B, T, H, D], found ", saved,
                             " for ", query);
  for (Value value : {adaptor.getQuery(), adaptor.getKey(), adaptor.getValue()})
    results.push_back(value.getType());
  return success();
}
