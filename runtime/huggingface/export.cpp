#include "runtime/base/json_depth.h"
#include "runtime/base/paths.h"
#include "runtime/checkpoint/atomic_file.h"
#include "runtime/checkpoint/format.h"
#include "runtime/executable/executable.h"
#include "runtime/growth/element.h"
#include "runtime/huggingface/activations.h"
#include "runtime/huggingface/folder_files.h"
#include "runtime/huggingface/huggingface.h"
#include "runtime/huggingface/names.h"
#include "runtime/huggingface/safetensors.h"
#include "runtime/tokenize/tokenizer.h"

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace tritter {

namespace fs = std::filesystem;
using nlohmann::json;

static const char *safetensorsName(schema::DType type) {
  switch (type) {
  case schema::DType::F32:
    return "F32";
  case schema::DType::BF16:
    return "BF16";
  case schema::DType::F64:
    return "F64";
  case schema::DType::I32:
    break;
  }
  return "I32";
}

static std::string describe(const schema::AttentionConfigT &attention) {
  return fmt::format("{} heads of {}, {} of keys and values, rope {}, biases {} {}", attention.heads,
                     attention.head_dim, attention.kv_heads, attention.rope_theta, attention.qkv_bias,
                     attention.output_bias);
}
static std::string describe(const schema::MlpConfigT &mlp) {
  return fmt::format("{} {}{}, bias {}", mlp.intermediate, mlp.gated ? "gated " : "", mlp.activation, mlp.bias);
}
static std::string describe(const schema::NormConfigT &norm) { return fmt::format("{} eps {}", norm.kind, norm.eps); }

namespace {

/// What a config.json says once for all layers.
struct OneLayer {
  const schema::AttentionConfigT *attention = nullptr;
  const schema::MlpConfigT *mlp = nullptr;
  const schema::NormConfigT *norm = nullptr;
};

/// The model as their library would have it.
struct Counterpart {
  OneLayer layer;
  const Family *family = nullptr;
};

} // namespace

/// Takes what a layer has into `only`, unless that holds something else already.
template <typename T>
static Status takeOne(const std::vector<std::unique_ptr<T>> &list, const char *what, const T *&only) {
  for (const std::unique_ptr<T> &element : list) {
    if (only && describe(*only) != describe(*element))
      return error("its layers differ in their {} ({}; {}), which a config.json of the families that can be exported "
                   "({}) says once for all",
                   what, describe(*only), describe(*element), familyNames());
    only = element.get();
  }
  return only ? Status() : error("it has layers without {}", what);
}

static Result<OneLayer> oneLayer(const schema::ModelConfigT &config) {
  OneLayer layer;
  for (const std::unique_ptr<schema::BlockConfigT> &block : config.blocks) {
    TRITTER_RETURN_IF_ERROR(takeOne(block->attention, "attention", layer.attention));
    TRITTER_RETURN_IF_ERROR(takeOne(block->mlp, "MLP", layer.mlp));
    TRITTER_RETURN_IF_ERROR(takeOne(block->norms, "norms", layer.norm));
  }
  if (!layer.norm)
    return error("it has no layers");
  TRITTER_RETURN_IF_ERROR(takeOne(config.norms, "norms", layer.norm));
  return layer;
}

/// Whether models of the family have biases where the layer has them.
static bool hasBiasesOf(const Family &family, const OneLayer &layer) {
  bool projections = layer.attention->qkv_bias, output = layer.attention->output_bias, mlp = layer.mlp->bias;
  if (family.modelType == "llama")
    return projections == output;
  return projections == (family.modelType == "qwen2") && !output && !mlp;
}

/// The family whose models compute what ours does: `origin` where it can be.
static Result<const Family *> chooseFamily(const schema::ModelConfigT &config, const OneLayer &layer,
                                           const Family *origin) {
  auto need = [](const char *what, const std::string &found, const char *expected) -> Status {
    if (found == expected)
      return {};
    return error("it has {} {}; the families that can be exported ({}) have {}", what, found, familyNames(), expected);
  };
  TRITTER_RETURN_IF_ERROR(need("norm", layer.norm->kind, "rms"));
  TRITTER_RETURN_IF_ERROR(need("positions", config.positions, "rope"));
  if (!layer.mlp->gated)
    return error("it has a plain MLP; the families that can be exported ({}) have a gated one", familyNames());
  if (origin && hasBiasesOf(*origin, layer))
    return origin;
  for (const Family &family : families())
    if (hasBiasesOf(family, layer))
      return &family;
  return error("it has biases where none of the families that can be exported ({}) has them", familyNames());
}

static Result<Counterpart> findCounterpart(const schema::ModelConfigT &config, const Family *origin) {
  Counterpart counterpart;
  TRITTER_ASSIGN(counterpart.layer, oneLayer(config));
  TRITTER_ASSIGN(counterpart.family, chooseFamily(config, counterpart.layer, origin));
  return counterpart;
}

/// The config.json that the model was imported with; an empty object where it was not.
static json originalConfiguration(const schema::Manifest &manifest) {
  std::optional<std::string_view> text = findFolderFile(manifest, "config.json");
  json original = text && !nestsTooDeep(*text) ? json::parse(*text, nullptr, false) : json();
  return original.is_object() ? original : json::object();
}

/// The family that the model was imported as; null where it was not.
static const Family *originOf(const schema::Manifest &manifest) {
  if (manifest.history())
    for (const schema::Record *record : *manifest.history())
      if (record->kind() == schema::RecordKind::Import && record->method())
        return findFamily(record->method()->string_view());
  return nullptr;
}

/// hidden_act: the name that was there where it means the same.
static Result<std::string> activationName(const std::string &ours, const json &original) {
  auto old = original.find("hidden_act");
  for (const ActivationName &name : activationNames)
    if (name.ours == ours && old != original.end() && *old == name.theirs)
      return std::string(name.theirs);
  for (const ActivationName &name : activationNames)
    if (name.ours == ours)
      return std::string(name.theirs);
  return error("it has activation {}, which the reference library does not know", ours);
}

static Result<json> theirConfiguration(const schema::ModelConfigT &config, const Counterpart &counterpart,
                                       schema::DType type, const schema::Manifest &manifest) {
  const OneLayer &layer = counterpart.layer;
  const Family &family = *counterpart.family;
  json theirs = originalConfiguration(manifest);
  const bool isNew = theirs.empty();
  // What is said of single layers, and of what ours do not have, holds no more; code is not carried.
  for (const char *key :
       {"layer_types", "max_window_layers", "rope_scaling", "quantization_config", "partial_rotary_factor", "auto_map"})
    theirs.erase(key);
  const char *typeKey = theirs.contains("dtype") ? "dtype" : "torch_dtype";
  TRITTER_ASSIGN(std::string activation, activationName(layer.mlp->activation, theirs));
  theirs.update({{"architectures", {family.architecture}},
                 {"model_type", family.modelType},
                 {"hidden_size", config.hidden},
                 {"intermediate_size", layer.mlp->intermediate},
                 {"num_hidden_layers", config.layers},
                 {"num_attention_heads", layer.attention->heads},
                 {"num_key_value_heads", layer.attention->kv_heads},
                 {"head_dim", layer.attention->head_dim},
                 {"vocab_size", config.vocab},
                 {"rms_norm_eps", layer.norm->eps},
                 {"rope_theta", layer.attention->rope_theta},
                 {"hidden_act", activation},
                 {"tie_word_embeddings", config.tied},
                 {typeKey, type == schema::DType::BF16 ? "bfloat16" : "float32"}});
  if (config.max_positions)
    theirs["max_position_embeddings"] = config.max_positions;
  else if (isNew)
    theirs["max_position_embeddings"] = 2048;
  if (theirs.contains("rope_parameters"))
    theirs["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", layer.attention->rope_theta}};
  if (family.modelType == "llama") {
    theirs["attention_bias"] = layer.attention->qkv_bias;
    theirs["mlp_bias"] = layer.mlp->bias;
  }
  // Left out, it would mean a window.
  if (family.modelType == "mistral")
    theirs["sliding_window"] = nullptr;
  if (family.modelType == "qwen2")
    theirs["use_sliding_window"] = false;
  if (!isNew)
    return theirs;
  theirs.update(
      {{"initializer_range", 0.02}, {"use_cache", true}, {"bos_token_id", nullptr}, {"eos_token_id", nullptr}});
  if (const schema::TokenizerRecord *tokenizer = manifest.tokenizer())
    if (auto known = createTokenizer(*tokenizer); known.ok())
      theirs["eos_token_id"] = (*known)->endOfDocument();
  return theirs;
}

