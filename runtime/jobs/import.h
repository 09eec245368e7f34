#ifndef TRITTER_RUNTIME_JOBS_IMPORT_H
#define TRITTER_RUNTIME_JOBS_IMPORT_H

#include "runtime/huggingface/huggingface.h"
#include "runtime/jobs/compiler.h"

#include <string>

namespace tritter {

struct ImportRequest {
  /// A Hugging Face folder: config.json, and model.safetensors or its shards.
  std::string folder;
  /// The checkpoint to write.
  std::string output;
  /// A .texe of the folder's model, in the place of compiling it.
  std::string executable;
};

/// Makes a checkpoint of a Hugging Face folder.
Result<ImportReport> importModel(const ImportRequest &request, Compiler &compiler);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_IMPORT_H
