#include "runtime/jobs/check.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"
#include "runtime/checkpoint/format.h"
#include "runtime/data/token_file.h"
#include "runtime/executable/executable.h"
#include "runtime/jobs/facts.h"
#include "runtime/jobs/sources.h"

#include <array>
#include <chrono>
#include <filesystem>
#include <fmt/ranges.h>
#include <fstream>

using namespace tritter;

static Result<CheckResult> checkCheckpoint(const CheckRequest &request) {
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(request.file));
  CheckResult result;
  result.kind = "checkpoint";
  result.path = checkpoint->path();
  result.identity = checkpoint->identity();
  uint64_t total = 0, done = 0;
  for (const schema::Tensor *tensor : *checkpoint->manifest().tensors())
    total += tensor->bytes();
  for (const schema::Tensor *tensor : *checkpoint->manifest().tensors()) {
    TRITTER_RETURN_IF_ERROR(checkpoint->verify(*tensor));
    checkpoint->release();
    result.tensors.push_back({tensor->name()->str(),
                              tensor->kind()->str(),
                              std::string(nameOf(tensor->dtype())),
                              {tensor->shape()->begin(), tensor->shape()->end()},
                              tensor->bytes(),
                              hexadecimal({tensor->hash()->data(), tensor->hash()->size()})});
    done += tensor->bytes();
    if (request.progress)
      request.progress(done, total);
  }
  TRITTER_RETURN_IF_ERROR(checkpoint->verifyPadding());
  result.contents = fmt::format("{} tensors", grouped(result.tensors.size()));
  return result;
}

static Result<CheckResult> checkExecutable(const std::string &path) {
  TRITTER_ASSIGN(std::shared_ptr<const Executable> loaded, Executable::load(path));
  const Executable &executable = *loaded;
  CheckResult result;
  result.kind = "executable";
  result.identity = textOf(executable->fingerprint());
  std::vector<std::string> targets;
  for (const schema::Target *target : elements(executable->targets()))
    targets.push_back(std::string(textOf(target->name())));
  result.contents =
      fmt::format("{} entries, {} kernels, {}", sizeOf(executable->entries()), sizeOf(executable->kernels()),
                  targets.empty() ? "no native code" : fmt::format("native code for {}", fmt::join(targets, ", ")));
  if (executable->growth())
    result.contents += fmt::format(", a growth of {} parameters", sizeOf(executable->parameters()));
  return result;
}

static Result<CheckResult> checkTokens(const std::string &path) {
  TRITTER_ASSIGN(std::shared_ptr<const TokenFile> file, TokenFile::open(path));
  CheckResult result;
  result.kind = "token file";
  uint32_t vocabulary = file->header().vocabulary;
  TRITTER_ASSIGN(result.identity, file->check(vocabulary ? vocabulary : UINT32_MAX));
  result.contents = fmt::format("{} tokens of {} bytes", grouped(file->size()), file->tokenBytes());
  if (vocabulary)
    result.contents += fmt::format(", all below {}", grouped(vocabulary));
  return result;
}

/// The first bytes of a file; fewer where it has no more, or cannot be read.
static std::string beginningOf(const std::string &path) {
  std::array<char, 8> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  return std::string(bytes.data(), static_cast<size_t>(file.gcount()));
}

Result<CheckResult> tritter::check(const CheckRequest &request) {
  auto start = std::chrono::steady_clock::now();
  std::string beginning = beginningOf(request.file);
  bool executable = beginning.size() == 8 && beginning.substr(4) == "TTEX";
  Result<CheckResult> result = executable || request.file.ends_with(".texe") ? checkExecutable(request.file)
                               : isCheckpoint(request.file)                  ? checkCheckpoint(request)
                                                                             : checkTokens(request.file);
  if (!result.ok())
    return result;
  if (result->path.empty())
    result->path = request.file;
  std::error_code ignored;
  result->bytes = std::filesystem::file_size(result->path, ignored);
  result->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}
