// What bf16 makes narrow of every operation that models are made of, as models of NarrowableOpInterface.

#include "tritter/Training/Narrowing.h"

#include "dialects/Tritter/Shapes.h"
#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/DialectRegistry.h"

using namespace mlir;
using namespace mlir::tritter;

#include "lib/Training/NarrowableInterface.cpp.inc"

namespace {

/// One narrowing for all operands and results.
template <typename Op, Narrowing narrowing>
struct Uniform : NarrowableOpInterface::ExternalModel<Uniform<Op, narrowing>, Op> {
  Narrowing operandNarrowing(Operation *, unsigned) const { return narrowing; }
  Narrowing resultNarrowing(Operation *, unsigned) const { return narrowing; }
};

/// Matrices are read as bf16, vectors as they are.
struct ParamNarrowing : NarrowableOpInterface::ExternalModel<ParamNarrowing, ParamOp> {
  Narrowing operandNarrowing(Operation *, unsigned) const { return Narrowing::Wide; }
  Narrowing resultNarrowing(Operation *op, unsigned) const {
    return tensorType(op->getResult(0)).getRank() >= 2 ? Narrowing::Narrow : Narrowing::Wide;
  }
};

/// Tables are read as they are stored.
template <typename Op> struct TableNarrowing : NarrowableOpInterface::ExternalModel<TableNarrowing<Op>, Op> {
  Narrowing operandNarrowing(Operation *op, unsigned operand) const {
    return op->getOperand(operand) == cast<Op>(op).getTable() ? Narrowing::AsGiven : Narrowing::Wide;
  }
  Narrowing resultNarrowing(Operation *, unsigned) const { return Narrowing::Wide; }
};

struct LinearNarrowing : NarrowableOpInterface::ExternalModel<LinearNarrowing, LinearOp> {
  Narrowing operandNarrowing(Operation *, unsigned operand) const {
    return operand < 2 ? Narrowing::Narrow : Narrowing::Wide; // a bias is added to the sum
  }
  Narrowing resultNarrowing(Operation *, unsigned) const { return Narrowing::Narrow; }
};

struct AttentionNarrowing : NarrowableOpInterface::ExternalModel<AttentionNarrowing, AttentionOp> {
  Narrowing operandNarrowing(Operation *, unsigned) const { return Narrowing::Narrow; }
  Narrowing resultNarrowing(Operation *, unsigned result) const {
    return result == 0 ? Narrowing::Narrow : Narrowing::Wide;
  }
};

} // namespace

template <Narrowing narrowing, typename... Ops> static void attach(MLIRContext &context) {
  (Ops::template attachInterface<Uniform<Ops, narrowing>>(context), ...);
}

void tritter::registerNarrowing(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, TritterDialect *) {
    ParamOp::attachInterface<ParamNarrowing>(*context);
    EmbeddingOp::attachInterface<TableNarrowing<EmbeddingOp>>(*context);
    PositionEmbeddingOp::attachInterface<TableNarrowing<PositionEmbeddingOp>>(*context);
    LinearOp::attachInterface<LinearNarrowing>(*context);
    AttentionOp::attachInterface<AttentionNarrowing>(*context);
    attach<Narrowing::AsGiven, SplitHeadsOp, MergeHeadsOp>(*context);
    attach<Narrowing::Wide, LayerOp, RmsNormOp, LayerNormOp, RopeOp, ActivationOp, AddOp, MulOp, CastOp, CrossEntropyOp,
           MeanOp>(*context);
  });
}
