#include "runtime/checkpoint/atomic_file.h"
#include "runtime/checkpoint/format.h"
#include "runtime/growth/element.h"
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

/// The value under `key` of our configuration, or what a Llama has.
template <typename T> static T valueOf(const json &config, const char *key, T otherwise) {
  auto found = config.find(key);
  bool fits = found != config.end() && (std::is_same_v<T, bool>          ? found->is_boolean()
                                        : std::is_same_v<T, std::string> ? found->is_string()
                                                                         : found->is_number());
  return fits ? found->get<T>() : otherwise;
}

/// The family whose models compute what ours does.
static Result<const Family *> chooseFamily(const json &config, const std::string &path) {
  auto need = [&](const char *key, const char *expected) -> Status {
    std::string found = valueOf<std::string>(config, key, expected);
    if (found == expected)
      return {};
    return error("{} has {} {}; the families that can be exported ({}) have {}", path, key, found, familyNames(),
                 expected);
  };
  TRITTER_RETURN_IF_ERROR(need("norm", "rms"));
  TRITTER_RETURN_IF_ERROR(need("positions", "rope"));
  TRITTER_RETURN_IF_ERROR(need("activation", "silu"));
  if (!valueOf(config, "gated", true))
    return error("{} has a plain MLP; the families that can be exported ({}) have a gated one", path, familyNames());
  bool onlyProjections = valueOf(config, "qkv_bias", false) && !valueOf(config, "bias", false);
  return findFamily(onlyProjections ? "qwen2" : "llama");
}

static json theirConfiguration(const json &config, const Family &family, schema::DType type,
                               const schema::TokenizerRecord *tokenizer) {
  auto integer = [&](const char *key, uint64_t otherwise) { return valueOf<uint64_t>(config, key, otherwise); };
  bool bias = valueOf(config, "bias", false);
  uint64_t heads = integer("heads", 1), hidden = integer("hidden", 0);
  json theirs = {{"architectures", {family.architecture}},
                 {"model_type", family.modelType},
                 {"hidden_size", hidden},
                 {"intermediate_size", integer("intermediate", 0)},
                 {"num_hidden_layers", integer("layers", 0)},
                 {"num_attention_heads", heads},
                 {"num_key_value_heads", integer("kv_heads", heads)},
                 {"head_dim", integer("head_dim", hidden / heads)},
                 {"vocab_size", integer("vocab", 0)},
                 {"max_position_embeddings", std::max<uint64_t>(integer("max_positions", 2048), 1)},
                 {"rms_norm_eps", valueOf(config, "norm_eps", 1e-5)},
                 {"rope_theta", valueOf(config, "rope_theta", 10000.0)},
                 {"hidden_act", "silu"},
                 {"tie_word_embeddings", valueOf(config, "tied", false)},
                 {"torch_dtype", type == schema::DType::BF16 ? "bfloat16" : "float32"},
                 {"initializer_range", 0.02},
                 {"use_cache", true},
                 {"bos_token_id", nullptr},
                 {"eos_token_id", nullptr}};
  if (family.modelType == "llama") {
    theirs["attention_bias"] = bias;
    theirs["mlp_bias"] = bias;
  }
  if (tokenizer)
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
  json config = manifest.config() ? json::parse(manifest.config()->str(), nullptr, false) : json();
  if (!config.is_object())
    return error("{} does not hold its model's configuration; it cannot be exported", checkpoint.path());
  TRITTER_ASSIGN(const Family *family, chooseFamily(config, checkpoint.path()));
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

  std::error_code code;
  fs::create_directories(folder, code);
  if (!fs::is_directory(folder))
    return error("cannot make the folder {}: {}", folder, code.message());
  if (fs::exists(fs::path(folder) / "model.safetensors.index.json", code))
    return error("{} already holds a model in several files; name another folder", folder);
  TRITTER_ASSIGN(report.bytes, writeSafetensors(fs::path(folder) / "model.safetensors", tensors, {{"format", "pt"}}));
  const schema::TokenizerRecord *tokenizer = manifest.tokenizer();
  if (tokenizer && tokenizer->data() && tokenizer->data()->size())
    TRITTER_RETURN_IF_ERROR(
        writeFileAtomically(fs::path(folder) / "tokenizer.model",
                            std::as_bytes(std::span(tokenizer->data()->data(), tokenizer->data()->size()))));
  json theirs = theirConfiguration(config, *family, *type, tokenizer);
  TRITTER_RETURN_IF_ERROR(writeFileAtomically(fs::path(folder) / "config.json", theirs.dump(2) + "\n"));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

} // namespace tritter
