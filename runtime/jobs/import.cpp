#include "runtime/jobs/import.h"
#include "runtime/base/paths.h"

#include <filesystem>

using namespace tritter;

Result<ImportReport> tritter::importModel(const ImportRequest &request, Compiler &compiler) {
  if (!pathExists(request.folder))
    return error("{}: there is no such folder", request.folder);
  if (!looksLikeHuggingFaceFolder(request.folder))
    return error("{}: is no Hugging Face folder: it has no config.json", request.folder);
  const std::string &model = request.executable.empty() ? request.folder : request.executable;
  TRITTER_ASSIGN(CompiledExecutable compiled, compiler.compile({model, "", {{"entries", "none"}}}));
  return importFolder(request.folder, **compiled.executable, request.output);
}
