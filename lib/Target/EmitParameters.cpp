// Parameters: where they lie, and where their values come from. And what closes an executable.

#include "tritter/Target/KernelEmission.h"
#include "tritter/Derivation/Schema.h"
#include "tritter/Target/ArenaLayout.h"
#include "tritter/Target/Executable.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace mlir::tritter;

llvm::StringMap<Type> mlir::tritter::parameterTypes(ModelOp model) {
  llvm::StringMap<Type> types;
  FailureOr<ParameterLayout> layout = ParameterLayout::get(model);
  if (succeeded(layout))
    for (const LayoutParameter &parameter : layout->parameters())
      types[parameter.path] = parameter.type.getElementType();
  return types;
}

/// What the parameter is computed from; null where a checkpoint holds it.
static FailureOr<std::unique_ptr<schema::DerivationT>> derivationOf(const LayoutParameter &parameter, int64_t seed) {
  ParamOp op = parameter.op;
  if (!op.getInit() && op.getDerivation().empty())
    return std::unique_ptr<schema::DerivationT>();
  auto emitError = [&] { return op.emitOpError() << "`" << parameter.path << "`: "; };
  FailureOr<growth::Derivation> normal = growth::normalise(op, emitError);
  if (failed(normal))
    return failure();
  LayerOp layer = parameter.layer;
  StringRef origin = layer && layer.getOrigin() ? *layer.getOrigin() : StringRef();
  FailureOr<std::unique_ptr<schema::DerivationT>> derivation =
      growth::toSchema(*normal, parameter.path, origin, emitError);
  if (succeeded(derivation) && op.getInit())
    for (const std::unique_ptr<schema::TermT> &term : (*derivation)->terms)
      if (term->kind == schema::TermKind::Normal)
        term->seed = seed;
  return derivation;
}

/// Null where the executable has no such arena, or nothing in it.
static std::unique_ptr<schema::Location> location(const schema::ExecutableT &executable,
                                                  std::optional<ArenaPlace> place, Type type) {
  if (!place || executable.arenas.size() <= size_t(place->arena) || !executable.arenas[size_t(place->arena)]->bytes)
    return nullptr;
  return std::make_unique<schema::Location>(uint32_t(place->arena), row::dtypeOf(type), place->offset);
}

LogicalResult mlir::tritter::emitParameters(ModelOp model, const ParameterOptions &options,
                                            schema::ExecutableT &executable) {
  FailureOr<ParameterLayout> layout = ParameterLayout::get(model);
  if (failed(layout))
    return failure();
  for (const LayoutParameter &parameter : layout->parameters()) {
    auto table = std::make_unique<schema::ParameterT>();
    Type type = parameter.type.getElementType();
    Type masterType = parameter.trainable ? layout->masterType(parameter.group) : type;
    table->name = parameter.path;
    table->shape.assign(parameter.type.getShape().begin(), parameter.type.getShape().end());
    auto stored = options.storedTypes.find(parameter.path);
    table->dtype = row::dtypeOf(stored == options.storedTypes.end() ? type : stored->second);
    table->trainable = parameter.trainable;
    auto place = [&](StringRef kind, Type kindType) {
      return location(executable, parameterPlace(*layout, parameter, kind), kindType);
    };
    table->value = place("value", type);
    table->master = place("master", masterType);
    table->gradient = place("gradient", masterType);
    for (StringRef kind : optimizerStates())
      if (std::unique_ptr<schema::Location> found = place(kind, masterType)) {
        auto state = std::make_unique<schema::ParameterStateT>();
        state->kind = kind.str();
        state->location = std::move(found);
        table->states.push_back(std::move(state));
      }
    FailureOr<std::unique_ptr<schema::DerivationT>> derivation = derivationOf(parameter, options.seed);
    if (failed(derivation))
      return failure();
    table->derivation = std::move(*derivation);
    executable.parameters.push_back(std::move(table));
  }
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
  return std::vector<uint8_t>(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
}
