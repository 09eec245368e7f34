// config.json of a Hugging Face folder, of the families that have a Llama's shape.

#include "Description.h"

#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Support/Nesting.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::tritter;

namespace {

/// What a family has that its configuration does not say.
struct Family {
  StringRef architecture;
  bool alwaysQkvBias;
  double normEps, ropeTheta;
};

/// Reads keys of a configuration, remembering the first that is not what it should be.
class Reader {
public:
  Reader(const llvm::json::Object &object) : object(object) {}

  /// null counts as left out.
  bool has(StringRef key) const {
    const llvm::json::Value *value = object.get(key);
    return value && value->kind() != llvm::json::Value::Null;
  }
  std::optional<int64_t> integer(StringRef key) { return typed(key, object.getInteger(key), "an integer"); }
  std::optional<double> number(StringRef key) { return typed(key, object.getNumber(key), "a number"); }
  std::optional<bool> boolean(StringRef key) { return typed(key, object.getBoolean(key), "true or false"); }
  std::optional<StringRef> string(StringRef key) { return typed(key, object.getString(key), "a string"); }
  int64_t size(StringRef key) {
    if (!has(key))
      fail(key, "an integer, found nothing");
    return integer(key).value_or(0);
  }
  void fail(StringRef key, const Twine &expected) {
    if (problem.empty())
      problem = ("\"" + key + "\" must be " + expected).str();
  }

  std::string problem;

private:
  template <typename T> std::optional<T> typed(StringRef key, std::optional<T> value, StringRef expected) {
    if (!value && has(key))
      fail(key, expected + ", found " + llvm::formatv("{0}", *object.get(key)).str());
    return value;
  }

  const llvm::json::Object &object;
};

} // namespace

static const Family families[] = {
    {"LlamaForCausalLM", false, 1e-6, 10000.0},
    {"MistralForCausalLM", false, 1e-6, 10000.0},
    {"Qwen2ForCausalLM", true, 1e-6, 10000.0},
};

static std::string knownFamilies() {
  return llvm::join(llvm::map_range(families, [](const Family &family) { return family.architecture.str(); }), ", ");
}

/// Scaled positions and windows of attention change what a model computes; they are refused until they exist.
static std::string unsupportedFeature(const llvm::json::Object &config, Reader &reader, StringRef architecture) {
  if (const llvm::json::Object *scaling = config.getObject("rope_scaling")) {
    StringRef type = scaling->getString("rope_type").value_or(scaling->getString("type").value_or("unknown"));
    if (type != "default")
      return ("\"rope_scaling\" of type " + type + " is not implemented, only plain rotary positions (null)").str();
  }
  if (const llvm::json::Object *rope = config.getObject("rope_parameters")) {
    StringRef type = rope->getString("rope_type").value_or("default");
    if (type != "default")
      return ("\"rope_parameters\" of type " + type + " are not implemented, only \"default\"").str();
  }
  bool windowed =
      reader.has("sliding_window") && reader.boolean("use_sliding_window").value_or(architecture != "Qwen2ForCausalLM");
  if (!windowed)
    return "";
  int64_t window = reader.size("sliding_window");
  if (window >= reader.integer("max_position_embeddings").value_or(window))
    return "";
  return ("\"sliding_window\" " + Twine(window) + " is not implemented; for sequences of up to " + Twine(window) +
          " tokens full attention is the same: set it to null")
      .str();
}

static std::optional<ActivationKind> activationOf(StringRef name) {
  if (name == "swish")
    return ActivationKind::Silu;
  if (name == "relu2")
    return ActivationKind::SquaredRelu;
  return symbolizeActivationKind(name);
}

FailureOr<Description> tritter::describeHuggingFace(MLIRContext *context, StringRef text, StringRef path) {
  auto fail = [&](const Twine &message) -> LogicalResult { return spellingError(context, path + ": " + message); };
  if (nestsTooDeep(text))
    return fail("has brackets in one another more than " + Twine(mostNesting) + " deep, which no configuration needs");
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(text);
  if (!parsed)
    return fail("not JSON: " + llvm::toString(parsed.takeError()));
  const llvm::json::Object *config = parsed->getAsObject();
  if (!config)
    return fail("not a configuration: expected a JSON object");

  const llvm::json::Array *architectures = config->getArray("architectures");
  std::optional<StringRef> architecture =
      architectures && !architectures->empty() ? architectures->front().getAsString() : std::nullopt;
  if (!architecture)
    return fail("\"architectures\" names no family; known are " + knownFamilies());
  const Family *family = llvm::find_if(families, [&](const Family &f) { return f.architecture == *architecture; });
  if (family == std::end(families))
    return fail("the family " + *architecture + " is not known; known are " + knownFamilies());

  Reader reader(*config);
  if (std::string problem = unsupportedFeature(*config, reader, *architecture); !problem.empty())
    return fail(problem);

  Builder builder(context);
  Description description;
  auto set = [&](StringRef key, Attribute value) { description.attributes.set(key, value); };
  for (auto [key, theirs] :
       std::initializer_list<std::pair<StringRef, StringRef>>{{"layers", "num_hidden_layers"},
                                                              {"hidden", "hidden_size"},
                                                              {"heads", "num_attention_heads"},
                                                              {"intermediate", "intermediate_size"},
                                                              {"vocab", "vocab_size"}})
    set(key, builder.getI64IntegerAttr(reader.size(theirs)));
  for (auto [key, theirs] : std::initializer_list<std::pair<StringRef, StringRef>>{
           {"kv_heads", "num_key_value_heads"}, {"head_dim", "head_dim"}, {"max_positions", "max_position_embeddings"}})
    if (std::optional<int64_t> value = reader.integer(theirs))
      set(key, builder.getI64IntegerAttr(*value));

  double theta = reader.number("rope_theta").value_or(family->ropeTheta);
  if (const llvm::json::Object *rope = config->getObject("rope_parameters"))
    theta = rope->getNumber("rope_theta").value_or(theta);
  set("rope_theta", builder.getF64FloatAttr(theta));
  set("norm_eps", builder.getF64FloatAttr(reader.number("rms_norm_eps").value_or(family->normEps)));
  set("init_stddev", builder.getF64FloatAttr(reader.number("initializer_range").value_or(0.02)));
  set("tied", builder.getBoolAttr(reader.boolean("tie_word_embeddings").value_or(false)));

  StringRef activation = reader.string("hidden_act").value_or("silu");
  std::optional<ActivationKind> kind = activationOf(activation);
  if (!kind)
    return fail("\"hidden_act\" " + activation + " is not known; known are silu, gelu, relu, relu2");
  set("activation", ActivationKindAttr::get(context, *kind));

  // Hugging Face's attention_bias stands for all four of the attention's products, mlp_bias for all of the MLP's.
  bool attentionBias = reader.boolean("attention_bias").value_or(false),
       mlpBias = reader.boolean("mlp_bias").value_or(false);
  if (attentionBias != mlpBias)
    return fail("\"attention_bias\" and \"mlp_bias\" must be the same, one without the other is not implemented");
  set("bias", builder.getBoolAttr(attentionBias));
  set("qkv_bias", builder.getBoolAttr(family->alwaysQkvBias));
  if (!reader.problem.empty())
    return fail(reader.problem);

  description.name = reader.string("model_type").value_or("model").str();
  return description;
}
