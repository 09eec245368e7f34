#include "runtime/huggingface/folder_files.h"

#include "runtime/base/paths.h"
#include "runtime/base/text.h"
#include "runtime/checkpoint/atomic_file.h"
#include "runtime/huggingface/json_file.h"

#include <algorithm>
#include <filesystem>

namespace tritter {

namespace fs = std::filesystem;

// The one folder inside that the reference library reads.
static constexpr std::string_view templatesFolder = "additional_chat_templates/";

/// Weights and states in any form, archives, code.
static bool isCarried(std::string_view name) {
  static constexpr std::string_view left[] = {".safetensors", ".safetensors.index.json",
                                              ".bin",         ".bin.index.json",
                                              ".pt",          ".pth",
                                              ".ckpt",        ".gguf",
                                              ".onnx",        ".h5",
                                              ".msgpack",     ".npy",
                                              ".npz",         ".pkl",
                                              ".tckpt",       ".texe",
                                              ".tar",         ".zip",
                                              ".gz",          ".zst",
                                              ".lock",        ".tmp",
                                              ".py",          ".pyc",
                                              ".so",          ".sh"};
  return name != "tokenizer.model" && std::none_of(std::begin(left), std::end(left),
                                                   [&](std::string_view ending) { return name.ends_with(ending); });
}

/// Whether it is the name of a file in the folder itself or among its templates, and not a hidden one.
static bool isSafeName(std::string_view name) {
  if (name.starts_with(templatesFolder))
    name.remove_prefix(templatesFolder.size());
  return !name.empty() && name.front() != '.' && name.find('/') == name.npos && name.find('\0') == name.npos;
}

/// Names relative to the folder, in order.
static std::vector<std::string> carriedNames(const fs::path &folder) {
  std::vector<std::string> names;
  for (std::string_view inside : {std::string_view(), templatesFolder}) {
    std::error_code code;
    for (fs::directory_iterator entry(folder / inside, code), end; !code && entry != end; entry.increment(code)) {
      std::string name = std::string(inside) + entry->path().filename().string();
      if (isFile(entry->path()) && isSafeName(name) && isCarried(name))
        names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<std::unique_ptr<schema::FolderFileT>>> readFolderFiles(const std::string &folder,
                                                                          std::vector<std::string> &notes) {
  std::vector<std::unique_ptr<schema::FolderFileT>> files;
  uint64_t total = 0;
  for (const std::string &name : carriedNames(folder)) {
    fs::path path = fs::path(folder) / name;
    std::error_code code;
    uint64_t bytes = fs::file_size(path, code);
    if (code || bytes > maximumSmallFileBytes || total + bytes > maximumFolderFilesBytes ||
        files.size() == maximumFolderFiles) {
      notes.push_back(fmt::format("{} ({}) is too much to be carried and will not be in an export", name,
                                  shortBytes(double(bytes))));
      continue;
    }
    TRITTER_ASSIGN(std::string text, readTextFile(path.string()));
    auto file = std::make_unique<schema::FolderFileT>();
    file->name = name;
    file->data.assign(text.begin(), text.end());
    total += file->data.size();
    files.push_back(std::move(file));
  }
  return files;
}

static std::string_view contentsOf(const schema::FolderFile &file) {
  return file.data() ? std::string_view(reinterpret_cast<const char *>(file.data()->data()), file.data()->size())
                     : std::string_view();
}

std::optional<std::string_view> findFolderFile(const schema::Manifest &manifest, std::string_view name) {
  if (manifest.folder_files())
    for (const schema::FolderFile *file : *manifest.folder_files())
      if (file->name() && file->name()->string_view() == name)
        return contentsOf(*file);
  return std::nullopt;
}

Status writeFolderFiles(const schema::Manifest &manifest, const std::string &folder) {
  if (!manifest.folder_files())
    return {};
  for (const schema::FolderFile *file : *manifest.folder_files())
    if (!file->name() || !isSafeName(file->name()->string_view()) || !isCarried(file->name()->string_view()))
      return error("the checkpoint carries a file {}, which no import makes: it is not written",
                   file->name() ? file->name()->str() : "without a name");
  for (const schema::FolderFile *file : *manifest.folder_files()) {
    if (file->name()->string_view() == "config.json")
      continue;
    fs::path path = fs::path(folder) / file->name()->str();
    std::error_code code;
    fs::create_directories(path.parent_path(), code);
    TRITTER_RETURN_IF_ERROR(writeFileAtomically(path.string(), contentsOf(*file)));
  }
  return {};
}

} // namespace tritter
