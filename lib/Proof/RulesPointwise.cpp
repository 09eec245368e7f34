// Rules of what works on elements: sums, products, activations, casts.

#include "Rules.h"

using namespace mlir;
using namespace mlir::growth;
using namespace mlir::tritter;

namespace {
/// The relations of two operands to the base's two, in either order.
std::optional<std::pair<Relation, Relation>> relatePair(Operation *grown, Operation *base, RuleContext &context) {
  for (bool swap : {false, true}) {
    std::optional<Relation> a = context.relation(grown->getOperand(0), base->getOperand(swap));
    std::optional<Relation> b = context.relation(grown->getOperand(1), base->getOperand(!swap));
    if (a && b)
      return std::pair(std::move(*a), std::move(*b));
  }
  context.fail("its operands are not the base's", true);
  return std::nullopt;
}

struct AddRule : GrowableOpInterface::ExternalModel<AddRule, tritter::AddOp> {
  std::optional<Relation> relate(Operation *op, Operation *base, RuleContext &context) const {
    auto operands = relatePair(op, base, context);
    if (!operands)
      return std::nullopt;
    auto &[a, b] = *operands;
    AxisMap rows = commonRows(a.map, b.map);
    if (rows.any(Run::Kind::Unknown))
      context.fail("its operands are not grown alike", a.map.any(Run::Kind::Unknown) || b.map.any(Run::Kind::Unknown));
    return Relation{rows, a.quality & b.quality};
  }

  /// Zero is neutral: what is known of the one operand is known of the sum.
  Knowledge relateAlone(Operation *op, RuleContext &context) const {
    Knowledge result;
    for (bool second : {false, true}) {
      const Knowledge &kept = context.knowledge(op->getOperand(second));
      const std::optional<Quality> &zero = context.knowledge(op->getOperand(!second)).zero;
      if (!zero)
        continue;
      if (kept.zero)
        return zeroBecause(*kept.zero & *zero);
      for (const Fact &fact : kept.facts)
        result.add(fact.base, {fact.relation.map, fact.relation.quality & *zero});
    }
    return result;
  }
};

struct MulRule : GrowableOpInterface::ExternalModel<MulRule, MulOp> {
  std::optional<Relation> relate(Operation *op, Operation *base, RuleContext &context) const {
    auto operands = relatePair(op, base, context);
    if (!operands)
      return std::nullopt;
    auto &[a, b] = *operands;
    AxisMap rows(a.map.getDomain(), {});
    bool good = true, differ = false, meetsUnknown = false;
    walkTogether({&a.map, &b.map}, [&](int64_t, ArrayRef<Run> parts) {
      Run left = parts[0], right = parts[1];
      if (left.kind == Run::Kind::Zero || right.kind == Run::Kind::Zero) {
        meetsUnknown |= left.kind != right.kind;
        rows.append(Run::zero(left.length));
        return;
      }
      std::optional<Coefficient> product = left.coefficient.times(right.coefficient);
      right.coefficient = left.coefficient;
      if (left.kind != Run::Kind::Copy || !left.agrees(right)) {
        differ |= left.kind == Run::Kind::Copy && right.kind == Run::Kind::Copy;
        rows.append(Run::unknown(left.length));
        return;
      }
      good &= product.has_value();
      left.coefficient = product.value_or(1);
      rows.append(left);
    });
    if (!good)
      return context.fail("its coefficients exceed 63 bits");
    if (rows.any(Run::Kind::Unknown))
      context.fail("its operands hold different coordinates", !differ);
    return Relation{rows, a.quality & b.quality & Quality{0, true, meetsUnknown}};
  }
  Knowledge relateAlone(Operation *op, RuleContext &context) const {
    for (Value operand : op->getOperands())
      if (const Knowledge &known = context.knowledge(operand); known.zero)
        return zeroBecause(*known.zero & Quality{0, true, true});
    return {};
  }
};

struct ActivationRule : GrowableOpInterface::ExternalModel<ActivationRule, ActivationOp> {
  std::optional<Relation> relate(Operation *op, Operation *baseOp, RuleContext &context) const {
    auto grown = cast<ActivationOp>(op), base = cast<ActivationOp>(baseOp);
    std::optional<Relation> input = context.relation(grown.getInput(), base.getInput());
    if (!input)
      return context.fail("its input is not the base's", true);
    ActivationKind kind = grown.getKind();
    if (kind != base.getKind())
      return context.fail("is " + stringifyActivationKind(kind) + ", was " + stringifyActivationKind(base.getKind()));
    AxisMap rows(input->map.getDomain(), {});
    bool scaled = false;
    for (Run run : input->map.getRuns()) {
      // relu(c x) = c relu(x) for c > 0, and its square has c^2; the others are not homogeneous. All keep zero.
      bool homogeneous =
          (kind == ActivationKind::Relu || kind == ActivationKind::SquaredRelu) && run.coefficient.isPositive();
      std::optional<Coefficient> factor = run.coefficient;
      if (kind == ActivationKind::SquaredRelu)
        factor = run.coefficient.times(run.coefficient);
      if (run.kind == Run::Kind::Zero || (run.kind == Run::Kind::Copy && run.coefficient.isOne())) {
        rows.append(run);
      } else if (run.kind == Run::Kind::Copy && homogeneous && factor) {
        run.coefficient = *factor;
        rows.append(run);
      } else {
        scaled |= run.kind == Run::Kind::Copy;
        rows.append(Run::unknown(run.length));
      }
    }
    if (rows.any(Run::Kind::Unknown))
      context.fail("its input is scaled, which " + stringifyActivationKind(kind) + " does not pass on", !scaled);
    return Relation{rows, input->quality};
  }
  Knowledge relateAlone(Operation *op, RuleContext &context) const {
    const Knowledge &input = context.knowledge(op->getOperand(0));
    return input.zero ? zeroBecause(*input.zero) : Knowledge();
  }
};

struct CastRule : GrowableOpInterface::ExternalModel<CastRule, CastOp> {
  std::optional<Relation> relate(Operation *op, Operation *base, RuleContext &context) const {
    std::optional<Relation> input = context.relation(op->getOperand(0), base->getOperand(0));
    if (!input)
      return context.fail("its input is not the base's", true);
    // Rounding commutes with powers of two only.
    double rounded = unitRoundoff(cast<ShapedType>(op->getResult(0).getType()).getElementType());
    for (const Run &run : input->map.getRuns())
      if (run.kind == Run::Kind::Mean || !run.coefficient.isPowerOfTwo())
        input->quality.error = std::max(input->quality.error, rounded);
    return input;
  }
  Knowledge relateAlone(Operation *op, RuleContext &context) const {
    const Knowledge &input = context.knowledge(op->getOperand(0));
    return input.zero ? zeroBecause(*input.zero) : Knowledge();
  }
};
} // namespace

void mlir::growth::attachPointwiseRules(MLIRContext *context) {
  tritter::AddOp::attachInterface<AddRule>(*context);
  MulOp::attachInterface<MulRule>(*context);
  ActivationOp::attachInterface<ActivationRule>(*context);
  CastOp::attachInterface<CastRule>(*context);
}
