// The operations of the test dialect: types, gradients, precision, kernels, commands, and the rules of the proof.

#include "test/lib/TestDialect.h"

#include "dialects/Tritter/Shapes.h"
#include "tritter/Codegen/KernelBuilder.h"
#include "tritter/Codegen/RowLowering.h"
#include "tritter/Proof/Relations.h"
#include "tritter/Target/CommandLowering.h"
#include "tritter/Training/Narrowing.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace mlir::tritter;
using namespace mlir::tritter::test;

#include "test/lib/TestOpsDialect.cpp.inc"

void TestDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "test/lib/TestOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "test/lib/TestOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

using Types = SmallVectorImpl<Type>;
using Place = std::optional<Location>;

LogicalResult AffineOp::inferReturnTypes(MLIRContext *, Place, Adaptor adaptor, Types &results) {
  results.push_back(adaptor.getInput().getType());
  return success();
}

LogicalResult AffineGradOp::inferReturnTypes(MLIRContext *, Place, Adaptor adaptor, Types &results) {
  RankedTensorType gain = tensorType(adaptor.getGain());
  results.push_back(adaptor.getInput().getType());
  results.push_back(gain.clone(accumulatorType(gain.getElementType())));
  return success();
}

LogicalResult BothWaysOp::inferReturnTypes(MLIRContext *, Place loc, Adaptor adaptor, Types &results) {
  RankedTensorType input = tensorType(adaptor.getInput()), weight = tensorType(adaptor.getWeight());
  if (weight.getRank() != 2 || weight.getDimSize(0) != weight.getDimSize(1) || lastDim(input) != weight.getDimSize(0))
    return emitOptionalError(loc, "needs a square weight of the input's last dimension, found ", input, " and ",
                             weight);
  results.append(2, input);
  return success();
}

//===----------------------------------------------------------------------===//
// Gradients
//===----------------------------------------------------------------------===//

namespace {

using Values = SmallVector<Value>;

struct AffineGradient : DifferentiableOpInterface::ExternalModel<AffineGradient, AffineOp> {
  Values buildGradient(Operation *operation, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) const {
    auto op = cast<AffineOp>(operation);
    auto grad = AffineGradOp::create(b, op.getLoc(), dy[0], op.getInput(), op.getGain());
    return {grad.getInputGradient(), grad.getGainGradient()};
  }
};

/// With y = x W' and z = x W: dx = dy W + dz W', and dW = dy' x + x' dz.
struct BothWaysGradient : DifferentiableOpInterface::ExternalModel<BothWaysGradient, BothWaysOp> {
  Values buildGradient(Operation *operation, OpBuilder &b, ArrayRef<Value> dy, ArrayRef<bool>) const {
    auto op = cast<BothWaysOp>(operation);
    Location loc = op.getLoc();
    Value input, weight;
    auto addTo = [&](Value &sum, Value part) { sum = sum ? AddOp::create(b, loc, sum, part).getResult() : part; };
    if (dy[0]) {
      addTo(input, LinearGradInputOp::create(b, loc, dy[0], op.getWeight()));
      addTo(weight, LinearGradWeightOp::create(b, loc, dy[0], op.getInput()));
    }
    if (dy[1]) {
      addTo(input, LinearOp::create(b, loc, dy[1], op.getWeight(), Value()));
      addTo(weight, LinearGradWeightOp::create(b, loc, op.getInput(), dy[1]));
    }
    return {input, weight};
  }
};

//===----------------------------------------------------------------------===//
// Precision
//===----------------------------------------------------------------------===//

struct AffineNarrowing : NarrowableOpInterface::ExternalModel<AffineNarrowing, AffineOp> {
  Narrowing operandNarrowing(Operation *, unsigned) const { return Narrowing::Wide; }
  Narrowing resultNarrowing(Operation *, unsigned) const { return Narrowing::Wide; }
};

struct BothWaysNarrowing : NarrowableOpInterface::ExternalModel<BothWaysNarrowing, BothWaysOp> {
  Narrowing operandNarrowing(Operation *, unsigned) const { return Narrowing::Narrow; }
  Narrowing resultNarrowing(Operation *, unsigned) const { return Narrowing::Narrow; }
};

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

struct BothWaysCommands : CommandLoweringOpInterface::ExternalModel<BothWaysCommands, BothWaysOp> {
  LogicalResult lowerToCommands(Operation *operation, CommandBuilder &commands) const {
    auto op = cast<BothWaysOp>(operation);
    int64_t rows = rowCount(tensorType(op.getInput())), size = lastDim(tensorType(op.getInput()));
    for (bool forth : {true, false})
      emitProduct(commands, op.getLoc(),
                  {.a = op.getInput(),
                   .b = op.getWeight(),
                   .transposeB = forth,
                   .c = forth ? op.getForth() : op.getBack(),
                   .m = rows,
                   .n = size,
                   .k = size,
                   .label = moduleOf(op.getWeight()) + (forth ? " forth" : " back")});
    return success();
  }
};

} // namespace

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

