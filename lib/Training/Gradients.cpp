// The gradient of every operation that models are made of, as models of DifferentiableOpInterface.

#include "tritter/Training/Gradients.h"

#include "dialects/Tritter/Shapes.h"
#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectRegistry.h"

using namespace mlir;
using namespace mlir::tritter;

/// The type that gradients of a parameter are summed in.
static RankedTensorType gradientType(Value parameter) {
  return tensorType(parameter).clone(accumulatorType(tensorType(parameter).getElementType()));
}

namespace {

using Values = SmallVector<Value>;

/// One model of the interface: an operation type and a function of (op, builder, result gradients, needed).
template <typename Op, auto Function> struct Model : DifferentiableOpInterface::ExternalModel<Model<Op, Function>, Op> {
  Values buildGradient(Operation *op, OpBuilder &builder, ArrayRef<Value> gradients, ArrayRef<bool> needed) const {
    return Function(cast<Op>(op), builder, gradients, needed);
  }
};

/// Attention saves its log-sum-exp.
struct AttentionModel : DifferentiableOpInterface::ExternalModel<AttentionModel, AttentionOp> {
  Operation *prepareForGradient(Operation *op) const;
  Values buildGradient(Operation *op, OpBuilder &builder, ArrayRef<Value> gradients, ArrayRef<bool> needed) const;
};

/// A cast takes the sum as it is, so that it is not rounded only to be widened again.
struct CastModel : DifferentiableOpInterface::ExternalModel<CastModel, CastOp> {
  bool takesUnroundedGradients(Operation *) const { return true; }
  Values buildGradient(Operation *op, OpBuilder &builder, ArrayRef<Value> gradients, ArrayRef<bool> needed) const;
};

} // namespace

static Values embedding(EmbeddingOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool> needed) {
  Value table;
  if (needed[1])
    table = EmbeddingGradOp::create(b, op.getLoc(), gradientType(op.getTable()), dy[0], op.getTokens());
  return {Value(), table};
}

static Values positionEmbedding(PositionEmbeddingOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool> needed) {
  Value table;
  if (needed[1])
    table = PositionEmbeddingGradOp::create(b, op.getLoc(), gradientType(op.getTable()), dy[0]);
  return {dy[0], table};
}

static Values linear(LinearOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool> needed) {
  Values result(op->getNumOperands());
  if (needed[0])
    result[0] = LinearGradInputOp::create(b, op.getLoc(), dy[0], op.getWeight());
  if (needed[1])
    result[1] = LinearGradWeightOp::create(b, op.getLoc(), dy[0], op.getInput());
  if (op.getBias() && needed[2])
    result[2] = SumRowsOp::create(b, op.getLoc(), dy[0]);
  return result;
}

static Values rmsNorm(RmsNormOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) {
  auto grad = RmsNormGradOp::create(b, op.getLoc(), dy[0], op.getInput(), op.getWeight(), op.getEpsAttr());
  return {grad.getInputGradient(), grad.getWeightGradient()};
}

static Values layerNorm(LayerNormOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) {
  auto grad = LayerNormGradOp::create(b, op.getLoc(), dy[0], op.getInput(), op.getWeight(), op.getEpsAttr());
  Values result = {grad.getInputGradient(), grad.getWeightGradient()};
  if (op.getBias())
    result.push_back(grad.getBiasGradient());
  return result;
}

static Values splitHeads(SplitHeadsOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) {
  return {MergeHeadsOp::create(b, op.getLoc(), dy[0])};
}

static Values mergeHeads(MergeHeadsOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) {
  return {SplitHeadsOp::create(b, op.getLoc(), op.getInput().getType(), dy[0])};
}

static Values rope(RopeOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) {
  return {RopeOp::create(b, op.getLoc(), dy[0], op.getThetaAttr(), op.getInverse() ? UnitAttr() : b.getUnitAttr())};
}

