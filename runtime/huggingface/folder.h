#ifndef TRITTER_RUNTIME_HUGGINGFACE_FOLDER_H
#define TRITTER_RUNTIME_HUGGINGFACE_FOLDER_H

#include "runtime/huggingface/names.h"
#include "runtime/huggingface/safetensors.h"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tritter {

/// A Hugging Face folder opened for reading: its configuration, its family, and every tensor of its safetensors files.
struct HuggingFaceFolder {
  struct Place {
    const SafetensorsFile *file;
    const SafetensorsEntry *entry;
  };

  std::string path;
  nlohmann::json config;
  const Family *family = nullptr;
  std::vector<std::unique_ptr<SafetensorsFile>> files;
  std::map<std::string, Place> tensors;

  static Result<HuggingFaceFolder> open(const std::string &path);
};

/// The JSON object in a file.
Result<nlohmann::json> readJsonFile(const std::string &path);
/// All of a small file.
Result<std::string> readTextFile(const std::string &path);

} // namespace tritter

#endif // TRITTER_RUNTIME_HUGGINGFACE_FOLDER_H
