#include "runtime/huggingface/folder.h"

#include "runtime/base/paths.h"
#include "runtime/huggingface/huggingface.h"
#include "runtime/huggingface/json_file.h"
#include "runtime/huggingface/recognise.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace tritter {

namespace fs = std::filesystem;

static constexpr const char *tableName = "model.embed_tokens.weight", *headName = "lm_head.weight";

bool looksLikeHuggingFaceFolder(const std::string &path) { return isFile(fs::path(path) / "config.json"); }

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

/// Whether two tensors are the same: their types, shapes and bytes.
static Result<bool> areEqual(const HuggingFaceFolder::Place &a, const HuggingFaceFolder::Place &b) {
  if (a.entry->dtype != b.entry->dtype || a.entry->shape != b.entry->shape)
    return false;
  constexpr uint64_t chunk = 1 << 20;
  std::vector<std::byte> left(std::min(chunk, a.entry->bytes)), right(left.size());
  for (uint64_t offset = 0; offset < a.entry->bytes; offset += chunk) {
    uint64_t count = std::min(chunk, a.entry->bytes - offset);
    TRITTER_RETURN_IF_ERROR(a.file->read(*a.entry, offset, std::span(left).first(count)));
    TRITTER_RETURN_IF_ERROR(b.file->read(*b.entry, offset, std::span(right).first(count)));
    if (!std::equal(left.begin(), left.begin() + ptrdiff_t(count), right.begin()))
      return false;
  }
  return true;
}

static Result<const Family *> familyOf(const nlohmann::json &config, const std::string &path) {
  auto type = config.find("model_type");
  if (type != config.end() && type->is_string()) {
    if (const Family *family = findFamily(type->get<std::string>()))
      return family;
    return error("{} is of family '{}', which is not known yet; these are: {}", path, type->get<std::string>(),
                 familyNames());
  }
  auto classes = config.find("architectures");
  if (classes != config.end() && classes->is_array() && !classes->empty() && classes->front().is_string())
    for (const Family &family : families())
      if (family.architecture == classes->front().get<std::string>())
        return &family;
  return error("{} names no family that is known in model_type; these are: {}", path, familyNames());
}

Status HuggingFaceFolder::addTensors(const SafetensorsFile &file, const std::map<std::string, std::string> &index) {
  std::string fileName = fs::path(file.path()).filename().string();
  for (const auto &[stored, entry] : file.entries()) {
    Place place{&file, &entry};
    std::string name = withoutWrappers(stored);
    auto [known, isNew] = tensors.try_emplace(name, place);
    if (isNew)
      continue;
    if (known->second.file == &file)
      return error("{}: tensor {} is there twice, with the prefix of a wrapper and without", path, name);
    TRITTER_ASSIGN(bool same, areEqual(known->second, place));
    if (same)
      continue;
    // Of two that differ, the index says which.
    auto chosen = index.find(stored);
    if (chosen == index.end())
      return error("{}: tensor {} is in two files, with other values", path, name);
    if (chosen->second == fileName)
      known->second = place;
    notes.push_back(
        fmt::format("tensor {} is in two files, with other values: the one in {} is taken, as the index says", name,
                    chosen->second));
  }
  return {};
}

