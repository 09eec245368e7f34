// The normal form of derivations: from operations, and back.

#include "tritter/Derivation/Derivation.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::growth;

bool Term::sameTensor(const Term &other) const {
  if (kind != other.kind || type != other.type)
    return false;
  switch (kind) {
  case Kind::Source:
    return model == other.model && path == other.path;
  case Kind::Constant:
    return value == other.value;
  case Kind::Normal:
    return value == other.value && seed == other.seed && stream == other.stream && path == other.path;
  case Kind::Free:
    return path == other.path;
  }
  return false;
}

bool Term::isVerbatim() const {
  return kind == Kind::Source && llvm::all_of(axes, [](const AxisMap &map) { return map.isIdentity(); });
}

/// Scales the term by scaling its first axis.
static bool scale(Term &term, const Coefficient &factor) {
  std::optional<AxisMap> map = term.axes.front().scaled(factor);
  if (map)
    term.axes.front() = std::move(*map);
  return map.has_value();
}

/// Brings all coefficients common to an axis into the first axis, so that equal terms have equal maps.
static bool gatherScale(Term &term) {
  for (AxisMap &map : llvm::drop_begin(term.axes)) {
    Coefficient leading = map.leading();
    if (leading.isOne())
      continue;
    std::optional<Coefficient> inverse = leading.inverse();
    std::optional<AxisMap> unit = inverse ? map.scaled(*inverse) : std::nullopt;
    if (!unit || !scale(term, leading))
      return false;
    map = std::move(*unit);
  }
  return true;
}

/// Adds `term`: to the coefficient of an equal term that differs by a factor alone, where there is one.
static bool addTerm(Derivation &sum, Term term) {
  if (llvm::any_of(term.axes, [](const AxisMap &map) { return map.all(Run::Kind::Zero); }) ||
      (term.kind == Term::Kind::Constant && term.value == 0))
    return true;
  if (!gatherScale(term))
    return false;
  for (auto [index, other] : llvm::enumerate(sum.terms)) {
    if (!term.sameTensor(other) || !llvm::equal(llvm::drop_begin(term.axes), llvm::drop_begin(other.axes)))
      continue;
    Coefficient a = term.axes[0].leading(), b = other.axes[0].leading();
    std::optional<Coefficient> total = a.plus(b), inverse = b.inverse();
    std::optional<Coefficient> ratio = inverse ? a.times(*inverse) : std::nullopt;
    std::optional<AxisMap> multiple = ratio ? other.axes[0].scaled(*ratio) : std::nullopt;
    if (!total || !multiple || !(*multiple == term.axes[0]))
      continue;
    std::optional<Coefficient> factor = total->times(*inverse);
    if (!factor || !scale(other, *factor))
      return false;
    if (total->isZero())
      sum.terms.erase(sum.terms.begin() + index);
    return true;
  }
  sum.terms.push_back(std::move(term));
  return true;
}

static Term leaf(Term::Kind kind, Type type) {
  Term term;
  term.kind = kind;
  term.type = cast<RankedTensorType>(type);
  for (int64_t size : term.type.getShape())
    term.axes.push_back(AxisMap::identity(size));
  return term;
}

/// Applies `map` to one axis of every term.
static bool mapAxis(Derivation &derivation, int64_t axis, const AxisMap &map) {
  Derivation result;
  for (Term &term : derivation.terms) {
    std::optional<AxisMap> product = map.after(term.axes[axis]);
    if (!product)
      return false;
    term.axes[axis] = std::move(*product);
    if (!addTerm(result, std::move(term)))
      return false;
  }
  derivation = std::move(result);
  return true;
}

/// What one operation of a derivation computes, of what its operands are.
static std::optional<Derivation> evaluate(Operation *op, const llvm::DenseMap<Value, Derivation> &known) {
  Derivation result;
  bool good = true;
  if (auto source = dyn_cast<SourceOp>(op)) {
    Term term = leaf(Term::Kind::Source, source.getType());
    term.model = source.getModelAttr().getAttr();
    term.path = source.getPathAttr();
    good = addTerm(result, term);
  } else if (auto constant = dyn_cast<ConstantOp>(op)) {
    Term term = leaf(Term::Kind::Constant, constant.getType());
    term.value = constant.getValue().convertToDouble();
    good = addTerm(result, term);
  } else if (auto normal = dyn_cast<NormalOp>(op)) {
    Term term = leaf(Term::Kind::Normal, normal.getType());
    term.value = normal.getStddev().convertToDouble();
    term.seed = normal.getSeed();
    term.stream = normal.getStream();
    good = addTerm(result, term);
  } else if (auto add = dyn_cast<AddOp>(op)) {
    for (Value input : add.getInputs())
      for (const Term &term : known.at(input).terms)
        good = good && addTerm(result, term);
  } else if (!isa<ZeroOp>(op)) {
    result = known.at(op->getOperand(0));
    auto old = cast<RankedTensorType>(op->getOperand(0).getType());
    llvm::TypeSwitch<Operation *>(op)
        .Case([&](GatherOp gather) {
          AxisMap map(old.getDimSize(gather.getAxis()), gather.getMap().getRuns());
          good = mapAxis(result, gather.getAxis(), map);
        })
        .Case([&](PadOp pad) {
          good = mapAxis(result, pad.getAxis(), AxisMap::identity(old.getDimSize(pad.getAxis())).padded(pad.getSize()));
        })
        .Case([&](TileOp tile) {
          std::optional<AxisMap> map = AxisMap::identity(old.getDimSize(tile.getAxis())).tiled(tile.getTimes());
          good = map && mapAxis(result, tile.getAxis(), *map);
        })
        .Case([&](ScaleOp factor) {
          Derivation scaled;
          for (Term &term : result.terms)
            good = good && scale(term, factor.getBy().getValue()) && addTerm(scaled, std::move(term));
          result = std::move(scaled);
        })
        .Default([&](Operation *) { good = false; });
  }
  if (!good)
    return std::nullopt;
  result.type = cast<RankedTensorType>(op->getResult(0).getType());
  return result;
}

