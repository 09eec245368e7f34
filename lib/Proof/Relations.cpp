#include "tritter/Proof/Relations.h"
#include "Rules.h"

#include "llvm/ADT/APFloat.h"

#include <cmath>

using namespace mlir;
using namespace mlir::growth;

#include "lib/Proof/GrowableInterface.cpp.inc"

bool Knowledge::isComplete() const {
  return zero || llvm::any_of(facts, [](const Fact &fact) { return !fact.relation.map.any(Run::Kind::Unknown); });
}

void Knowledge::add(Value base, Relation relation) {
  if (relation.map.all(Run::Kind::Unknown))
    return;
  if (relation.map.all(Run::Kind::Zero)) {
    if (!zero)
      zero = relation.quality;
    return;
  }
  auto rank = [](const Relation &relation) {
    return std::tuple(relation.map.any(Run::Kind::Unknown), relation.quality.error, !relation.quality.bitwise);
  };
  for (Fact &fact : facts)
    if (fact.base == base) {
      if (rank(relation) < rank(fact.relation))
        fact.relation = std::move(relation);
      return;
    }
  facts.push_back({base, std::move(relation)});
}

double mlir::growth::unitRoundoff(Type type) {
  return std::ldexp(1.0, -int(llvm::APFloat::semanticsPrecision(cast<FloatType>(type).getFloatSemantics())));
}

int64_t mlir::growth::relatedAxisSize(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() == 0 || !isa<FloatType>(type.getElementType()))
    return 1;
  return type.getDimSize(type.getRank() == 4 ? 2 : type.getRank() - 1);
}

std::optional<Relation> RuleContext::relation(Value grown, Value base) const {
  const Knowledge &known = knowledge(grown);
  for (const Fact &fact : known.facts)
    if (fact.base == base)
      return fact.relation;
  if (known.zero)
    return Relation{AxisMap::zeros(relatedAxisSize(grown), relatedAxisSize(base)), *known.zero};
  return std::nullopt;
}

bool RuleContext::isZeroParameter(Value grown) {
  if (!grown)
    return true;
  const Derivation *form = derivation(grown);
  return form && form->isZero();
}

AxisMap mlir::growth::commonRows(const AxisMap &a, const AxisMap &b) {
  AxisMap result(a.getDomain(), {});
  walkTogether({&a, &b}, [&](int64_t, ArrayRef<Run> parts) {
    result.append(parts[0].agrees(parts[1]) ? parts[0] : Run::unknown(parts[0].length));
  });
  return result;
}
