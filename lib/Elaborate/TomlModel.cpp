// The table [model] of a TOML file: the attributes of tritter.decoder by their names.

#include "Description.h"

#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/Builders.h"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

using namespace mlir;
using namespace mlir::tritter;

namespace {
enum class Kind { Size, Number, Flag, Activation, Norm, Positions, Type, Name };
struct Key {
  StringRef name;
  Kind kind;
};
} // namespace

static const Key keys[] = {{"layers", Kind::Size},        {"hidden", Kind::Size},
                           {"heads", Kind::Size},         {"kv_heads", Kind::Size},
                           {"head_dim", Kind::Size},      {"intermediate", Kind::Size},
                           {"vocab", Kind::Size},         {"max_positions", Kind::Size},
                           {"norm_eps", Kind::Number},    {"rope_theta", Kind::Number},
                           {"init_stddev", Kind::Number}, {"gated", Kind::Flag},
                           {"qkv_bias", Kind::Flag},      {"attention_bias", Kind::Flag},
                           {"mlp_bias", Kind::Flag},      {"bias", Kind::Flag},
                           {"tied", Kind::Flag},          {"activation", Kind::Activation},
                           {"norm", Kind::Norm},          {"positions", Kind::Positions},
                           {"dtype", Kind::Type},         {"name", Kind::Name},
                           {"preset", Kind::Name}};

static StringRef expectation(Kind kind) {
  switch (kind) {
  case Kind::Size:
    return "an integer";
  case Kind::Number:
    return "a number";
  case Kind::Flag:
    return "true or false";
  case Kind::Activation:
    return "\"silu\", \"gelu\", \"relu\" or \"squared_relu\"";
  case Kind::Norm:
    return "\"rms\" or \"layer\"";
  case Kind::Positions:
    return "\"rope\" or \"learned\"";
  case Kind::Type:
    return "\"f32\", \"bf16\" or \"f64\"";
  case Kind::Name:
    return "a string";
  }
  llvm_unreachable("not a kind");
}

/// The attribute that `node` spells, or null where it is not of the kind.
static Attribute attributeOf(MLIRContext *context, Kind kind, const toml::node &node) {
  Builder builder(context);
  std::optional<std::string> text = node.value_exact<std::string>();
  switch (kind) {
  case Kind::Size:
    if (auto value = node.value_exact<int64_t>())
      return builder.getI64IntegerAttr(*value);
    return {};
  case Kind::Number:
    if (auto value = node.is_number() ? node.value<double>() : std::nullopt)
      return builder.getF64FloatAttr(*value);
    return {};
  case Kind::Flag:
    if (auto value = node.value_exact<bool>())
      return builder.getBoolAttr(*value);
    return {};
  case Kind::Activation:
    if (auto value = text ? symbolizeActivationKind(*text) : std::nullopt)
      return ActivationKindAttr::get(context, *value);
    return {};
  case Kind::Norm:
    if (auto value = text ? symbolizeNormKind(*text) : std::nullopt)
      return NormKindAttr::get(context, *value);
    return {};
  case Kind::Positions:
    if (auto value = text ? symbolizePositionKind(*text) : std::nullopt)
      return PositionKindAttr::get(context, *value);
    return {};
  case Kind::Type:
    if (text == "f32")
      return TypeAttr::get(builder.getF32Type());
    if (text == "bf16")
      return TypeAttr::get(builder.getBF16Type());
    if (text == "f64")
      return TypeAttr::get(builder.getF64Type());
    return {};
  case Kind::Name:
    return text ? builder.getStringAttr(*text) : Attribute();
  }
  llvm_unreachable("not a kind");
}

FailureOr<Description> tritter::describeToml(MLIRContext *context, StringRef text, StringRef path) {
  auto fail = [&](const toml::source_region &where, const Twine &message) -> LogicalResult {
    return spellingError(context, path + ":" + Twine(where.begin.line) + ": " + message);
  };
  toml::parse_result parsed = toml::parse(std::string_view(text.data(), text.size()));
  if (!parsed)
    return fail(parsed.error().source(), StringRef(parsed.error().description()));
  const toml::table *model = parsed.table()["model"].as_table();
  if (!model)
    return spellingError(context, path + ": has no table [model], which a model is written in");

  NamedAttrList given;
  for (auto &&[name, node] : *model) {
    StringRef key(name.str());
    const Key *known = llvm::find_if(keys, [&](const Key &k) { return k.name == key; });
    if (known == std::end(keys)) {
      auto near = nearest(key, llvm::map_to_vector(keys, [](const Key &k) { return k.name; }));
      return fail(node.source(), "[model] has no key " + key + (near ? ": did you mean " + *near + "?" : ""));
    }
    Attribute value = attributeOf(context, known->kind, node);
    if (!value)
      return fail(node.source(), key + " must be " + expectation(known->kind));
    given.set(key, value);
  }

  // The table's own keys count more than the preset's that it begins from.
  Description description;
  if (auto preset = dyn_cast_or_null<StringAttr>(given.erase("preset"))) {
    FailureOr<Description> base = describePreset(context, preset.getValue());
    if (failed(base))
      return failure();
    description = *base;
  }
  if (auto name = dyn_cast_or_null<StringAttr>(given.erase("name")))
    description.name = name.getValue().str();
  for (NamedAttribute attribute : given)
    description.attributes.set(attribute.getName(), attribute.getValue());
  return description;
}