/// In the order of the block and each operation once, however long the chain and however often a value is read.
static FailureOr<Derivation> evaluate(Value value, tritter::ParamOp param,
                                      function_ref<InFlightDiagnostic()> emitError) {
  SmallVector<Value> waiting{value};
  llvm::DenseSet<Operation *> needed;
  while (!waiting.empty()) {
    Value next = waiting.pop_back_val();
    Operation *op = next.getDefiningOp();
    if (!op || op->getParentOp() != param) {
      emitError() << "a derivation reads only what is inside it, found " << next;
      return failure();
    }
    if (needed.insert(op).second)
      llvm::append_range(waiting, op->getOperands());
  }
  llvm::DenseMap<Value, Derivation> known;
  for (Operation &op : param.getDerivation().front()) {
    if (!needed.contains(&op))
      continue;
    std::optional<Derivation> made = evaluate(&op, known);
    if (!made) {
      emitError() << "'" << op.getName() << "' has no exact normal form: a coefficient exceeds 63 bits, or a mean is "
                  << "taken of unequal coordinates, or an axis is in more than " << AxisMap::mostRuns << " pieces";
      return failure();
    }
    known[op.getResult(0)] = std::move(*made);
  }
  return known.at(value);
}

FailureOr<Derivation> mlir::growth::normalise(tritter::ParamOp param, function_ref<InFlightDiagnostic()> emitError) {
  if (cast<RankedTensorType>(param.getType()).getRank() == 0) {
    emitError() << "a parameter needs an axis to be derived along, found " << param.getType();
    return failure();
  }
  if (!param.getDerivation().empty())
    return evaluate(cast<YieldOp>(param.getDerivation().front().getTerminator()).getValue(), param, emitError);
  Derivation result;
  result.type = cast<RankedTensorType>(param.getType());
  Term term = leaf(Term::Kind::Free, result.type);
  term.path = param.getPathAttr();
  if (auto constant = dyn_cast_or_null<tritter::ConstantInitAttr>(param.getInitAttr())) {
    term.kind = Term::Kind::Constant;
    term.value = constant.getValue().getValueAsDouble();
  } else if (auto normal = dyn_cast_or_null<tritter::NormalInitAttr>(param.getInitAttr())) {
    term.kind = Term::Kind::Normal;
    term.value = normal.getStddev().getValueAsDouble();
  }
  addTerm(result, term);
  return result;
}

std::optional<Derivation> mlir::growth::substitute(const Derivation &outer,
                                                   llvm::function_ref<const Derivation *(const Term &)> inner) {
  Derivation result;
  result.type = outer.type;
  for (const Term &term : outer.terms) {
    const Derivation *replacement = term.kind == Term::Kind::Source ? inner(term) : nullptr;
    if (!replacement) {
      if (!addTerm(result, term))
        return std::nullopt;
      continue;
    }
    if (replacement->type.getShape() != term.type.getShape())
      return std::nullopt;
    for (Term part : replacement->terms) {
      for (auto [map, axis] : llvm::zip_equal(term.axes, part.axes)) {
        std::optional<AxisMap> product = map.after(axis);
        if (!product)
          return std::nullopt;
        axis = std::move(*product);
      }
      if (!addTerm(result, std::move(part)))
        return std::nullopt;
    }
  }
  return result;
}

void mlir::growth::build(OpBuilder &builder, Location loc, const Derivation &derivation) {
  SmallVector<Value> parts;
  for (const Term &term : derivation.terms) {
    Value value;
    switch (term.kind) {
    case Term::Kind::Source:
      value = SourceOp::create(builder, loc, term.type, FlatSymbolRefAttr::get(term.model), term.path);
      break;
    case Term::Kind::Constant:
      value = ConstantOp::create(builder, loc, term.type, builder.getF64FloatAttr(term.value));
      break;
    case Term::Kind::Normal:
      value = NormalOp::create(builder, loc, term.type, builder.getF64FloatAttr(term.value),
                               builder.getI64IntegerAttr(term.seed), builder.getI64IntegerAttr(term.stream));
      break;
    case Term::Kind::Free:
      llvm_unreachable("values that nothing is said about are no derivation");
    }
    for (auto [axis, map] : llvm::enumerate(term.axes))
      if (!map.isIdentity())
        value = GatherOp::create(builder, loc, value, builder.getI64IntegerAttr(axis),
                                 MapAttr::get(builder.getContext(), map.getRuns()));
    parts.push_back(value);
  }
  if (parts.empty())
    parts.push_back(ZeroOp::create(builder, loc, derivation.type));
  if (parts.size() > 1)
    parts = {AddOp::create(builder, loc, derivation.type, parts)};
  YieldOp::create(builder, loc, parts.front());
}

StringAttr mlir::growth::findBase(tritter::ModelOp model) {
  StringAttr base;
  bool several = false;
  auto collect = [&](Operation *root) {
    root->walk([&](SourceOp source) {
      StringAttr name = source.getModelAttr().getAttr();
      several |= base && base != name;
      base = name;
    });
  };
  collect(model);
  SymbolTableCollection symbols;
  llvm::SmallPtrSet<Operation *, 4> blocks;
  model.walk([&](tritter::LayerOp layer) {
    if (auto block = symbols.lookupNearestSymbolFrom<tritter::BlockOp>(layer, layer.getBlockAttr()))
      if (blocks.insert(block).second)
        collect(block);
  });
  return several ? StringAttr() : base;
}
