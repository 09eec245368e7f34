#include "runtime/jobs/import.h"
#include "runtime/huggingface/folder.h"

using namespace tritter;

Result<ImportReport> tritter::importModel(const ImportRequest &request, Compiler &compiler) {
  TRITTER_ASSIGN(HuggingFaceFolder folder, HuggingFaceFolder::open(request.folder));
  ExecutableRequest wanted{request.executable.empty() ? request.folder : request.executable, "", {{"entries", "none"}}};
  if (folder.isConfigCorrected)
    wanted.configuration = folder.config.dump();
  TRITTER_ASSIGN(CompiledExecutable compiled, compiler.compile(wanted));
  return importFolder(folder, **compiled.executable, request.output);
}
