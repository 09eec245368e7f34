// Rules of heads: relations of [B, T, H, D] are over whole heads, whose coordinates stay as they are.

#include "Rules.h"

#include <cmath>

using namespace mlir;
using namespace mlir::growth;
using namespace mlir::tritter;

int64_t mlir::growth::headDim(Value heads) { return cast<RankedTensorType>(heads.getType()).getDimSize(3); }

AxisMap mlir::growth::headsOf(const AxisMap &channels, int64_t size) {
  AxisMap result(channels.getDomain() / size, {});
  ArrayRef<Run> runs = channels.getRuns();
  if (runs.empty())
    return result;
  Run rest = runs.front();
  size_t next = 1;
  auto take = [&](int64_t length) {
    Run part = rest.slice(0, length);
    rest = rest.slice(length, rest.length - length);
    if (rest.length == 0 && next < runs.size())
      rest = runs[next++];
    return part;
  };
  for (int64_t head = 0, heads = channels.getLength() / size; head < heads;) {
    int64_t whole = rest.length / size;
    bool copies = rest.kind == Run::Kind::Copy && rest.step == 1 && rest.first % size == 0;
    if (whole > 0 && (copies || rest.kind == Run::Kind::Zero)) {
      Run run = take(whole * size);
      run.length = whole;
      run.first /= size;
      result.append(run);
      head += whole;
      continue;
    }
    // A head of one coordinate, or a map that cuts a head into pieces.
    Run first = rest;
    bool uniform = true;
    for (int64_t left = size; left > 0;) {
      Run part = take(std::min(left, rest.length));
      uniform &= part.kind == first.kind && part.coefficient == first.coefficient;
      if (part.kind == Run::Kind::Copy)
        uniform &= part.first == first.first + size - left && (part.length == 1 || part.step == 1);
      left -= part.length;
    }
    uniform &= first.kind == Run::Kind::Zero || (first.kind == Run::Kind::Copy && first.first % size == 0);
    Run run = Run::unknown(1);
    if (uniform)
      run = first.kind == Run::Kind::Zero ? Run::zero(1) : Run::copy(1, first.first / size, 1, first.coefficient);
    result.append(run);
    ++head;
  }
  return result;
}

AxisMap mlir::growth::channelsOf(const AxisMap &heads, int64_t size) {
  AxisMap result(heads.getDomain() * size, {});
  for (const Run &run : heads.getRuns()) {
    if (run.kind != Run::Kind::Copy) {
      Run wide = run;
      wide.length *= size;
      result.append(wide);
    } else if (run.step == 1) {
      result.append(Run::copy(run.length * size, run.first * size, 1, run.coefficient));
    } else {
      for (int64_t j = 0; j < run.length; ++j)
        result.append(Run::copy(size, (run.first + j * run.step) * size, 1, run.coefficient));
    }
  }
  return result;
}

Run mlir::growth::headAt(const AxisMap &map, int64_t head) {
  for (const Run &run : map.getRuns()) {
    if (head < run.length)
      return run.slice(head, 1);
    head -= run.length;
  }
  return Run::unknown(1);
}

