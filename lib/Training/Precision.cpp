// --tritter-precision: the type that models compute in.

#include "RefineTypes.h"
#include "ReverseMode.h"
#include "dialects/Tritter/Shapes.h"
#include "tritter/Training/Narrowing.h"
#include "tritter/Training/Passes.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_PRECISIONPASS
#include "lib/Training/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

template <> ArrayRef<Word<Precision>> mlir::tritter::wordsOf<Precision>() {
  static constexpr Word<Precision> words[] = {{Precision::F32, "f32", "everything in f32"},
                                              {Precision::BF16, "bf16", "products in bf16, masters in f32"},
                                              {Precision::F64, "f64", "everything in f64"}};
  return words;
}

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

/// Makes a graph of f32 take and give bf16 where its operations say so.
class Narrower {
public:
  explicit Narrower(MLIRContext *context) : builder(context) {}

  LogicalResult graph(Block &body);

private:
  void operands(NarrowableOpInterface op);
  void results(NarrowableOpInterface op);
  /// The value in bf16: as it was made, else cast once.
  Value narrow(Value value);
  /// Makes the result bf16, and casts it to f32 for users that read f32.
  void narrowResult(OpResult result);
  /// Whether the value is a cast of a bf16 value that an operation made.
  bool isNarrow(Value value) const {
    Value known = narrowed.lookup(value);
    return known && !known.getDefiningOp<CastOp>();
  }

  OpBuilder builder;
  DenseMap<Value, Value> narrowed;
};

} // namespace

Value Narrower::narrow(Value value) {
  Value &known = narrowed[value];
  if (!known && tensorType(value).getElementType().isBF16())
    known = value;
  if (!known) {
    builder.setInsertionPointAfterValue(value);
    known = CastOp::create(builder, value.getLoc(), tensorType(value).clone(builder.getBF16Type()), value);
  }
  return known;
}

void Narrower::narrowResult(OpResult result) {
  RankedTensorType wide = tensorType(result);
  result.setType(wide.clone(builder.getBF16Type()));
  builder.setInsertionPointAfter(result.getOwner());
  auto widened = CastOp::create(builder, result.getLoc(), wide, result);
  result.replaceAllUsesExcept(widened, widened);
  narrowed[widened] = result;
}

void Narrower::operands(NarrowableOpInterface op) {
  for (OpOperand &operand : op->getOpOperands()) {
    Narrowing narrowing = op.operandNarrowing(operand.getOperandNumber());
    if (narrowing == Narrowing::Narrow || (narrowing == Narrowing::AsGiven && isNarrow(operand.get())))
      operand.set(narrow(operand.get()));
  }
}

void Narrower::results(NarrowableOpInterface op) {
  auto isBf16 = [](Value value) { return tensorType(value).getElementType().isBF16(); };
  bool asFirst = op->getNumOperands() > 0 && isBf16(op->getOperand(0));
  for (OpResult result : op->getResults()) {
    Narrowing narrowing = op.resultNarrowing(result.getResultNumber());
    if (narrowing == Narrowing::Narrow || (narrowing == Narrowing::AsGiven && asFirst))
      narrowResult(result);
  }
}

LogicalResult Narrower::graph(Block &body) {
  for (Operation &op : llvm::make_early_inc_range(body.without_terminator())) {
    auto narrowable = dyn_cast<NarrowableOpInterface>(op);
    if (!narrowable)
      return op.emitOpError() << "does not say what of it is narrow; --tritter-precision needs its "
                                 "NarrowableOpInterface";
    operands(narrowable);
    results(narrowable);
  }
  eraseDeadOps(body);
  return success();
}

namespace {

struct PrecisionPass : tritter::impl::PrecisionPassBase<PrecisionPass> {
  using PrecisionPassBase::PrecisionPassBase;

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    FloatType real = precision == Precision::F64 ? FloatType(Float64Type::get(context)) : Float32Type::get(context);
    for (Operation &op : *getOperation().getBody())
      if (isa<BlockOp, ModelOp>(op))
        setReal(cast<FunctionOpInterface>(op), real);
    for (Operation &op : *getOperation().getBody())
      if (isa<BlockOp, ModelOp>(op) && precision == Precision::BF16)
        if (failed(Narrower(context).graph(cast<FunctionOpInterface>(op).getFunctionBody().front())))
          return signalPassFailure();
    SymbolTable symbols(getOperation());
    for (ObjectiveOp objective : getOperation().getOps<ObjectiveOp>())
      if (failed(refineObjective(objective, objective.getBody().getArgument(0).getType(), symbols)))
        return signalPassFailure();
  }
};

} // namespace
