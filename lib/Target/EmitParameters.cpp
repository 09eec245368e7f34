// Parameters: where they lie, and where their values come from. And what closes an executable.

#include "dialects/Exec/ExecDialect.h"
#include "tritter/Target/ArenaLayout.h"
#include "tritter/Target/Executable.h"
#include "tritter/Target/KernelEmission.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace mlir::tritter;

llvm::StringMap<Type> mlir::tritter::parameterTypes(ModelOp model, ArrayRef<ModelOp> frozen) {
  llvm::StringMap<Type> types;
  FailureOr<ParameterLayout> layout = ParameterLayout::get(model, frozen);
  if (succeeded(layout))
    for (const LayoutParameter &parameter : layout->getParameters())
      types[parameter.key()] = parameter.type.getElementType();
  return types;
}

namespace {
/// Writes what parameters derive from; each normal form once, whatever the number of layers that have it.
class DerivationWriter {
public:
  DerivationWriter(const ParameterOptions &options, growth::DerivationTables &tables)
      : options(options), tables(tables) {}

  /// Null where a checkpoint holds the parameter.
  FailureOr<std::unique_ptr<schema::TensorDerivationT>> derivationOf(const LayoutParameter &parameter);

private:
  struct Form {
    growth::Derivation derivation;
    uint32_t number;
  };
  const ParameterOptions &options;
  growth::DerivationTables &tables;
  llvm::DenseMap<Operation *, std::unique_ptr<Form>> forms;
  llvm::DenseMap<const growth::Derivation *, uint32_t> adjoints;
};
} // namespace

FailureOr<std::unique_ptr<schema::TensorDerivationT>> DerivationWriter::derivationOf(const LayoutParameter &parameter) {
  ParamOp op = parameter.op;
  if (!op.getInit() && op.getDerivation().empty())
    return std::unique_ptr<schema::TensorDerivationT>();
  auto found = forms.find(op);
  if (found == forms.end()) {
    auto emitError = [&] { return op.emitOpError() << "`" << parameter.path << "`: "; };
    FailureOr<growth::Derivation> normal = growth::normalise(op, emitError);
    if (failed(normal))
      return failure();
    FailureOr<uint32_t> number =
        tables.add(*normal, op.getInit() ? std::optional<int64_t>(options.seed) : std::nullopt, emitError);
    if (failed(number))
      return failure();
    found = forms.try_emplace(op, std::make_unique<Form>(Form{std::move(*normal), *number})).first;
  }
  auto result = std::make_unique<schema::TensorDerivationT>();
  const growth::Derivation &derivation = found->second->derivation;
  result->derivation = found->second->number;
  const growth::Derivation *adjoint = options.adjoint ? options.adjoint(op, parameter.layer) : nullptr;
  // Where no adjoint was found, a copy of a tensor gets a copy of its origin's optimizer state.
  bool copy = derivation.terms.size() == 1 && derivation.terms.front().isVerbatim();
  if (copy && (!adjoint || adjoint->isZero()))
    adjoint = &derivation;
  if (adjoint) {
    auto [known, added] = adjoints.try_emplace(adjoint, 0);
    if (added)
      known->second = *tables.add(*adjoint, std::nullopt, [&] { return op.emitOpError(); });
    result->adjoint = known->second;
  }
  if (LayerOp layer = parameter.layer; layer && layer.getOrigin())
    result->prefix = layer.getOrigin()->str();
  result->streams = growth::drawStreams(derivation, parameter.path);
  return result;
}

/// Null where the executable has no such arena, or nothing in it.
static std::unique_ptr<schema::Location> location(const schema::ExecutableT &executable,
                                                  std::optional<ArenaPlace> place, Type type) {
  if (!place || executable.arenas.size() <= size_t(place->arena) || !executable.arenas[size_t(place->arena)]->bytes)
    return nullptr;
  return std::make_unique<schema::Location>(uint32_t(place->arena), row::dtypeOf(type), place->offset);
}

