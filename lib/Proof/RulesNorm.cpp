// Rules of the norms over the last axis: what growing the axis does to the mean of squares, and what eps and gamma must
// make up for.

#include "Rules.h"

#include "llvm/Support/Format.h"

#include <cmath>

using namespace mlir;
using namespace mlir::growth;
using namespace mlir::tritter;

std::optional<NormScale> mlir::growth::meanSquareScale(const Coefficient &q, const AxisMap &map) {
  std::optional<Coefficient> ratio = Coefficient::get(map.getDomain(), map.getLength());
  std::optional<Coefficient> square = ratio ? ratio->times(q) : std::nullopt;
  if (!square || !square->isRational() || !square->isPositive())
    return std::nullopt;
  std::optional<Coefficient> root = Coefficient::squareRoot(square->getNumerator(), square->getDenominator());
  return root ? std::optional<NormScale>({*square, *root}) : std::nullopt;
}

namespace {
/// eps' = s eps, up to the rounding of a double; exact where s is a power of two.
bool checkEps(Operation *op, const APFloat &grown, const APFloat &base, const NormScale &scale, Quality &quality,
              RuleContext &context) {
  double found = grown.convertToDouble(), expected = base.convertToDouble() * scale.square.toDouble();
  if (!(std::abs(found - expected) <= 1e-15 * expected)) {
    SmallString<64> text;
    llvm::raw_svector_ostream stream(text);
    stream << llvm::format("its eps is %.9g, and must be %.9g", found, expected);
    if (!scale.square.isOne())
      stream << ", " << scale.square.str() << " times the base's";
    context.fail(text);
    return false;
  }
  if (!scale.square.isPowerOfTwo() || found != expected)
    quality.error =
        std::max(quality.error, unitRoundoff(cast<ShapedType>(op->getResult(0).getType()).getElementType()));
  quality.bitwise &= scale.square.isOne();
  return true;
}

/// gamma' = G gamma, a row of it being g; c copies of x normalise to c / sqrt(s), so the result is c g / sqrt(s).
std::optional<AxisMap> normalisedRows(const AxisMap &input, const AxisMap &gamma, const NormScale &scale) {
  std::optional<Coefficient> inverse = scale.root.inverse();
  if (!inverse)
    return std::nullopt;
  AxisMap result(input.getDomain(), {});
  bool good = true;
  walkTogether({&input, &gamma}, [&](int64_t, ArrayRef<Run> parts) {
    Run value = parts[0], weight = parts[1];
    if (value.kind == Run::Kind::Zero || weight.kind == Run::Kind::Zero) {
      result.append(Run::zero(value.length));
      return;
    }
    Coefficient factor = weight.coefficient;
    weight.coefficient = value.coefficient;
    if (value.kind != Run::Kind::Copy || !value.agrees(weight)) {
      result.append(Run::unknown(value.length));
      return;
    }
    std::optional<Coefficient> product = value.coefficient.times(factor);
    product = product ? product->times(*inverse) : std::nullopt;
    good &= product.has_value();
    value.coefficient = product.value_or(1);
    result.append(value);
  });
  if (!good)
    return std::nullopt;
  return result;
}

bool isOverHeads(Value input) { return cast<RankedTensorType>(input.getType()).getRank() == 4; }

/// A norm of the coordinates of each head, which are all there: heads go through as they are, unscaled.
std::optional<Relation> relateHeadNorm(Operation *grown, Operation *base, const APFloat &eps, const APFloat &baseEps,
                                       Relation input, RuleContext &context) {
  if (!checkEps(grown, eps, baseEps, NormScale(), input.quality, context))
    return std::nullopt;
  AxisMap heads(input.map.getDomain(), {});
  bool hasBias = false;
  for (unsigned operand = 1; operand < grown->getNumOperands() || operand < base->getNumOperands(); ++operand) {
    if (operand >= grown->getNumOperands() || operand >= base->getNumOperands())
      return context.fail("has a bias, or has none, unlike the base's");
    hasBias |= operand == 2;
    const Derivation *form = context.derivation(grown->getOperand(operand));
    if (!form)
      return std::nullopt;
    RowRelation rows = relateRows(*form, 0, nullptr, base->getOperand(operand), context);
    if (!rows.rows.isIdentity())
      return context.fail("its weights are not the base's");
    input.quality = input.quality & Quality{rows.error, rows.verbatim, false};
  }
  for (const Run &run : input.map.getRuns()) {
    bool copied = run.kind == Run::Kind::Copy && run.coefficient.isOne();
    heads.append(copied || (run.kind == Run::Kind::Zero && !hasBias) ? run : Run::unknown(run.length));
  }
  if (heads.any(Run::Kind::Unknown))
    context.fail("its input is scaled, which eps does not allow", input.map.any(Run::Kind::Unknown));
  return Relation{heads, input.quality};
}

struct RmsNormRule : GrowableOpInterface::ExternalModel<RmsNormRule, RmsNormOp> {
  std::optional<Relation> relate(Operation *op, Operation *baseOp, RuleContext &context) const {
    auto grown = cast<RmsNormOp>(op), base = cast<RmsNormOp>(baseOp);
    std::optional<Relation> input = context.relation(grown.getInput(), base.getInput());
    if (!input)
      return context.fail("its input is not the base's", true);
    if (isOverHeads(grown.getInput()))
      return relateHeadNorm(op, baseOp, grown.getEps(), base.getEps(), *input, context);
    std::optional<Coefficient> q = input->map.gram();
    std::optional<NormScale> scale = q ? meanSquareScale(*q, input->map) : std::nullopt;
    if (!scale)
      return context.fail("the squares of the copies' coefficients must have one sum for all of its coordinates",
                          input->map.any(Run::Kind::Unknown));
    Quality quality = input->quality;
    if (!checkEps(op, grown.getEps(), base.getEps(), *scale, quality, context))
      return std::nullopt;
    const Derivation *form = context.derivation(grown.getWeight());
    if (!form)
      return std::nullopt;
    RowRelation gamma = relateRows(*form, 0, nullptr, base.getWeight(), context);
    std::optional<AxisMap> rows = normalisedRows(input->map, gamma.rows, *scale);
    if (!rows)
      return context.fail("its coefficients exceed 63 bits");
    if (rows->any(Run::Kind::Unknown))
      context.fail("its weight " + (gamma.reason.empty() ? "is not grown as its input" : gamma.reason));
    quality = quality & Quality{gamma.error, gamma.verbatim && input->map.isIdentity(), false};
    return Relation{*rows, quality};
  }
  Knowledge relateAlone(Operation *op, RuleContext &context) const {
    auto grown = cast<RmsNormOp>(op);
    // Without eps the norm of zero is no number.
    if (!(grown.getEps().convertToDouble() > 0))
      return {};
    if (const Knowledge &input = context.knowledge(grown.getInput()); input.zero)
      return zeroBecause(*input.zero);
    return context.isZeroParameter(grown.getWeight()) ? zeroBecause({0, true, true}) : Knowledge();
  }
};

/// What the mean and the variance ask of a layer_norm's input: every old coordinate as often, with one coefficient, and
/// the rest its mean with the same coefficient.
std::optional<NormScale> layerNormScale(const AxisMap &map, RuleContext &context) {
  AxisMap copies(map.getDomain(), {});
  std::optional<Coefficient> one;
  bool alike = true;
  for (const Run &run : map.getRuns()) {
    if (run.kind != Run::Kind::Copy && run.kind != Run::Kind::Mean) {
      context.fail(run.kind == Run::Kind::Zero
                       ? "its input has zeros beside the base's coordinates, which change the mean"
                       : "its input has coordinates that nothing is known of",
                   run.kind == Run::Kind::Unknown);
      return std::nullopt;
    }
    alike &= !one || *one == run.coefficient;
    one = run.coefficient;
    copies.append(run.kind == Run::Kind::Copy ? run : Run::zero(run.length));
  }
  std::optional<Coefficient> q = alike ? copies.gram() : std::nullopt;
  std::optional<NormScale> scale = q ? meanSquareScale(*q, map) : std::nullopt;
  if (!scale)
    context.fail("its input must hold every coordinate of the base's as often, with one coefficient");
  return scale;
}

struct LayerNormRule : GrowableOpInterface::ExternalModel<LayerNormRule, LayerNormOp> {
  std::optional<Relation> relate(Operation *op, Operation *baseOp, RuleContext &context) const {
    auto grown = cast<LayerNormOp>(op), base = cast<LayerNormOp>(baseOp);
    std::optional<Relation> input = context.relation(grown.getInput(), base.getInput());
    if (!input)
      return context.fail("its input is not the base's", true);
    if (isOverHeads(grown.getInput()))
      return relateHeadNorm(op, baseOp, grown.getEps(), base.getEps(), *input, context);
    std::optional<NormScale> scale = layerNormScale(input->map, context);
    Quality quality = input->quality;
    if (!scale || !checkEps(op, grown.getEps(), base.getEps(), *scale, quality, context))
      return std::nullopt;
    const Derivation *form = context.derivation(grown.getWeight());
    if (!form)
      return std::nullopt;
    RowRelation gamma = relateRows(*form, 0, nullptr, base.getWeight(), context);
    // A mean minus the mean is zero.
    AxisMap centred(input->map.getDomain(), {});
    for (const Run &run : input->map.getRuns())
      centred.append(run.kind == Run::Kind::Mean ? Run::zero(run.length) : run);
    std::optional<AxisMap> rows = normalisedRows(centred, gamma.rows, *scale);
    if (!rows)
      return context.fail("its coefficients exceed 63 bits");
    quality = quality & Quality{gamma.error, gamma.verbatim && input->map.isIdentity(), false};
    if (rows->any(Run::Kind::Unknown))
      context.fail("its weight " + (gamma.reason.empty() ? "is not grown as its input" : gamma.reason));

    int64_t domain = input->map.getDomain();
    RowRelation bias{AxisMap::zeros(rows->getLength(), domain), 0, !base.getBias(), "", true};
    if (grown.getBias()) {
      const Derivation *biasForm = context.derivation(grown.getBias());
      if (!biasForm)
        return std::nullopt;
      bias = relateRows(*biasForm, 0, nullptr, base.getBias(), context);
    }
    AxisMap result(domain, {});
    walkTogether({&*rows, &bias.rows}, [&](int64_t, ArrayRef<Run> parts) {
      bool zero = parts[0].kind == Run::Kind::Zero || !base.getBias();
      bool same = zero ? parts[1].kind == Run::Kind::Zero : parts[0].agrees(parts[1]);
      result.append(same ? parts[0] : Run::unknown(parts[0].length));
    });
    if (result.any(Run::Kind::Unknown) && !rows->any(Run::Kind::Unknown))
      context.fail(biasReason(bias));
    quality = quality & Quality{bias.error, bias.verbatim, false};
    return Relation{result, quality};
  }
  Knowledge relateAlone(Operation *op, RuleContext &context) const {
    auto grown = cast<LayerNormOp>(op);
    if (!context.isZeroParameter(grown.getBias()) || !(grown.getEps().convertToDouble() > 0))
      return {};
    if (const Knowledge &input = context.knowledge(grown.getInput()); input.zero)
      return zeroBecause(*input.zero);
    return context.isZeroParameter(grown.getWeight()) ? zeroBecause({0, true, true}) : Knowledge();
  }
};
} // namespace

void mlir::growth::attachNormRules(MLIRContext *context) {
  RmsNormOp::attachInterface<RmsNormRule>(*context);
  LayerNormOp::attachInterface<LayerNormRule>(*context);
}
