#include "runtime/huggingface/recognise.h"

#include "runtime/base/paths.h"
#include "runtime/huggingface/json_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

namespace tritter {

namespace fs = std::filesystem;

/// A string of a JSON object, for a message; empty where there is none.
static std::string stringOf(const nlohmann::json &object, const char *key) {
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Names in the folder, in order; none where it cannot be read.
static std::vector<std::string> namesIn(const fs::path &folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code))
    names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

static Status whatFileItIs(const fs::path &path) {
  char magic[8] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof(magic));
  std::string_view begin(magic, sizeof(magic));
  std::string name = path.string(), extension = path.extension().string();
  if (begin.starts_with("GGUF"))
    return error("{} is a GGUF file of llama.cpp; import the Hugging Face folder that it was made from", name);
  if (begin.starts_with("TRITTER"))
    return error("{} is a checkpoint already; a Hugging Face folder was expected", name);
  if (begin.starts_with("PK") || extension == ".bin" || extension == ".pt" || extension == ".pth")
    return error("{} is a pickled file of PyTorch, which can run code and is not read: save the model with "
                 "save_pretrained(FOLDER, safe_serialization=True) and import FOLDER",
                 name);
  if (extension == ".safetensors" || extension == ".json")
    return error("{} is one file of a model: name its folder, with config.json and model.safetensors in it", name);
  return error("{} is a file; a Hugging Face folder with config.json and model.safetensors was expected", name);
}

static Status checkIsNoAdapter(const fs::path &folder) {
  fs::path path = folder / "adapter_config.json";
  if (!isFile(path))
    return {};
  std::string kind, base;
  if (Result<nlohmann::json> config = readJsonFile(path); config.ok()) {
    kind = stringOf(*config, "peft_type");
    base = stringOf(*config, "base_model_name_or_path");
  }
  return error("{} is an adapter ({}{}{}), not a model: it has adapter_config.json; merge it into its base "
               "(merge_and_unload of PEFT), save that with save_pretrained, and import the result",
               folder.string(), kind.empty() ? "of PEFT" : kind, base.empty() ? "" : " of ", base);
}

Status checkIsModelFolder(const std::string &path) {
  fs::path folder = path;
  if (!pathExists(folder))
    return error("{}: there is no such folder", path);
  if (!isFolder(folder))
    return whatFileItIs(folder);
  TRITTER_RETURN_IF_ERROR(checkIsNoAdapter(folder));
  if (isFile(folder / "config.json"))
    return {};
  std::vector<std::string> names = namesIn(folder);
  auto has = [&](const char *name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (has("params.json") || has("consolidated.safetensors") || has("consolidated.00.pth"))
    return error("{} holds a model in its maker's original form (params.json, consolidated files); import the Hugging "
                 "Face folder of it, with config.json",
                 path);
  if (has("snapshots")) {
    std::vector<std::string> snapshots = namesIn(folder / "snapshots");
    return error("{} is a folder of the download cache: import {} in it", path,
                 snapshots.empty() ? "a folder of snapshots/" : "snapshots/" + snapshots.front());
  }
  for (const std::string &name : names)
    if (isFile(folder / name / "config.json"))
      return error("{} has no config.json, its folder {} has one: import {}", path, name, (folder / name).string());
  for (const std::string &name : names)
    if (name.ends_with(".gguf"))
      return error("{} holds GGUF files of llama.cpp and no config.json; import the Hugging Face folder that they were "
                   "made from",
                   path);
  return error("{} is no Hugging Face folder: it has no config.json", path);
}

static Status quantised(const std::string &path, const std::string &how) {
  return error("{} is quantised ({}), and cannot be trained or grown as it is: import the model before its "
               "quantisation, in F32, BF16 or F16",
               path, how);
}

Status checkIsNotQuantised(const std::string &path, const nlohmann::json &config) {
  for (const char *key : {"quantization_config", "compression_config", "quantization"}) {
    auto found = config.find(key);
    if (found == config.end() || found->is_null() || found->empty())
      continue;
    std::string method = found->is_object() ? stringOf(*found, "quant_method") : "";
    auto says = [&](const char *flag) { return found->is_object() && found->value(flag, nlohmann::json()) == true; };
    if (says("load_in_4bit"))
      method += " in 4 bits";
    else if (says("load_in_8bit"))
      method += " in 8 bits";
    return quantised(path, method.empty() ? fmt::format("config.json has {}", key)
                                          : fmt::format("by {}, says {} of config.json", method, key));
  }
  for (const char *name : {"quantize_config.json", "quant_config.json", "hf_quant_config.json"})
    if (isFile(fs::path(path) / name))
      return quantised(path, fmt::format("it has {}", name));
  return {};
}

Status checkTensors(const std::string &path, const std::map<std::string, std::string> &types) {
  // What quantisers store beside or instead of a weight: bitsandbytes, GPTQ and AWQ, compressed-tensors, FP8, HQQ.
  static constexpr std::string_view quantisers[] = {
      ".absmax",       ".quant_map",        ".SCB",           ".qweight",      ".qzeros",        ".g_idx",
      ".weight_scale", ".weight_scale_inv", ".weight_packed", ".weight_shape", ".weight_format", ".W_q"};
  for (const auto &[name, type] : types) {
    if (name.find(".lora_") != std::string::npos || name.starts_with("base_model.model."))
      return error("{} holds an adapter's tensors ({}): merge the adapter into its base (merge_and_unload of PEFT), "
                   "save that with save_pretrained, and import the result",
                   path, name);
    for (std::string_view ending : quantisers)
      if (name.ends_with(ending))
        return quantised(path, "it has tensor " + name);
    bool isFloat = type == "F32" || type == "BF16" || type == "F16" || type == "F64";
    if (name.ends_with("_proj.weight") && !isFloat)
      return quantised(path, fmt::format("tensor {} is {}", name, type));
  }
  return {};
}

Status noWeights(const std::string &path) {
  std::string safetensors, pickled;
  for (const std::string &name : namesIn(path)) {
    if (name.ends_with(".safetensors") && safetensors.empty())
      safetensors = name;
    if ((name.ends_with(".bin") || name.ends_with(".pt") || name.ends_with(".pth")) && pickled.empty())
      pickled = name;
  }
  std::string neither = path + " has neither model.safetensors nor model.safetensors.index.json";
  if (!safetensors.empty())
    return error("{}, which name its weights; it has {}: is the download complete?", neither, safetensors);
  if (!pickled.empty())
    return error("{}; weights in pickled files ({}) can run code and are not read: save them with "
                 "save_pretrained(FOLDER, safe_serialization=True)",
                 neither, pickled);
  return error("{}: no weights to import", neither);
}

Status checkIsDownloaded(const std::string &path, std::string_view beginning) {
  if (!beginning.starts_with("version https://git-lfs"))
    return {};
  return error("{} is a Git LFS pointer, not the file itself: `git lfs pull` in its folder fetches it", path);
}

} // namespace tritter