Operation *AttentionModel::prepareForGradient(Operation *op) const {
  auto attention = cast<AttentionOp>(op);
  if (attention.getSave())
    return op;
  OpBuilder b(op);
  auto saving = AttentionOp::create(b, op->getLoc(), attention.getQuery(), attention.getKey(), attention.getValue(),
                                    attention.getScaleAttr(), b.getUnitAttr());
  attention.getResult().replaceAllUsesWith(saving.getResult());
  op->erase();
  return saving;
}

Values AttentionModel::buildGradient(Operation *operation, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) const {
  auto op = cast<AttentionOp>(operation);
  auto grad = AttentionGradOp::create(b, op.getLoc(), dy[0], op.getQuery(), op.getKey(), op.getValue(), op.getResult(),
                                      op.getLogSumExp(), op.getScaleAttr());
  return llvm::to_vector_of<Value>(grad.getResults());
}

static Values activation(ActivationOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) {
  return {ActivationGradOp::create(b, op.getLoc(), op.getKindAttr(), dy[0], op.getInput())};
}

static Values add(AddOp, OpBuilder &, ArrayRef<Value> dy, ArrayRef<bool>) { return {dy[0], dy[0]}; }

static Values mul(MulOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool> needed) {
  Values result(2);
  if (needed[0])
    result[0] = MulOp::create(b, op.getLoc(), dy[0], op.getRhs());
  if (needed[1])
    result[1] = MulOp::create(b, op.getLoc(), dy[0], op.getLhs());
  return result;
}

Values CastModel::buildGradient(Operation *op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) const {
  Value input = op->getOperand(0);
  RankedTensorType type = input.getDefiningOp<ParamOp>() ? gradientType(input) : tensorType(input);
  return {dy[0].getType() == type ? dy[0] : CastOp::create(b, op->getLoc(), type, dy[0]).getResult()};
}

/// Losses are averaged, so that their gradient is one number in every row: what a mean gives.
static Values crossEntropy(CrossEntropyOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) {
  auto spread = dy[0].getDefiningOp<SpreadOp>();
  if (!spread)
    return {Value(), Value()};
  return {CrossEntropyGradOp::create(b, op.getLoc(), op.getLogits(), op.getTargets(), spread.getScale(),
                                     spread.getWeightAttr()),
          Value()};
}

static Values mean(MeanOp op, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) {
  double weight = 1.0 / double(rowCount(tensorType(op.getInput()), /*all=*/true));
  return {SpreadOp::create(b, op.getLoc(), op.getInput().getType(), dy[0], b.getF64FloatAttr(weight))};
}

void tritter::registerGradients(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TritterDialect *) {
    EmbeddingOp::attachInterface<Model<EmbeddingOp, embedding>>(*context);
    PositionEmbeddingOp::attachInterface<Model<PositionEmbeddingOp, positionEmbedding>>(*context);
    LinearOp::attachInterface<Model<LinearOp, linear>>(*context);
    RmsNormOp::attachInterface<Model<RmsNormOp, rmsNorm>>(*context);
    LayerNormOp::attachInterface<Model<LayerNormOp, layerNorm>>(*context);
    SplitHeadsOp::attachInterface<Model<SplitHeadsOp, splitHeads>>(*context);
    MergeHeadsOp::attachInterface<Model<MergeHeadsOp, mergeHeads>>(*context);
    RopeOp::attachInterface<Model<RopeOp, rope>>(*context);
    AttentionOp::attachInterface<AttentionModel>(*context);
    ActivationOp::attachInterface<Model<ActivationOp, activation>>(*context);
    AddOp::attachInterface<Model<AddOp, add>>(*context);
    MulOp::attachInterface<Model<MulOp, mul>>(*context);
    CastOp::attachInterface<CastModel>(*context);
    CrossEntropyOp::attachInterface<Model<CrossEntropyOp, crossEntropy>>(*context);
    MeanOp::attachInterface<Model<MeanOp, mean>>(*context);
  });
}