Status HuggingFaceFolder::openFiles() {
  std::string single = (fs::path(path) / "model.safetensors").string(), indexPath = single + ".index.json";
  std::map<std::string, std::string> index;
  std::set<std::string> names;
  if (pathExists(single)) {
    names.insert("model.safetensors");
  } else if (pathExists(indexPath)) {
    TRITTER_ASSIGN(index, readIndex(indexPath));
    for (const auto &[tensor, file] : index)
      names.insert(file);
  } else {
    return noWeights(path);
  }
  std::map<std::string, std::string> types;
  for (const std::string &name : names) {
    std::string file = (fs::path(path) / name).string();
    if (!pathExists(file))
      return error("{} is not there, which {} names: is the download complete?", file, indexPath);
    TRITTER_ASSIGN(std::unique_ptr<SafetensorsFile> opened, SafetensorsFile::open(file));
    for (const auto &[tensor, entry] : opened->entries())
      types[tensor] = entry.dtype;
    files.push_back(std::move(opened));
  }
  TRITTER_RETURN_IF_ERROR(checkTensors(path, types));
  for (const std::unique_ptr<SafetensorsFile> &file : files)
    TRITTER_RETURN_IF_ERROR(addTensors(*file, index));

  size_t wrapped = 0;
  std::string example;
  for (const auto &[tensor, type] : types)
    if (withoutWrappers(tensor) != tensor && !wrapped++)
      example = tensor;
  if (wrapped)
    notes.push_back(fmt::format("a wrapper's prefix was taken off {} names of tensors, such as {}", wrapped, example));
  std::vector<std::string> absent;
  for (const auto &[tensor, file] : index)
    if (!types.count(tensor))
      absent.push_back(tensor);
  if (!absent.empty())
    notes.push_back(fmt::format("the index names {} tensors that its files do not hold, such as {}", absent.size(),
                                absent.front()));
  return {};
}

/// The class without a head writes its tensors without the first part of their names.
void HuggingFaceFolder::nameByFamily() {
  bool isInner =
      tensors.count("embed_tokens.weight") &&
      std::none_of(tensors.begin(), tensors.end(), [](const auto &t) { return t.first.starts_with("model."); });
  if (!isInner)
    return;
  std::map<std::string, Place> named;
  for (const auto &[name, place] : tensors)
    named[name == headName ? name : "model." + name] = place;
  tensors = std::move(named);
  notes.push_back("the tensors are those of a model without its head: `model.` was put before their names");
}

Status HuggingFaceFolder::resolveHead() {
  auto table = tensors.find(tableName), head = tensors.find(headName);
  auto tie = config.find("tie_word_embeddings");
  bool tied = tie != config.end() && tie->is_boolean() && tie->get<bool>();
  if (!tied && table != tensors.end() && head == tensors.end()) {
    auto classes = config.find("architectures");
    bool isNamed = classes != config.end() && classes->is_array() && !classes->empty() && classes->front().is_string();
    return error("{} is a model without a head for language ({}): it lacks tensor {}, and its config.json does not tie "
                 "the head to the table of tokens (tie_word_embeddings); import a {}",
                 path, isNamed ? classes->front().get<std::string>() : "says no class", headName, family->architecture);
  }
  if (!tied || head == tensors.end())
    return {};
  if (table == tensors.end()) {
    tensors[tableName] = head->second;
    tensors.erase(headName);
    notes.push_back(fmt::format("the table of tokens is stored as {}, which is tied to it", headName));
    return {};
  }
  TRITTER_ASSIGN(bool same, areEqual(table->second, head->second));
  if (same) {
    tensors.erase(head);
    return {};
  }
  config["tie_word_embeddings"] = false;
  isConfigCorrected = true;
  notes.push_back(fmt::format("{} differs from {}: both are kept, though config.json says that they are tied "
                              "(tie_word_embeddings)",
                              headName, tableName));
  return {};
}

Result<HuggingFaceFolder> HuggingFaceFolder::open(const std::string &path) {
  HuggingFaceFolder folder;
  folder.path = path;
  TRITTER_RETURN_IF_ERROR(checkIsModelFolder(path));
  std::string configPath = (fs::path(path) / "config.json").string();
  TRITTER_ASSIGN(folder.config, readJsonFile(configPath));
  TRITTER_ASSIGN(folder.family, familyOf(folder.config, configPath));
  TRITTER_RETURN_IF_ERROR(checkIsNotQuantised(path, folder.config));
  TRITTER_RETURN_IF_ERROR(folder.openFiles());
  folder.nameByFamily();
  TRITTER_RETURN_IF_ERROR(folder.resolveHead());
  return folder;
}

} // namespace tritter
