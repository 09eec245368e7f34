// --tritter-precision: the type that models compute in.

#include "RefineTypes.h"
#include "ReverseMode.h"
#include "tritter/Training/Passes.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_PRECISIONPASS
#include "lib/Training/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

static RankedTensorType tensor(Value value) { return cast<RankedTensorType>(value.getType()); }

/// `type` with reals of this type.
static Type withReal(Type type, FloatType real) {
  auto shaped = dyn_cast<RankedTensorType>(type);
  return shaped && isa<FloatType>(shaped.getElementType()) ? shaped.clone(real) : type;
}

/// Gives every real of a graph one type.
static void setReal(FunctionOpInterface function, FloatType real) {
  auto setAll = [&](auto &&values) {
    for (Value value : values)
      value.setType(withReal(value.getType(), real));
  };
  Block &body = function.getFunctionBody().front();
  setAll(body.getArguments());
  for (Operation &op : body)
    setAll(op.getResults());
  function.setType(
      FunctionType::get(function->getContext(), body.getArgumentTypes(), body.getTerminator()->getOperandTypes()));
}

namespace {

/// Makes products and attention of a graph of f32 take and give bf16.
class Bf16Products {
public:
  explicit Bf16Products(MLIRContext *context) : builder(context) {}

  void graph(Block &body);

private:
  /// The value in bf16: as a product gave it, else cast once.
  Value narrow(Value value);
  /// Does `op` in bf16, its result being cast back for who wants f32.
  void narrowResult(Operation *op);

  OpBuilder builder;
  DenseMap<Value, Value> narrowed;
};

} // namespace

Value Bf16Products::narrow(Value value) {
  Value &known = narrowed[value];
  if (!known && tensor(value).getElementType().isBF16())
    known = value;
  if (!known) {
    builder.setInsertionPointAfterValue(value);
    known = CastOp::create(builder, value.getLoc(), tensor(value).clone(builder.getBF16Type()), value);
  }
  return known;
}

void Bf16Products::narrowResult(Operation *op) {
  Value result = op->getResult(0);
  auto wide = tensor(result);
  result.setType(wide.clone(builder.getBF16Type()));
  builder.setInsertionPointAfter(op);
  auto widened = CastOp::create(builder, op->getLoc(), wide, result);
  result.replaceAllUsesExcept(widened, widened);
  narrowed[widened] = result;
}

void Bf16Products::graph(Block &body) {
  for (Operation &op : llvm::make_early_inc_range(body)) {
    if (auto param = dyn_cast<ParamOp>(op)) {
      if (tensor(param).getRank() >= 2)
        narrowResult(param);
    } else if (isa<EmbeddingOp, PositionEmbeddingOp>(op)) {
      // Tables are read as they are stored.
      OpOperand &table = op.getOpOperand(1);
      if (narrowed.contains(table.get()))
        table.set(narrow(table.get()));
    } else if (auto linear = dyn_cast<LinearOp>(op)) {
      linear.getInputMutable().set(narrow(linear.getInput()));
      linear.getWeightMutable().set(narrow(linear.getWeight()));
      narrowResult(linear);
    } else if (isa<AttentionOp>(op)) {
      for (OpOperand &operand : op.getOpOperands())
        operand.set(narrow(operand.get()));
      narrowResult(&op);
    } else if (isa<SplitHeadsOp, MergeHeadsOp>(op) && narrowed.contains(op.getOperand(0))) {
      op.getOpOperand(0).set(narrow(op.getOperand(0)));
      narrowResult(&op);
    }
  }
  eraseDeadOps(body);
}

namespace {

struct PrecisionPass : tritter::impl::PrecisionPassBase<PrecisionPass> {
  using PrecisionPassBase::PrecisionPassBase;

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    FloatType real = compute == Precision::F64 ? FloatType(Float64Type::get(context)) : Float32Type::get(context);
    for (Operation &op : *getOperation().getBody())
      if (isa<BlockOp, ModelOp>(op))
        setReal(cast<FunctionOpInterface>(op), real);
    for (Operation &op : *getOperation().getBody())
      if (isa<BlockOp, ModelOp>(op) && compute == Precision::BF16)
        Bf16Products(context).graph(cast<FunctionOpInterface>(op).getFunctionBody().front());
  }
};

} // namespace