static SafetensorsTensor convertedTensor(const CheckpointReader &checkpoint, const schema::Tensor &tensor,
                                         std::string name, schema::DType type) {
  SafetensorsTensor out;
  out.name = std::move(name);
  out.dtype = safetensorsName(type);
  out.shape.assign(tensor.shape()->begin(), tensor.shape()->end());
  out.producer = [&checkpoint, &tensor, type](uint64_t offset, std::span<std::byte> bytes) -> Status {
    std::span<const std::byte> source = checkpoint.bytes(tensor);
    if (type == tensor.dtype()) {
      std::copy_n(source.begin() + ptrdiff_t(offset), bytes.size(), bytes.begin());
    } else {
      uint64_t size = elementBytes(type), first = offset / size;
      for (uint64_t i = 0; i < bytes.size() / size; ++i)
        storeElement(type, bytes.data(), i, loadElement(tensor.dtype(), source.data(), first + i));
    }
    checkpoint.release();
    return {};
  };
  return out;
}

Result<ExportReport> exportFolder(const CheckpointReader &checkpoint, const std::string &folder,
                                  const ExportOptions &options) {
  auto start = std::chrono::steady_clock::now();
  const schema::Manifest &manifest = checkpoint.manifest();
  if (!manifest.config())
    return error("{} does not hold its model's configuration; it cannot be exported", checkpoint.path());
  auto config = unpacked(manifest.config());
  Result<Counterpart> counterpart = findCounterpart(*config, originOf(manifest));
  if (!counterpart.ok())
    return std::move(counterpart).status().within(checkpoint.path());
  const Family *family = counterpart->family;
  ExportReport report;
  report.family = family->modelType;
  std::vector<SafetensorsTensor> tensors;
  std::optional<schema::DType> type = options.dtype;
  for (const schema::Tensor *tensor : *manifest.tensors()) {
    if (tensor->kind()->string_view() != "value")
      continue;
    std::optional<std::string> name = theirName(*family, tensor->name()->string_view());
    if (!name || *name == "lm_head.bias")
      return error("{}: tensor {} has no counterpart in the family {}", checkpoint.path(), tensor->name()->str(),
                   family->modelType);
    type = type.value_or(tensor->dtype());
    schema::DType stored = options.dtype.value_or(tensor->dtype());
    report.converted += stored != tensor->dtype();
    report.parameters += tensor->bytes() / elementBytes(tensor->dtype());
    tensors.push_back(convertedTensor(checkpoint, *tensor, std::move(*name), stored));
  }
  report.tensors = tensors.size();
  if (tensors.empty())
    return error("{} holds no weights to export", checkpoint.path());

  Result<json> theirs = theirConfiguration(*config, *counterpart, *type, manifest);
  if (!theirs.ok())
    return std::move(theirs).status().within(checkpoint.path());

  std::error_code code;
  fs::create_directories(folder, code);
  if (!isFolder(folder))
    return error("cannot make the folder {}: {}", folder, code.message());
  if (fs::exists(fs::path(folder) / "model.safetensors.index.json", code))
    return error("{} already holds a model in several files; name another folder", folder);
  TRITTER_ASSIGN(report.bytes, writeSafetensors(fs::path(folder) / "model.safetensors", tensors, {{"format", "pt"}}));
  TRITTER_RETURN_IF_ERROR(writeFolderFiles(manifest, folder).within(checkpoint.path()));
  const schema::TokenizerRecord *tokenizer = manifest.tokenizer();
  if (tokenizer && tokenizer->data() && tokenizer->data()->size())
    TRITTER_RETURN_IF_ERROR(
        writeFileAtomically(fs::path(folder) / "tokenizer.model",
                            std::as_bytes(std::span(tokenizer->data()->data(), tokenizer->data()->size()))));
  TRITTER_RETURN_IF_ERROR(writeFileAtomically(fs::path(folder) / "config.json", theirs->dump(2) + "\n"));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

} // namespace tritter
