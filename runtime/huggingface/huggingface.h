#ifndef TRITTER_RUNTIME_HUGGINGFACE_HUGGINGFACE_H
#define TRITTER_RUNTIME_HUGGINGFACE_HUGGINGFACE_H

#include "runtime/base/status.h"
#include "runtime/checkpoint/checkpoint.h"
#include "runtime/schema/executable_generated.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tritter {

struct HuggingFaceFolder;

struct ImportReport {
  /// model_type of the folder: llama, mistral, qwen2.
  std::string family;
  size_t tensors = 0;
  uint64_t parameters = 0;
  /// Of the checkpoint.
  uint64_t bytes = 0;
  double seconds = 0;
  /// Tensors that were stored in a type that checkpoints of models do not have (F16, F64), and are F32 now.
  size_t converted = 0;
  /// sentencepiece where the folder has a tokenizer.model; empty where it has none.
  std::string tokenizer;
  std::string identity;
  /// Small files of the folder that the checkpoint carries.
  size_t carriedFiles = 0;
  /// What was assumed, and what was left out, a sentence each.
  std::vector<std::string> notes;
};

/// Writes the weights of a Hugging Face folder (config.json, and model.safetensors or its shards) as a checkpoint, with
/// the folder's small files. `model` is the folder's model (of its `config`), compiled: its parameters' names and
/// shapes, its IR and configuration (the compiler refuses configurations that compute what our models do not). BF16 and
/// F32 stay what they are. Streaming: memory is bounded by a chunk a thread. Errors name the tensor that is missing,
/// unknown, misshapen or not finite.
Result<ImportReport> importFolder(const HuggingFaceFolder &folder, const schema::Executable &model,
                                  const std::string &output,
                                  const std::function<void(uint64_t done, uint64_t total)> &progress = {});

struct ExportOptions {
  /// F32 or BF16; nothing keeps each tensor's own.
  std::optional<schema::DType> dtype;
};

struct ExportReport {
  std::string family;
  size_t tensors = 0;
  uint64_t parameters = 0;
  /// Of model.safetensors.
  uint64_t bytes = 0;
  double seconds = 0;
  size_t converted = 0;
};

/// Writes a checkpoint's values as a folder that Hugging Face's library loads: model.safetensors, then the small files
/// that the checkpoint carries, tokenizer.model where there is one, then config.json, each appearing whole or not at
/// all. A model is of the family that it was imported as, where that can hold it, and keeps what its config.json said
/// beside the model's shape. The folder is made where there is none.
Result<ExportReport> exportFolder(const CheckpointReader &checkpoint, const std::string &folder,
                                  const ExportOptions &options = {});

/// Whether it is a folder with a config.json, which import reads and training does not.
bool looksLikeHuggingFaceFolder(const std::string &path);

} // namespace tritter

#endif // TRITTER_RUNTIME_HUGGINGFACE_HUGGINGFACE_H
