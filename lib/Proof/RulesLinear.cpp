// Rules of what multiplies by a matrix of parameters: W' P = R W, and the same of the bias.

#include "Rules.h"

using namespace mlir;
using namespace mlir::growth;
using namespace mlir::tritter;

namespace {
/// [I; 0]: what is chosen from a longer table by an index of the shorter one.
AxisMap firstOf(int64_t length, int64_t domain) { return AxisMap::identity(domain).padded(length); }

/// The columns of a grown table in terms of the base's, for the indices that the base has: the table is the weight of a
/// product with one-hot rows, transposed.
std::optional<RowRelation> relateTables(Value grown, Value base, RuleContext &context) {
  const Derivation *form = context.derivation(grown);
  if (!form)
    return std::nullopt;
  int64_t length = cast<RankedTensorType>(grown.getType()).getDimSize(0);
  int64_t domain = cast<RankedTensorType>(base.getType()).getDimSize(0);
  if (length < domain)
    return context.fail("has " + Twine(length) + " rows, fewer than the base's " + Twine(domain));
  AxisMap indices = firstOf(length, domain);
  return relateRows(*form, /*rowAxis=*/1, &indices, base, context);
}

struct EmbeddingRule : GrowableOpInterface::ExternalModel<EmbeddingRule, EmbeddingOp> {
  std::optional<Relation> relate(Operation *op, Operation *baseOp, RuleContext &context) const {
    auto grown = cast<EmbeddingOp>(op), base = cast<EmbeddingOp>(baseOp);
    std::optional<Relation> tokens = context.relation(grown.getTokens(), base.getTokens());
    if (!tokens)
      return context.fail("its tokens are not the base's", true);
    std::optional<RowRelation> table = relateTables(grown.getTable(), base.getTable(), context);
    if (!table)
      return std::nullopt;
    if (table->rows.any(Run::Kind::Unknown))
      context.fail("the table " + table->reason);
    Quality quality = tokens->quality & Quality{table->error, table->verbatim, false};
    return Relation{table->rows, quality};
  }
  Knowledge relateAlone(Operation *op, RuleContext &context) const {
    return context.isZeroParameter(cast<EmbeddingOp>(op).getTable()) ? zeroBecause({}) : Knowledge();
  }
};

struct PositionEmbeddingRule : GrowableOpInterface::ExternalModel<PositionEmbeddingRule, PositionEmbeddingOp> {
  std::optional<Relation> relate(Operation *op, Operation *baseOp, RuleContext &context) const {
    auto grown = cast<PositionEmbeddingOp>(op), base = cast<PositionEmbeddingOp>(baseOp);
    std::optional<Relation> input = context.relation(grown.getInput(), base.getInput());
    if (!input)
      return context.fail("its input is not the base's", true);
    std::optional<RowRelation> table = relateTables(grown.getTable(), base.getTable(), context);
    if (!table)
      return std::nullopt;
    AxisMap rows = commonRows(input->map, table->rows);
    if (rows.any(Run::Kind::Unknown))
      context.fail(table->reason.empty() ? "the table's columns are not grown as the stream's"
                                         : "the table " + table->reason);
    Quality quality = input->quality & Quality{table->error, table->verbatim, false};
    return Relation{rows, quality};
  }
  Knowledge relateAlone(Operation *op, RuleContext &context) const {
    auto grown = cast<PositionEmbeddingOp>(op);
    return context.isZeroParameter(grown.getTable()) ? context.knowledge(grown.getInput()) : Knowledge();
  }
};

/// Joins the rows of the product with those of the bias: y = R W x + b' is R (W x + b) where b' = R b.
AxisMap addBias(const AxisMap &product, const AxisMap &bias, bool baseHasBias) {
  AxisMap result(product.getDomain(), {});
  walkTogether({&product, &bias}, [&](int64_t, ArrayRef<Run> parts) {
    Run row = parts[0];
    if (parts[1].kind == Run::Kind::Masked)
      row = Run::masked(row.length);
    else if (row.kind == Run::Kind::Zero || !baseHasBias)
      row = parts[1].kind == Run::Kind::Zero ? row : Run::unknown(row.length);
    else if (!row.agrees(parts[1]))
      row = Run::unknown(row.length);
    result.append(row);
  });
  return result;
}

struct LinearRule : GrowableOpInterface::ExternalModel<LinearRule, LinearOp> {
  std::optional<Relation> relate(Operation *op, Operation *baseOp, RuleContext &context) const {
    auto grown = cast<LinearOp>(op), base = cast<LinearOp>(baseOp);
    std::optional<Relation> input = context.relation(grown.getInput(), base.getInput());
    if (!input)
      return context.fail("its input is not the base's", true);
    if (cast<RankedTensorType>(grown.getInput().getType()).getRank() == 4)
      return context.fail("there is no rule for products along the coordinates of heads");
    const Derivation *form = context.derivation(grown.getWeight());
    if (!form)
      return std::nullopt;
    if (!base.getWeight().getDefiningOp<ParamOp>())
      return context.fail("the base's weight is no parameter");
    RowRelation weight = relateRows(*form, /*rowAxis=*/0, &input->map, base.getWeight(), context);
    if (weight.rows.any(Run::Kind::Unknown))
      context.fail("its weight " + weight.reason, weight.inputsFault);
    bool bitwise = weight.verbatim && input->map.isIdentity();
    // A product with zeros that the verbatim weight does not hold meets finite numbers only.
    Relation result{weight.rows,
                    input->quality & Quality{weight.error, bitwise, weight.rows.any(Run::Kind::Zero) || !bitwise}};
    if (!grown.getBias() && !base.getBias())
      return result;

    int64_t rows = cast<RankedTensorType>(base.getWeight().getType()).getDimSize(0);
    RowRelation bias{AxisMap::zeros(weight.rows.getLength(), rows), 0, !base.getBias(), "", true};
    if (grown.getBias()) {
      const Derivation *biasForm = context.derivation(grown.getBias());
      if (!biasForm)
        return std::nullopt;
      bias = relateRows(*biasForm, 0, nullptr, base.getBias(), context);
      if (!base.getBias())
        bias.rows = AxisMap(rows, bias.rows.getRuns());
    }
    result.map = addBias(weight.rows, bias.rows, bool(base.getBias()));
    if (result.map.any(Run::Kind::Unknown) && !weight.rows.any(Run::Kind::Unknown))
      context.fail(biasReason(bias));
    result.quality = result.quality & Quality{bias.error, bias.verbatim, false};
    return result;
  }

  Knowledge relateAlone(Operation *op, RuleContext &context) const {
    auto grown = cast<LinearOp>(op);
    bool weight = context.isZeroParameter(grown.getWeight()), bias = context.isZeroParameter(grown.getBias());
    const Knowledge &input = context.knowledge(grown.getInput());
    if (bias && input.zero)
      return zeroBecause(*input.zero);
    if (bias && weight)
      return zeroBecause({0, true, true});
    if (weight)
      context.fail("its weight is zero, but its bias is not");
    return {};
  }
};
} // namespace

void mlir::growth::attachLinearRules(MLIRContext *context) {
  EmbeddingOp::attachInterface<EmbeddingRule>(*context);
  PositionEmbeddingOp::attachInterface<PositionEmbeddingRule>(*context);
  LinearOp::attachInterface<LinearRule>(*context);
}
