#include "runtime/huggingface/folder.h"

#include "runtime/huggingface/huggingface.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace tritter {

namespace fs = std::filesystem;

bool looksLikeHuggingFaceFolder(const std::string &path) {
  std::error_code ignored;
  return fs::is_regular_file(fs::path(path) / "config.json", ignored);
}

Result<std::string> readTextFile(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream)
    return error("cannot read {}", path);
  return text;
}

Result<nlohmann::json> readJsonFile(const std::string &path) {
  TRITTER_ASSIGN(std::string text, readTextFile(path));
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object())
    return error("{} is no JSON object", path);
  return json;
}

static Result<std::map<std::string, std::string>> readIndex(const std::string &path) {
  TRITTER_ASSIGN(nlohmann::json json, readJsonFile(path));
  auto map = json.find("weight_map");
  if (map == json.end() || !map->is_object())
    return error("{} has no weight_map", path);
  std::map<std::string, std::string> index;
  for (const auto &[tensor, file] : map->items()) {
    // A name, not a path: an index may come from anywhere.
    if (!file.is_string() || fs::path(file.get<std::string>()).filename() != file.get<std::string>())
      return error("{}: tensor {} is not in a file beside it", path, tensor);
    index[tensor] = file.get<std::string>();
  }
  return index;
}

Result<HuggingFaceFolder> HuggingFaceFolder::open(const std::string &path) {
  HuggingFaceFolder folder;
  folder.path = path;
  std::string configPath = (fs::path(path) / "config.json").string();
  if (!looksLikeHuggingFaceFolder(path))
    return error("{} is no Hugging Face folder: it has no config.json", path);
  TRITTER_ASSIGN(folder.config, readJsonFile(configPath));
  auto type = folder.config.find("model_type");
  std::string modelType = type != folder.config.end() && type->is_string() ? type->get<std::string>() : "";
  folder.family = findFamily(modelType);
  if (!folder.family)
    return error("{} is of family '{}', which is not known yet; these are: {}", configPath, modelType, familyNames());

  std::string single = (fs::path(path) / "model.safetensors").string(), index = single + ".index.json";
  std::error_code ignored;
  std::map<std::string, std::string> expected;
  std::set<std::string> names;
  if (fs::exists(single, ignored)) {
    names.insert("model.safetensors");
  } else if (fs::exists(index, ignored)) {
    TRITTER_ASSIGN(expected, readIndex(index));
    for (const auto &[tensor, file] : expected)
      names.insert(file);
  } else {
    return error("{} has neither model.safetensors nor model.safetensors.index.json; weights in other forms (.bin) are "
                 "not read: save them with safe_serialization=True",
                 path);
  }
  for (const std::string &name : names) {
    TRITTER_ASSIGN(std::unique_ptr<SafetensorsFile> file, SafetensorsFile::open((fs::path(path) / name).string()));
    for (const auto &[tensor, entry] : file->entries())
      if (!folder.tensors.try_emplace(tensor, Place{file.get(), &entry}).second)
        return error("{}: tensor {} is in two files", path, tensor);
    folder.files.push_back(std::move(file));
  }
  for (const auto &[tensor, file] : expected) {
    auto found = folder.tensors.find(tensor);
    if (found == folder.tensors.end() || fs::path(found->second.file->path()).filename() != file)
      return error("{}: tensor {} is missing from {}, where the index has it", path, tensor, file);
  }
  return folder;
}

} // namespace tritter