static row::KernelBuilder overRows(OpBuilder &builder, Location loc, StringRef label, RankedTensorType type) {
  return row::KernelBuilder(builder, loc, label, rowCount(type), lastDim(type), accumulatorType(type.getElementType()));
}

static Values lowerAffine(OpBuilder &builder, AffineOp op) {
  RankedTensorType type = op.getType();
  row::KernelBuilder kernel = overRows(builder, op.getLoc(), "affine", type);
  row::Real x = kernel.element(op.getInput()), gain = kernel.column(op.getGain());
  kernel.output(x * gain + op.getShift().convertToDouble(), type);
  return Values(kernel.finish().getResults());
}

static Values lowerAffineGrad(OpBuilder &builder, AffineGradOp op) {
  RankedTensorType type = tensorType(op.getInput());
  row::KernelBuilder kernel = overRows(builder, op.getLoc(), "affine_grad", type);
  row::Real gradient = kernel.element(op.getGradient()), x = kernel.element(op.getInput());
  kernel.output(gradient * kernel.column(op.getGain()), type);
  kernel.outputColumnSum(gradient * x, row::blocksFor(rowCount(type)));
  row::GenericOp generic = kernel.finish();
  return {generic.getResult(0),
          row::sumPartials(builder, op.getLoc(), generic.getResult(1), op.getGainGradient().getType())};
}

//===----------------------------------------------------------------------===//
// The proof
//===----------------------------------------------------------------------===//

using namespace mlir::growth;

namespace {

/// The gain as it stands, on an input as it stands.
struct AffineRule : GrowableOpInterface::ExternalModel<AffineRule, AffineOp> {
  std::optional<Relation> relate(Operation *op, Operation *baseOp, RuleContext &context) const {
    auto grown = cast<AffineOp>(op), base = cast<AffineOp>(baseOp);
    std::optional<Relation> input = context.relation(grown.getInput(), base.getInput());
    if (!input)
      return context.fail("its input is not the base's", true);
    const Derivation *gain = context.derivation(grown.getGain());
    if (!gain)
      return std::nullopt;
    RowRelation rows = relateRows(*gain, 0, nullptr, base.getGain(), context);
    if (grown.getShift() != base.getShift() || rows.rows != input->map || !rows.verbatim || !input->map.isIdentity())
      return context.fail("its gain or shift is not the base's");
    return Relation{input->map, input->quality};
  }
  Knowledge relateAlone(Operation *, RuleContext &) const { return {}; }
};

/// A weight as it stands, on an input as it stands.
struct BothWaysRule : GrowableOpInterface::ExternalModel<BothWaysRule, BothWaysOp> {
  SmallVector<ResultFact, 2> relateResults(Operation *op, Operation *baseOp, RuleContext &context) const {
    auto grown = cast<BothWaysOp>(op), base = cast<BothWaysOp>(baseOp);
    std::optional<Relation> input = context.relation(grown.getInput(), base.getInput());
    if (!input) {
      context.fail("its input is not the base's", true);
      return {};
    }
    const Derivation *form = context.derivation(grown.getWeight());
    if (!form)
      return {};
    RowRelation weight = relateRows(*form, 0, &input->map, base.getWeight(), context);
    if (!weight.verbatim || !input->map.isIdentity()) {
      context.fail("its weight is not the base's");
      return {};
    }
    return {{0, base.getForth(), *input}, {1, base.getBack(), *input}};
  }
  std::optional<Relation> relate(Operation *, Operation *, RuleContext &) const { return std::nullopt; }
  Knowledge relateAlone(Operation *, RuleContext &) const { return {}; }
};

} // namespace

void test::registerTestDialect(DialectRegistry &registry) {
  registry.insert<TestDialect>();
  registry.addExtension(+[](MLIRContext *context, TestDialect *) {
    AffineOp::attachInterface<AffineGradient, AffineNarrowing, row::RowLowering<AffineOp, lowerAffine>, AffineRule>(
        *context);
    AffineGradOp::attachInterface<row::RowLowering<AffineGradOp, lowerAffineGrad>>(*context);
    BothWaysOp::attachInterface<BothWaysGradient, BothWaysNarrowing, BothWaysCommands, BothWaysRule>(*context);
  });
}