static schema::StateGrowth growthOf(StateGrowth growth) {
  switch (growth) {
  case StateGrowth::Zero:
    return schema::StateGrowth::Zero;
  case StateGrowth::Linear:
    return schema::StateGrowth::Linear;
  case StateGrowth::Adjoint:
    return schema::StateGrowth::Adjoint;
  case StateGrowth::AdjointSquared:
    return schema::StateGrowth::AdjointSquared;
  }
  llvm_unreachable("unknown growth of a state");
}

/// What programs keep for the parameter.
static void emitStates(const LayoutParameter &parameter, const ParameterLayout &layout, ArrayRef<exec::StateOp> states,
                       schema::ParameterT &table) {
  for (exec::StateOp state : states) {
    if (state.getGroup() != layout.groupOf(parameter).name)
      continue;
    Type type = cast<RankedTensorType>(state.getType()).getElementType();
    auto kept = std::make_unique<schema::ParameterStateT>();
    kept->kind = state.getKind().str();
    kept->growth = growthOf(state.getGrowth());
    kept->location =
        std::make_unique<schema::Location>(uint32_t(ArenaId::States), row::dtypeOf(type),
                                           state.getOffset() + parameter.offset * type.getIntOrFloatBitWidth() / 8);
    table.states.push_back(std::move(kept));
  }
}

LogicalResult mlir::tritter::emitParameters(ModelOp model, const ParameterOptions &options,
                                            growth::DerivationTables &derivations, schema::ExecutableT &executable) {
  FailureOr<ParameterLayout> layout = ParameterLayout::get(model, options.frozen);
  if (failed(layout))
    return failure();
  DerivationWriter writer(options, derivations);
  SmallVector<exec::StateOp> states(model->getParentOfType<ModuleOp>().getOps<exec::StateOp>());
  for (const LayoutParameter &parameter : layout->getParameters()) {
    auto table = std::make_unique<schema::ParameterT>();
    Type type = parameter.type.getElementType();
    Type masterType = parameter.trainable ? layout->groupOf(parameter).masterType : type;
    table->name = parameter.path;
    if (parameter.model)
      table->model = parameter.model.getValue().str();
    table->shape.assign(parameter.type.getShape().begin(), parameter.type.getShape().end());
    auto stored = options.storedTypes.find(parameter.key());
    table->dtype = row::dtypeOf(stored == options.storedTypes.end() ? type : stored->second);
    table->trainable = parameter.trainable;
    auto place = [&](StringRef kind, Type kindType) {
      return location(executable, parameterPlace(*layout, parameter, kind), kindType);
    };
    table->value = place("value", type);
    table->master = place("master", masterType);
    table->gradient = place("gradient", masterType);
    if (parameter.trainable) {
      table->group = layout->groupOf(parameter).base;
      emitStates(parameter, *layout, states, *table);
    }
    FailureOr<std::unique_ptr<schema::TensorDerivationT>> derivation = writer.derivationOf(parameter);
    if (failed(derivation))
      return failure();
    table->derivation = std::move(*derivation);
    executable.parameters.push_back(std::move(table));
  }
  return success();
}

LogicalResult mlir::tritter::emitParameters(ModelOp model, const ParameterOptions &options,
                                            schema::ExecutableT &executable) {
  growth::DerivationTables derivations;
  if (failed(emitParameters(model, options, derivations, executable)))
    return failure();
  executable.derivations = derivations.take();
  return success();
}

std::string mlir::tritter::fingerprint(ArrayRef<StringRef> pieces) {
  llvm::SHA256 hash;
  for (StringRef piece : pieces) {
    hash.update((Twine(piece.size()) + ":").str());
    hash.update(piece);
  }
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

std::vector<uint8_t> mlir::tritter::serialise(const schema::ExecutableT &executable) {
  flatbuffers::FlatBufferBuilder builder(1 << 20);
  schema::FinishExecutableBuffer(builder, schema::Executable::Pack(builder, &executable));
  ArrayRef<uint8_t> content(builder.GetBufferPointer(), builder.GetSize());
  std::vector<uint8_t> bytes(content);
  // The seal, as runtime/executable/seal.h has it.
  llvm::append_range(bytes, llvm::SHA256::hash(content));
  llvm::append_range(bytes, StringRef("TTEXSEAL"));
  return bytes;
}