namespace {
Knowledge zeroOf(Operation *op, unsigned operand, RuleContext &context) {
  const Knowledge &input = context.knowledge(op->getOperand(operand));
  return input.zero ? zeroBecause(*input.zero) : Knowledge();
}

struct SplitHeadsRule : GrowableOpInterface::ExternalModel<SplitHeadsRule, SplitHeadsOp> {
  std::optional<Relation> relate(Operation *op, Operation *base, RuleContext &context) const {
    std::optional<Relation> input = context.relation(op->getOperand(0), base->getOperand(0));
    if (!input)
      return context.fail("its input is not the base's", true);
    int64_t size = headDim(op->getResult(0)), baseSize = headDim(base->getResult(0));
    if (size != baseSize)
      return context.fail("its heads have " + Twine(size) + " coordinates, were " + Twine(baseSize));
    AxisMap heads = headsOf(input->map, size);
    if (heads.any(Run::Kind::Unknown))
      context.fail("its heads are not whole heads of the base's", input->map.any(Run::Kind::Unknown));
    return Relation{heads, input->quality};
  }
  Knowledge relateAlone(Operation *op, RuleContext &context) const { return zeroOf(op, 0, context); }
};

struct MergeHeadsRule : GrowableOpInterface::ExternalModel<MergeHeadsRule, MergeHeadsOp> {
  std::optional<Relation> relate(Operation *op, Operation *base, RuleContext &context) const {
    std::optional<Relation> input = context.relation(op->getOperand(0), base->getOperand(0));
    if (!input)
      return context.fail("its input is not the base's", true);
    return Relation{channelsOf(input->map, headDim(op->getOperand(0))), input->quality};
  }
  Knowledge relateAlone(Operation *op, RuleContext &context) const { return zeroOf(op, 0, context); }
};

struct RopeRule : GrowableOpInterface::ExternalModel<RopeRule, RopeOp> {
  std::optional<Relation> relate(Operation *op, Operation *baseOp, RuleContext &context) const {
    auto grown = cast<RopeOp>(op), base = cast<RopeOp>(baseOp);
    std::optional<Relation> input = context.relation(grown.getInput(), base.getInput());
    if (!input)
      return context.fail("its input is not the base's", true);
    if (grown.getTheta() != base.getTheta() || grown.getInverse() != base.getInverse())
      return context.fail("turns by other angles than the base's");
    return input;
  }
  Knowledge relateAlone(Operation *op, RuleContext &context) const { return zeroOf(op, 0, context); }
};

struct AttentionRule : GrowableOpInterface::ExternalModel<AttentionRule, AttentionOp> {
  std::optional<Relation> relate(Operation *op, Operation *baseOp, RuleContext &context) const {
    auto grown = cast<AttentionOp>(op), base = cast<AttentionOp>(baseOp);
    std::optional<Relation> query = context.relation(grown.getQuery(), base.getQuery());
    std::optional<Relation> key = context.relation(grown.getKey(), base.getKey());
    std::optional<Relation> value = context.relation(grown.getValue(), base.getValue());
    if (!query || !key || !value)
      return context.fail("its query, key and value are not the base's", true);
    if (query->map.getLength() <= 0 || key->map.getLength() <= 0 || value->map.getLength() <= 0)
      return context.fail("its heads must be of a known number");
    int64_t shared = query->map.getLength() / key->map.getLength();
    int64_t baseShared = query->map.getDomain() / key->map.getDomain();
    double scale = grown.getScoreScale(), baseScale = base.getScoreScale();

    AxisMap heads(query->map.getDomain(), {});
    bool rounded = false, operandsFault = true, usesZero = false;
    std::string reason;
    auto lose = [&](const Twine &why, bool fault) {
      if (reason.empty() || (operandsFault && !fault)) {
        reason = why.str();
        operandsFault = fault;
      }
      heads.append(Run::unknown(1));
    };
    for (int64_t head = 0; head < query->map.getLength(); ++head) {
      Run q = headAt(query->map, head), k = headAt(key->map, head / shared), v = headAt(value->map, head / shared);
      if (v.kind == Run::Kind::Zero) {
        usesZero = true;
        heads.append(Run::zero(1));
        continue;
      }
      if (q.kind != Run::Kind::Copy || k.kind != Run::Kind::Copy || v.kind != Run::Kind::Copy) {
        lose("query head " + Twine(head) + " or what it reads is not the base's", true);
        continue;
      }
      int64_t group = q.first / baseShared;
      if (k.first != group || v.first != group) {
        lose("query head " + Twine(head) + " is the base's head " + Twine(q.first) + ", which reads group " +
                 Twine(group) + ", but reads the base's group " + Twine(k.first == group ? v.first : k.first),
             false);
        continue;
      }
      std::optional<Coefficient> product = q.coefficient.times(k.coefficient);
      double expected = product ? product->toDouble() * scale : 0;
      if (!product || !(std::abs(expected - baseScale) <= 1e-15 * std::abs(baseScale))) {
        lose("its scores are scaled by other than the base's", false);
        continue;
      }
      rounded |= !product->isPowerOfTwo() || expected != baseScale;
      heads.append(Run::copy(1, q.first, 1, v.coefficient));
    }
    if (!reason.empty())
      context.fail(reason, operandsFault);
    Type type = cast<ShapedType>(op->getResult(0).getType()).getElementType();
    bool same = query->map.isIdentity() && key->map.isIdentity() && value->map.isIdentity() && scale == baseScale;
    return Relation{heads, query->quality & key->quality & value->quality &
                               Quality{rounded ? unitRoundoff(type) : 0, same, usesZero}};
  }
  Knowledge relateAlone(Operation *op, RuleContext &context) const {
    // The weights of a row of scores are finite and sum to 1, whatever the scores.
    return zeroOf(op, 2, context);
  }
};
} // namespace

void mlir::growth::attachAttentionRules(MLIRContext *context) {
  SplitHeadsOp::attachInterface<SplitHeadsRule>(*context);
  MergeHeadsOp::attachInterface<MergeHeadsRule>(*context);
  RopeOp::attachInterface<RopeRule>(*context);
  AttentionOp::attachInterface<AttentionRule>(*context);
}
