#include "runtime/jobs/grow.h"

#include "runtime/base/paths.h"
#include "runtime/checkpoint/output_file.h"
#include "runtime/jobs/sources.h"

#include <filesystem>

using namespace tritter;
namespace fs = std::filesystem;

Result<GrowResult> tritter::grow(const GrowRequest &request, Compiler &compiler) {
  TRITTER_RETURN_IF_ERROR(refuseHuggingFace(request.base));
  GrowResult result;
  TRITTER_ASSIGN(result.base, openCheckpoint(request.base));
  std::error_code code;
  if (fs::equivalent(result.base->path(), request.output, code))
    return error("-o {}: is the base itself; name another file", request.output);
  if (isFolder(request.output))
    return error("-o {}: is a folder; name a file, such as {}/grown.tckpt", request.output, request.output);
  TRITTER_RETURN_IF_ERROR(checkReplaceable(request.output, OutputKind::Checkpoint, request.force));
  bool says = request.growth.find("method") || request.growth.find("pipeline") || request.growth.find("growth");
  if (request.executable.empty() && !says)
    return error("--method is missing: tritter-run expand --help lists them, and other ways to say what to grow");
  ExecutableRequest wanted;
  if (request.executable.empty())
    wanted = requestFor(*result.base, request.growth);
  else
    wanted.input = request.executable;
  TRITTER_ASSIGN(CompiledExecutable compiled, compiler.compile(wanted));
  result.growth = compiled.executable;
  TRITTER_ASSIGN(result.report,
                 growCheckpoint(*result.base, **result.growth, request.output,
                                {.moments = request.moments, .verifyBase = true, .progress = request.progress}));
  result.notFinite = findNotFinite(*result.base);
  return result;
}
