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

/// A Hugging Face folder opened for reading: its configuration, its family, and every tensor of its safetensors files
/// by the name that the family's class for language models gives it. What the configuration says of the head is made to
/// agree with what is stored, as the reference library does.
struct HuggingFaceFolder {
  struct Place {
    const SafetensorsFile *file;
    const SafetensorsEntry *entry;
  };

  std::string path;
  nlohmann::json config;
  /// Whether `config` is no longer what config.json says, but what its files say.
  bool isConfigCorrected = false;
  const Family *family = nullptr;
  std::vector<std::unique_ptr<SafetensorsFile>> files;
  std::map<std::string, Place> tensors;
  /// What was assumed, a sentence each.
  std::vector<std::string> notes;

  static Result<HuggingFaceFolder> open(const std::string &path);

private:
  Status openFiles();
  Status addTensors(const SafetensorsFile &file, const std::map<std::string, std::string> &index);
  void nameByFamily();
  Status resolveHead();
};

} // namespace tritter

#endif // TRITTER_RUNTIME_HUGGINGFACE_FOLDER_H
