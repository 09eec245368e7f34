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

/// What of a configuration says whether attention looks back over a window only.
enum class Windows { Never, Always, WhereUsed };

/// A family, and what its configuration class takes for a key that is left out: LlamaConfig, MistralConfig and
/// Qwen2Config of Hugging Face's transformers. Not what null means: that is said where a key is read.
struct Family {
  StringRef modelType, architecture;
  int64_t vocab, hidden, intermediate, layers, heads;
  /// Nothing: as many as there are heads.
  std::optional<int64_t> kvHeads;
  int64_t positions;
  Windows windows;
  int64_t window, firstWindowedLayer;
  /// Whether queries, keys and values have biases, whatever the configuration says.
  bool alwaysQkvBias;
  /// Whether the class reads attention_bias and mlp_bias.
  bool readsBiases;
  double normEps, ropeTheta, initStddev;
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
  /// null counts as named.
  bool names(StringRef key) const { return object.get(key); }
  std::optional<int64_t> integer(StringRef key) { return typed(key, object.getInteger(key), "an integer"); }
  std::optional<double> number(StringRef key) { return typed(key, object.getNumber(key), "a number"); }
  std::optional<bool> boolean(StringRef key) { return typed(key, object.getBoolean(key), "true or false"); }
  std::optional<StringRef> string(StringRef key) { return typed(key, object.getString(key), "a string"); }
  /// A size that must not be null.
  int64_t size(StringRef key, int64_t leftOut) {
    if (names(key) && !has(key))
      fail(key, "an integer, found null");
    return integer(key).value_or(leftOut);
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
    {.modelType = "llama",
     .architecture = "LlamaForCausalLM",
     .vocab = 32000,
     .hidden = 4096,
     .intermediate = 11008,
     .layers = 32,
     .heads = 32,
     .kvHeads = std::nullopt,
     .positions = 2048,
     .windows = Windows::Never,
     .window = 0,
     .firstWindowedLayer = 0,
     .alwaysQkvBias = false,
     .readsBiases = true,
     .normEps = 1e-6,
     .ropeTheta = 10000.0,
     .initStddev = 0.02},
    {.modelType = "mistral",
     .architecture = "MistralForCausalLM",
     .vocab = 32000,
     .hidden = 4096,
     .intermediate = 14336,
     .layers = 32,
     .heads = 32,
     .kvHeads = 8,
     .positions = 131072,
     .windows = Windows::Always,
     .window = 4096,
     .firstWindowedLayer = 0,
     .alwaysQkvBias = false,
     .readsBiases = false,
     .normEps = 1e-6,
     .ropeTheta = 10000.0,
     .initStddev = 0.02},
    {.modelType = "qwen2",
     .architecture = "Qwen2ForCausalLM",
     .vocab = 151936,
     .hidden = 4096,
     .intermediate = 22016,
     .layers = 32,
     .heads = 32,
     .kvHeads = 32,
     .positions = 32768,
     .windows = Windows::WhereUsed,
     .window = 4096,
     .firstWindowedLayer = 28,
     .alwaysQkvBias = true,
     .readsBiases = false,
     .normEps = 1e-6,
     .ropeTheta = 10000.0,
     .initStddev = 0.02},
};

static std::string knownFamilies() {
  return llvm::join(llvm::map_range(families, [](const Family &family) { return family.architecture.str(); }), ", ");
}

/// The family that is meant, by model_type as the reference library chooses it; by the architecture where there is
/// none.
static const Family *findFamily(const llvm::json::Object &config, StringRef architecture, std::string &problem) {
  std::optional<StringRef> type = config.getString("model_type");
  auto isCausalModel = [](const Family &family, StringRef name) {
    return name.equals_insensitive(family.architecture) ||
           name.equals_insensitive((family.architecture.drop_back(StringRef("ForCausalLM").size()) + "Model").str());
  };
  const Family *family = llvm::find_if(
      families, [&](const Family &f) { return type ? f.modelType == *type : isCausalModel(f, architecture); });
  if (!type && architecture.empty())
    problem = "neither \"model_type\" nor \"architectures\" names a family; known are " + knownFamilies();
  else if (family == std::end(families))
    problem =
        ("the family " + (architecture.empty() ? *type : architecture) + " is not known; known are " + knownFamilies())
            .str();
  else if (!architecture.empty() && !isCausalModel(*family, architecture))
    problem = ("\"architectures\" names " + architecture + ", which is no language model of the family " +
               family->modelType + ": expected " + family->architecture)
                  .str();
  return problem.empty() ? family : nullptr;
}

/// The rotary base; fails where positions are scaled or rotate a part of a head.
static double ropeTheta(const llvm::json::Object &config, Reader &reader, const Family &family) {
  double theta = reader.number("rope_theta").value_or(family.ropeTheta);
  if (reader.number("partial_rotary_factor").value_or(1.0) != 1.0)
    reader.problem = "\"partial_rotary_factor\" is not implemented, positions rotate whole heads";
  // What it is called today, and before.
  for (StringRef key : {"rope_parameters", "rope_scaling"}) {
    if (!reader.has(key))
      continue;
    const llvm::json::Object *rope = config.getObject(key);
    if (!rope) {
      reader.fail(key, "an object or null");
      continue;
    }
    std::optional<StringRef> type = rope->getString("rope_type");
    if (!type)
      type = rope->getString("type");
    if (type.value_or(rope->get("factor") ? "unknown" : "default") != "default" ||
        rope->getNumber("partial_rotary_factor").value_or(1.0) != 1.0 || rope->getObject("full_attention"))
      reader.problem = ("\"" + key + "\" of type " + type.value_or("unknown") +
                        " is not implemented, only plain rotary positions (null, or \"default\")")
                           .str();
    theta = rope->getNumber("rope_theta").value_or(theta);
  }
  return theta;
}

/// Refuses windows of attention that change what a model computes, which are not implemented.
static void checkWindow(const llvm::json::Object &config, Reader &reader, const Family &family, int64_t layers) {
  if (family.windows == Windows::Never || (reader.names("sliding_window") && !reader.has("sliding_window")))
    return;
  if (family.windows == Windows::WhereUsed) {
    if (!reader.boolean("use_sliding_window").value_or(false))
      return;
    const llvm::json::Array *types = config.getArray("layer_types");
    bool windowed = types
                        ? llvm::any_of(*types, [](const auto &type) { return type.getAsString() != "full_attention"; })
                        : reader.integer("max_window_layers").value_or(family.firstWindowedLayer) < layers;
    if (!windowed)
      return;
  }
  int64_t window = reader.size("sliding_window", family.window);
  std::optional<int64_t> positions = reader.integer("max_position_embeddings");
  if (!reader.names("max_position_embeddings"))
    positions = family.positions;
  if (!reader.problem.empty() || (positions && window >= *positions))
    return;
  std::string found = reader.has("sliding_window") ? ("\"sliding_window\" " + Twine(window)).str()
                                                   : ("\"sliding_window\" is left out, which in the family " +
                                                      family.modelType + " means " + Twine(window) + ": a window")
                                                         .str();
  reader.problem = found + " is not implemented; for sequences of up to " + std::to_string(window) +
                   " tokens full attention is the same: set it to null";
}

static std::optional<ActivationKind> activationOf(StringRef name) {
  if (name == "swish")
    return ActivationKind::Silu;
  if (name == "gelu_python")
    return ActivationKind::Gelu;
  if (name == "relu2")
    return ActivationKind::SquaredRelu;
  return symbolizeActivationKind(name);
}

FailureOr<Description> mlir::tritter::describeHuggingFace(MLIRContext *context, StringRef text, StringRef path) {
  auto fail = [&](const Twine &message) -> LogicalResult { return spellingError(context, path + ": " + message); };
  if (nestsTooDeep(text))
    return fail("not a configuration: its brackets nest without end");
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(text);
  if (!parsed)
    return fail("not JSON: " + llvm::toString(parsed.takeError()));
  const llvm::json::Object *config = parsed->getAsObject();
  if (!config)
    return fail("not a configuration: expected a JSON object");

  const llvm::json::Array *architectures = config->getArray("architectures");
  std::optional<StringRef> architecture =
      architectures && !architectures->empty() ? architectures->front().getAsString() : std::nullopt;
  std::string problem;
  const Family *family = findFamily(*config, architecture.value_or(""), problem);
  if (!family)
    return fail(problem);

  Reader reader(*config);
  Builder builder(context);
  Description description;
  auto set = [&](StringRef key, Attribute value) { description.attributes.set(key, value); };
  auto setSize = [&](StringRef key, int64_t value) { set(key, builder.getI64IntegerAttr(value)); };
  int64_t heads = reader.size("num_attention_heads", family->heads);
  int64_t layers = reader.size("num_hidden_layers", family->layers);
  setSize("layers", layers);
  setSize("heads", heads);
  setSize("hidden", reader.size("hidden_size", family->hidden));
  setSize("intermediate", reader.size("intermediate_size", family->intermediate));
  setSize("vocab", reader.size("vocab_size", family->vocab));
  // null means as many as heads, in every family.
  setSize("kv_heads", reader.integer("num_key_value_heads")
                          .value_or(reader.names("num_key_value_heads") ? heads : family->kvHeads.value_or(heads)));
  if (std::optional<int64_t> dimension = reader.integer("head_dim"))
    setSize("head_dim", *dimension);
  if (std::optional<int64_t> positions = reader.integer("max_position_embeddings"))
    setSize("max_positions", *positions);
  else if (!reader.names("max_position_embeddings"))
    setSize("max_positions", family->positions);

  auto setNumber = [&](StringRef key, double value) { set(key, builder.getF64FloatAttr(value)); };
  setNumber("rope_theta", ropeTheta(*config, reader, *family));
  setNumber("norm_eps", reader.number("rms_norm_eps").value_or(family->normEps));
  setNumber("init_stddev", reader.number("initializer_range").value_or(family->initStddev));
  set("tied", builder.getBoolAttr(reader.boolean("tie_word_embeddings").value_or(false)));
  checkWindow(*config, reader, *family, layers);

  StringRef activation = reader.string("hidden_act").value_or("silu");
  std::optional<ActivationKind> kind = activationOf(activation);
  if (!kind)
    return fail("\"hidden_act\" " + activation + " is not known; known are silu, gelu, relu, relu2");
  set("activation", ActivationKindAttr::get(context, *kind));

  set("qkv_bias", builder.getBoolAttr(family->alwaysQkvBias));
  if (family->readsBiases) {
    set("attention_bias", builder.getBoolAttr(reader.boolean("attention_bias").value_or(false)));
    set("mlp_bias", builder.getBoolAttr(reader.boolean("mlp_bias").value_or(false)));
  }
  if (!reader.problem.empty())
    return fail(reader.problem);

  description.name = reader.string("model_type").value_or("model").str();
  return description;
}
