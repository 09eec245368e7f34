// How products, attention and the gradient of a table become commands, as models of CommandLoweringOpInterface.

#include "tritter/Target/CommandLowering.h"

#include "dialects/Tritter/Shapes.h"
#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Target/ArenaLayout.h"

#include "mlir/IR/DialectRegistry.h"

using namespace mlir;
using namespace mlir::tritter;

#include "lib/Target/CommandLoweringInterface.cpp.inc"

static Type elementType(Value value) { return tensorType(value).getElementType(); }

std::string tritter::moduleOf(Value weight) {
  auto param = withoutReshapes(weight).getDefiningOp<ParamOp>();
  if (!param)
    return "";
  StringRef path = param.getPath();
  return (path.contains('.') ? path.rsplit('.').first : path).str();
}

static StringAttr labelOf(CommandBuilder &commands, StringRef text) {
  return text.empty() ? StringAttr() : commands.builder().getStringAttr(text);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

void tritter::emitProduct(CommandBuilder &commands, Location loc, const Product &product) {
  Places places = commands.places({product.a, product.b, product.c});
  if (product.bias)
    commands.add(places, product.bias);
  std::string label = product.label;
  if (StringRef path = commands.gradientPath(product.c); !path.empty())
    label = (path.rsplit('.').first + " " + label).str();
  int64_t strides[] = {product.transposeA ? product.m : product.k, product.transposeB ? product.k : product.n,
                       product.n};
  exec::GemmOp::create(commands.builder(), loc, product.m, product.n, product.k, places.slots[0], places.slots[1],
                       places.slots[2], product.bias ? places.slots[3] : Value(), places.offsets, strides,
                       product.transposeA, product.transposeB, elementType(product.a), elementType(product.c),
                       product.bias ? TypeAttr::get(elementType(product.bias)) : TypeAttr(),
                       commands.accumulates(product.c), labelOf(commands, label));
}

namespace {

/// A product may add to anything.
template <typename Op, Product (*make)(Op)>
struct ProductModel : CommandLoweringOpInterface::ExternalModel<ProductModel<Op, make>, Op> {
  LogicalResult lowerToCommands(Operation *op, CommandBuilder &commands) const {
    emitProduct(commands, op->getLoc(), make(cast<Op>(op)));
    return success();
  }
  bool canAccumulate(Operation *, unsigned) const { return true; }
  std::string describeResult(Operation *op, unsigned) const {
    std::string label = make(cast<Op>(op)).label;
    return label.empty() ? op->getName().stripDialect().str() : label;
  }
};

} // namespace

static Product linear(LinearOp op) {
  RankedTensorType weight = tensorType(op.getWeight());
  return {.a = op.getInput(),
          .b = op.getWeight(),
          .transposeB = true,
          .c = op.getResult(),
          .bias = op.getBias(),
          .m = rowCount(tensorType(op.getInput())),
          .n = weight.getDimSize(0),
          .k = weight.getDimSize(1),
          .label = moduleOf(op.getWeight())};
}

static Product linearGradInput(LinearGradInputOp op) {
  RankedTensorType weight = tensorType(op.getWeight());
  return {.a = op.getGradient(),
          .b = op.getWeight(),
          .c = op.getResult(),
          .m = rowCount(tensorType(op.getGradient())),
          .n = weight.getDimSize(1),
          .k = weight.getDimSize(0),
          .label = moduleOf(op.getWeight()) + " input gradient"};
}

static Product linearGradWeight(LinearGradWeightOp op) {
  return {.a = op.getGradient(),
          .transposeA = true,
          .b = op.getInput(),
          .c = op.getResult(),
          .m = lastDim(tensorType(op.getGradient())),
          .n = lastDim(tensorType(op.getInput())),
          .k = rowCount(tensorType(op.getGradient())),
          .label = "weight gradient"};
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// The width of a row of heads: tokens are that many elements apart.
static int64_t rowWidth(Value heads) { return tensorType(heads).getDimSize(2) * tensorType(heads).getDimSize(3); }

namespace {

struct AttentionModel : CommandLoweringOpInterface::ExternalModel<AttentionModel, AttentionOp> {
  LogicalResult lowerToCommands(Operation *operation, CommandBuilder &commands) const {
    auto op = cast<AttentionOp>(operation);
    Value heads[] = {op.getQuery(), op.getKey(), op.getValue(), op.getResult()};
    Places places = commands.places(heads);
    if (op.getLogSumExp())
      commands.add(places, op.getLogSumExp());
    else
      commands.addScratch(places);
    SmallVector<int64_t> strides = llvm::map_to_vector(heads, rowWidth);
    RankedTensorType query = tensorType(op.getQuery());
    exec::AttentionOp::create(commands.builder(), op.getLoc(), places.slots, places.offsets, strides,
                              query.getDimSize(0), query.getDimSize(1), query.getDimSize(2),
                              tensorType(op.getKey()).getDimSize(2), query.getDimSize(3), APFloat(op.getScoreScale()),
                              query.getElementType(), labelOf(commands, "attn"));
    return success();
  }

  /// The log-sum-exp of every row of scores, where nothing saves it.
  int64_t scratchBytes(Operation *operation) const {
    auto op = cast<AttentionOp>(operation);
    RankedTensorType query = tensorType(op.getQuery());
    int64_t width = accumulatorType(query.getElementType()).getIntOrFloatBitWidth() / 8;
    return op.getSave() ? 0 : query.getDimSize(0) * query.getDimSize(1) * query.getDimSize(2) * width;
  }
};

struct AttentionGradModel : CommandLoweringOpInterface::ExternalModel<AttentionGradModel, AttentionGradOp> {
  LogicalResult lowerToCommands(Operation *operation, CommandBuilder &commands) const {
    auto op = cast<AttentionGradOp>(operation);
    Places places;
    SmallVector<int64_t> strides;
    for (Value value : {op.getQuery(), op.getKey(), op.getValue(), op.getOutput(), op.getLogSumExp(), op.getGradient(),
                        op.getQueryGradient(), op.getKeyGradient(), op.getValueGradient()}) {
      commands.add(places, value);
      if (value != op.getLogSumExp())
        strides.push_back(rowWidth(value));
    }
    RankedTensorType query = tensorType(op.getQuery());
    exec::AttentionBackwardOp::create(
        commands.builder(), op.getLoc(), places.slots, places.offsets, strides, query.getDimSize(0),
        query.getDimSize(1), query.getDimSize(2), tensorType(op.getKey()).getDimSize(2), query.getDimSize(3),
        APFloat(op.getScoreScale()), query.getElementType(), labelOf(commands, "attn"));
    return success();
  }
};

/// Rows are added to zeroes, or to what is there.
struct EmbeddingGradModel : CommandLoweringOpInterface::ExternalModel<EmbeddingGradModel, EmbeddingGradOp> {
  LogicalResult lowerToCommands(Operation *operation, CommandBuilder &commands) const {
    auto op = cast<EmbeddingGradOp>(operation);
    OpBuilder &builder = commands.builder();
    RankedTensorType table = tensorType(op.getResult());
    StringAttr label = labelOf(commands, "embed");
    if (!commands.accumulates(op.getResult())) {
      Places target = commands.places(op.getResult());
      exec::FillOp::create(builder, op.getLoc(), bytesOf(table), target.slots,
                           builder.getDenseI64ArrayAttr(target.offsets), label);
    }
    Places places = commands.places({op.getTokens(), op.getGradient(), op.getResult()});
    exec::ScatterAddOp::create(builder, op.getLoc(), rowCount(tensorType(op.getTokens()), true), table.getDimSize(1),
                               table.getDimSize(0), elementType(op.getGradient()), table.getElementType(),
                               places.slots, builder.getDenseI64ArrayAttr(places.offsets), label);
    return success();
  }
  bool canAccumulate(Operation *, unsigned) const { return true; }
};

} // namespace

void tritter::registerCommandLowerings(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TritterDialect *) {
    LinearOp::attachInterface<ProductModel<LinearOp, linear>>(*context);
    LinearGradInputOp::attachInterface<ProductModel<LinearGradInputOp, linearGradInput>>(*context);
    LinearGradWeightOp::attachInterface<ProductModel<LinearGradWeightOp, linearGradWeight>>(*context);
    AttentionOp::attachInterface<AttentionModel>(*context);
    AttentionGradOp::attachInterface<AttentionGradModel>(*context);
    EmbeddingGradOp::attachInterface<EmbeddingGradModel>(*context);
  });
}
