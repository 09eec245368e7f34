// How operations pass gradients on, in terms of the base's: x' = P x and g' = Q g of the result give that of operands.

#include "Rules.h"
#include "tritter/Proof/Adjoint.h"

using namespace mlir;
using namespace mlir::growth;
using namespace mlir::tritter;

namespace {
/// Rows of both maps multiplied where they are copies of one coordinate; zero where either is; otherwise unknown.
std::optional<AxisMap> multiplyRows(const AxisMap &a, const AxisMap &b) {
  AxisMap result(a.getDomain(), {});
  bool good = true;
  walkTogether({&a, &b}, [&](int64_t, ArrayRef<Run> parts) {
    Run left = parts[0], right = parts[1];
    if (left.kind == Run::Kind::Zero || right.kind == Run::Kind::Zero) {
      result.append(Run::zero(left.length));
      return;
    }
    std::optional<Coefficient> product = left.coefficient.times(right.coefficient);
    good &= product.has_value();
    right.coefficient = left.coefficient;
    bool copies = left.kind == Run::Kind::Copy && left.agrees(right);
    left.coefficient = product.value_or(1);
    result.append(copies ? left : Run::unknown(left.length));
  });
  return good ? std::optional(result) : std::nullopt;
}

struct LinearAdjoint : AdjointOpInterface::ExternalModel<LinearAdjoint, LinearOp> {
  LogicalResult pullBack(Operation *op, Operation *baseOp, AdjointContext &context) const {
    auto grown = cast<LinearOp>(op), base = cast<LinearOp>(baseOp);
    std::optional<Relation> input = context.relation(grown.getInput(), base.getInput());
    if (!input || cast<RankedTensorType>(grown.getInput().getType()).getRank() == 4)
      return failure();
    if (std::optional<AxisMap> rows = context.transposedRows(grown.getWeight(), base.getWeight()))
      context.pass(0, 0, *rows);
    context.pass(1, 1, {context.gradient(), input->map});
    if (grown.getBias() && base.getBias())
      context.pass(2, 2, context.gradient());
    return success();
  }
  void pullBackAlone(Operation *op, AdjointContext &context) const {
    if (context.isZeroParameter(cast<LinearOp>(op).getWeight()))
      context.passZero(0);
  }
};

/// A row of the table has the gradients of the places where its index stands; rows after the base's are never read.
AxisMap indicesOf(Value grown, Value base) {
  return AxisMap::identity(cast<RankedTensorType>(base.getType()).getDimSize(0))
      .padded(cast<RankedTensorType>(grown.getType()).getDimSize(0));
}

struct EmbeddingAdjoint : AdjointOpInterface::ExternalModel<EmbeddingAdjoint, EmbeddingOp> {
  LogicalResult pullBack(Operation *op, Operation *base, AdjointContext &context) const {
    if (!context.relation(op->getOperand(0), base->getOperand(0)))
      return failure();
    context.passZero(0);
    context.pass(1, 1, {indicesOf(op->getOperand(1), base->getOperand(1)), context.gradient()});
    return success();
  }
  void pullBackAlone(Operation *, AdjointContext &context) const { context.passZero(0); }
};

struct PositionEmbeddingAdjoint : AdjointOpInterface::ExternalModel<PositionEmbeddingAdjoint, PositionEmbeddingOp> {
  LogicalResult pullBack(Operation *op, Operation *base, AdjointContext &context) const {
    if (!context.relation(op->getOperand(0), base->getOperand(0)))
      return failure();
    context.pass(0, 0, context.gradient());
    context.pass(1, 1, {indicesOf(op->getOperand(1), base->getOperand(1)), context.gradient()});
    return success();
  }
  void pullBackAlone(Operation *, AdjointContext &context) const { context.passResult(0); }
};

/// Whether the base's operands stand in the other order; empty where they are not the grown operation's.
std::optional<bool> areSwapped(Operation *grown, Operation *base, AdjointContext &context) {
  for (bool swap : {false, true})
    if (context.relation(grown->getOperand(0), base->getOperand(swap)) &&
        context.relation(grown->getOperand(1), base->getOperand(!swap)))
      return swap;
  return std::nullopt;
}

struct AddAdjoint : AdjointOpInterface::ExternalModel<AddAdjoint, tritter::AddOp> {
  LogicalResult pullBack(Operation *op, Operation *base, AdjointContext &context) const {
    std::optional<bool> swapped = areSwapped(op, base, context);
    if (!swapped)
      return failure();
    context.pass(0, *swapped, context.gradient());
    context.pass(1, !*swapped, context.gradient());
    return success();
  }
  void pullBackAlone(Operation *, AdjointContext &context) const {
    context.passResult(0);
    context.passResult(1);
  }
};

struct MulAdjoint : AdjointOpInterface::ExternalModel<MulAdjoint, MulOp> {
  LogicalResult pullBack(Operation *op, Operation *base, AdjointContext &context) const {
    std::optional<bool> swapped = areSwapped(op, base, context);
    if (!swapped)
      return failure();
    for (unsigned operand : {0, 1}) {
      unsigned other = 1 - operand;
      Relation factor = *context.relation(op->getOperand(other), base->getOperand(*swapped ? operand : other));
      if (std::optional<AxisMap> rows = multiplyRows(context.gradient(), factor.map))
        context.pass(operand, *swapped ? other : operand, *rows);
    }
    return success();
  }
};

struct ActivationAdjoint : AdjointOpInterface::ExternalModel<ActivationAdjoint, ActivationOp> {
  LogicalResult pullBack(Operation *op, Operation *baseOp, AdjointContext &context) const {
    auto grown = cast<ActivationOp>(op), base = cast<ActivationOp>(baseOp);
    std::optional<Relation> input = context.relation(grown.getInput(), base.getInput());
    ActivationKind kind = grown.getKind();
    if (!input || kind != base.getKind())
      return failure();
    bool homogeneous = kind == ActivationKind::Relu || kind == ActivationKind::SquaredRelu;
    AxisMap rows(input->map.getDomain(), {});
    bool good = true;
    walkTogether({&input->map, &context.gradient()}, [&](int64_t, ArrayRef<Run> parts) {
      Run value = parts[0], gradient = parts[1];
      // The derivative at zero is no coordinate of the base's, but that of both relus is zero.
      if (gradient.kind == Run::Kind::Zero || (value.kind == Run::Kind::Zero && homogeneous)) {
        rows.append(Run::zero(gradient.length));
        return;
      }
      // relu'(c x) = relu'(x) for c > 0, and the square's is c times that of x.
      Coefficient scale = value.coefficient, factor = kind == ActivationKind::SquaredRelu ? scale : Coefficient(1);
      value.coefficient = gradient.coefficient;
      bool known = value.kind == Run::Kind::Copy && value.agrees(gradient) &&
                   (scale.isOne() || (homogeneous && scale.isPositive()));
      std::optional<Coefficient> product = gradient.coefficient.times(factor);
      good &= product.has_value();
      gradient.coefficient = product.value_or(1);
      rows.append(known ? gradient : Run::unknown(gradient.length));
    });
    if (good)
      context.pass(0, 0, rows);
    return success();
  }
};

/// What moves values and keeps their lengths, so that gradients go back as values came.
template <typename Op> struct IsometryAdjoint : AdjointOpInterface::ExternalModel<IsometryAdjoint<Op>, Op> {
  LogicalResult pullBack(Operation *op, Operation *base, AdjointContext &context) const {
    if (!context.relation(op->getOperand(0), base->getOperand(0)))
      return failure();
    const AxisMap &gradient = context.gradient();
    if constexpr (std::is_same_v<Op, SplitHeadsOp>)
      context.pass(0, 0, channelsOf(gradient, headDim(op->getResult(0))));
    else if constexpr (std::is_same_v<Op, MergeHeadsOp>)
      context.pass(0, 0, headsOf(gradient, headDim(op->getOperand(0))));
    else
      context.pass(0, 0, gradient);
    return success();
  }
};

/// P' Q, where that is a multiple of the identity.
std::optional<Coefficient> productOf(const AxisMap &values, const AxisMap &gradients) {
  DiagonalSum sum;
  bool good = true;
  walkTogether({&values, &gradients}, [&](int64_t, ArrayRef<Run> parts) {
    const Run &p = parts[0], &q = parts[1];
    if (p.kind == Run::Kind::Zero || q.kind == Run::Kind::Zero)
      return;
    std::optional<Coefficient> product = p.coefficient.times(q.coefficient);
    good &= p.kind == Run::Kind::Copy && q.kind == Run::Kind::Copy && product;
    if (good)
      sum.add(p.first, p.step, q.first, q.step, p.length, *product);
  });
  return good ? sum.multipleOfIdentity(values.getDomain()) : std::nullopt;
}

/// The norms: y' = gamma' (x' - mean) / r', with r' = sqrt(s) r. The part of the gradient that goes through r' goes
/// back by P / q, q being the sum of the squares of a coordinate's coefficients; so all of it is known only where the
/// other part, gamma' g' / r', does too.
template <typename Op> struct NormAdjoint : AdjointOpInterface::ExternalModel<NormAdjoint<Op>, Op> {
  static constexpr bool centres = std::is_same_v<Op, LayerNormOp>;

  LogicalResult pullBack(Operation *op, Operation *base, AdjointContext &context) const {
    std::optional<Relation> input = context.relation(op->getOperand(0), base->getOperand(0));
    const Derivation *form = context.derivation(op->getOperand(1));
    if (!input || !form)
      return failure();
    AxisMap gamma = relateRows(*form, 0, nullptr, base->getOperand(1), context).rows;
    if (cast<RankedTensorType>(op->getOperand(0).getType()).getRank() == 4)
      return pullBackHeads(op, base, input->map, gamma, context);
    // The copies' part of P; the mean of an input without its mean is zero.
    AxisMap copies(input->map.getDomain(), {});
    for (const Run &run : input->map.getRuns())
      copies.append(run.kind == Run::Kind::Mean ? Run::zero(run.length) : run);
    std::optional<Coefficient> q = copies.gram();
    std::optional<NormScale> scale = q ? meanSquareScale(*q, copies) : std::nullopt;
    std::optional<Coefficient> inverse = scale ? scale->root.inverse() : std::nullopt;
    std::optional<Coefficient> share = q ? q->inverse() : std::nullopt;
    std::optional<AxisMap> expected = share ? copies.scaled(*share) : std::nullopt;
    std::optional<AxisMap> ofGamma = multiplyRows(copies, context.gradient());
    ofGamma = ofGamma && inverse ? ofGamma->scaled(*inverse) : std::nullopt;
    if (!expected || !ofGamma)
      return success();
    context.pass(1, 1, *ofGamma);
    if (op->getNumOperands() > 2 && base->getNumOperands() > 2)
      context.pass(2, 2, context.gradient());
    if (centres && input->map.any(Run::Kind::Mean))
      return success();

    AxisMap rows(copies.getDomain(), {});
    bool known = true;
    walkTogether({&copies, &gamma, &context.gradient(), &*expected}, [&](int64_t, ArrayRef<Run> parts) {
      const Run &value = parts[0], &weight = parts[1], &gradient = parts[2], &wanted = parts[3];
      if (value.kind == Run::Kind::Zero) {
        bool zero = weight.kind == Run::Kind::Zero || gradient.kind == Run::Kind::Zero;
        rows.append(zero ? Run::zero(value.length) : Run::unknown(value.length));
        return;
      }
      std::optional<Coefficient> part = gradient.coefficient.times(weight.coefficient);
      part = part ? part->times(*inverse) : std::nullopt;
      Run found = gradient;
      found.coefficient = part.value_or(0);
      known &= gradient.kind == Run::Kind::Copy && weight.kind == Run::Kind::Copy && found.agrees(wanted);
      rows.append(wanted);
    });
    if (known)
      context.pass(0, 0, rows);
    return success();
  }

  /// Each head is normalised by itself, and one gamma serves them all.
  LogicalResult pullBackHeads(Operation *op, Operation *base, const AxisMap &heads, const AxisMap &gamma,
                              AdjointContext &context) const {
    bool plain = gamma.isIdentity() && llvm::all_of(heads.getRuns(), [](const Run &run) {
                   return run.kind == Run::Kind::Copy && run.coefficient.isOne();
                 });
    if (!plain)
      return success();
    context.pass(0, 0, context.gradient());
    if (std::optional<Coefficient> share = productOf(heads, context.gradient()))
      if (std::optional<AxisMap> map = AxisMap::identity(gamma.getLength()).scaled(*share))
        for (unsigned operand = 1; operand < op->getNumOperands() && operand < base->getNumOperands(); ++operand)
          context.pass(operand, operand, *map);
    return success();
  }
};

struct AttentionAdjoint : AdjointOpInterface::ExternalModel<AttentionAdjoint, AttentionOp> {
  /// With out' = c out, q' = a q, k' = b k, v' = c v and a b scale' = scale, the scores are the base's, and a head with
  /// the gradient w g gives w c / a to its query, w c / b to its key and w to its value. Heads of a group add up, so
  /// every head of the base's group must be there with the same sum of shares.
  LogicalResult pullBack(Operation *op, Operation *baseOp, AdjointContext &context) const {
    auto grown = cast<AttentionOp>(op), base = cast<AttentionOp>(baseOp);
    std::optional<Relation> query = context.relation(grown.getQuery(), base.getQuery());
    std::optional<Relation> key = context.relation(grown.getKey(), base.getKey());
    std::optional<Relation> value = context.relation(grown.getValue(), base.getValue());
    if (!query || !key || !value || key->map.getLength() <= 0 || key->map.getDomain() <= 0)
      return failure();
    int64_t shared = query->map.getLength() / key->map.getLength();
    int64_t baseShared = query->map.getDomain() / key->map.getDomain();
    AxisMap queries(query->map.getDomain(), {}), keys(key->map.getDomain(), {}), values(value->map.getDomain(), {});
    for (int64_t group = 0; group < key->map.getLength(); ++group) {
      Run k = headAt(key->map, group), v = headAt(value->map, group);
      SmallVector<std::optional<Coefficient>> sums(baseShared, Coefficient(0));
      bool unread = llvm::all_of(llvm::seq(group * shared, (group + 1) * shared), [&](int64_t head) {
        return headAt(context.gradient(), head).kind == Run::Kind::Zero;
      });
      bool known = k.kind == Run::Kind::Copy && v.kind == Run::Kind::Copy && k.first == v.first;
      std::optional<Coefficient> ofKey = known ? k.coefficient.inverse() : std::nullopt;
      ofKey = ofKey ? v.coefficient.times(*ofKey) : std::nullopt;
      for (int64_t head = group * shared; head < (group + 1) * shared; ++head) {
        Run q = headAt(query->map, head), gradient = headAt(context.gradient(), head);
        if (gradient.kind == Run::Kind::Zero) {
          queries.append(Run::zero(1));
          continue;
        }
        std::optional<Coefficient> inverse = q.kind == Run::Kind::Copy ? q.coefficient.inverse() : std::nullopt;
        std::optional<Coefficient> ofQuery = inverse ? v.coefficient.times(*inverse) : std::nullopt;
        ofQuery = ofQuery ? ofQuery->times(gradient.coefficient) : std::nullopt;
        known &=
            gradient.kind == Run::Kind::Copy && ofQuery && q.first == gradient.first && q.first / baseShared == k.first;
        queries.append(known ? Run::copy(1, q.first, 1, *ofQuery) : Run::unknown(1));
        if (!known)
          continue;
        std::optional<Coefficient> &sum = sums[q.first % baseShared];
        sum = sum ? sum->plus(gradient.coefficient) : std::nullopt;
      }
      std::optional<Coefficient> share = llvm::all_equal(sums) ? sums.front() : std::nullopt;
      std::optional<Coefficient> keyShare = share && ofKey ? share->times(*ofKey) : std::nullopt;
      known &= keyShare.has_value();
      if (unread) {
        keys.append(Run::zero(1));
        values.append(Run::zero(1));
        continue;
      }
      keys.append(known ? Run::copy(1, k.first, 1, *keyShare) : Run::unknown(1));
      values.append(known ? Run::copy(1, k.first, 1, *share) : Run::unknown(1));
    }
    context.pass(0, 0, queries);
    context.pass(1, 1, keys);
    context.pass(2, 2, values);
    return success();
  }
};
} // namespace

void mlir::growth::attachAdjointRules(MLIRContext *context) {
  LinearOp::attachInterface<LinearAdjoint>(*context);
  EmbeddingOp::attachInterface<EmbeddingAdjoint>(*context);
  PositionEmbeddingOp::attachInterface<PositionEmbeddingAdjoint>(*context);
  tritter::AddOp::attachInterface<AddAdjoint>(*context);
  MulOp::attachInterface<MulAdjoint>(*context);
  ActivationOp::attachInterface<ActivationAdjoint>(*context);
  CastOp::attachInterface<IsometryAdjoint<CastOp>>(*context);
  RopeOp::attachInterface<IsometryAdjoint<RopeOp>>(*context);
  SplitHeadsOp::attachInterface<IsometryAdjoint<SplitHeadsOp>>(*context);
  MergeHeadsOp::attachInterface<IsometryAdjoint<MergeHeadsOp>>(*context);
  RmsNormOp::attachInterface<NormAdjoint<RmsNormOp>>(*context);
  LayerNormOp::attachInterface<NormAdjoint<LayerNormOp>>(*context);
  AttentionOp::attachInterface<AttentionAdjoint>(*context);
}
