#include "runtime/jobs/evaluate.h"

#include "runtime/checkpoint/atomic_file.h"
#include "runtime/checkpoint/not_finite.h"
#include "runtime/checkpoint/output_file.h"
#include "runtime/jobs/facts.h"
#include "runtime/jobs/sources.h"
#include "runtime/jobs/text_bytes.h"

#include <cmath>

using namespace tritter;

using TokenFiles = std::vector<std::shared_ptr<const TokenFile>>;

static Result<ValidationSet> windowsOf(const EvaluateRequest &request, std::shared_ptr<const TokenFile> file,
                                       ModelProgram &program) {
  return ValidationSet::create(std::move(file), program.batch(), program.sequence(), request.windows);
}

/// Writes the logits of every position that was evaluated. The bytes written.
static Result<uint64_t> writeLogits(const EvaluateRequest &request, std::shared_ptr<const CheckpointReader> checkpoint,
                                    const TokenFiles &files, Compiler &compiler) {
  TRITTER_ASSIGN(std::unique_ptr<LoadedModel> model,
                 LoadedModel::load(checkpoint, request.program, "logits", compiler));
  ModelProgram &program = model->program();
  std::vector<int32_t> tokens, targets;
  TRITTER_ASSIGN(std::unique_ptr<AtomicFile> file, AtomicFile::create(request.logits));
  uint64_t bytes = 0;
  for (const std::shared_ptr<const TokenFile> &data : files) {
    TRITTER_ASSIGN(ValidationSet set, windowsOf(request, data, program));
    for (uint64_t i = 0; i < set.size(); ++i) {
      set.read(i, tokens, targets);
      TRITTER_RETURN_IF_ERROR(program.writeBatch(tokens, targets));
      TRITTER_RETURN_IF_ERROR(program.run("logits"));
      TRITTER_ASSIGN(std::vector<float> values, program.readFloats("logits"));
      // A last batch of fewer windows has them again in the rows that are left.
      values.resize(tokens.size() * model->vocabulary());
      TRITTER_RETURN_IF_ERROR(file->write(bytes, std::as_bytes(std::span(values))));
      bytes += values.size() * sizeof(float);
    }
  }
  TRITTER_RETURN_IF_ERROR(file->commit());
  return bytes;
}

/// The validation files where there are any, else all of --data.
static TokenFiles chooseFiles(const DataArguments &data) {
  if (data.validation)
    return TokenFiles{data.validation};
  TokenFiles files;
  for (const DataFile &file : data.files)
    files.push_back(file.tokens);
  return files;
}

Result<EvaluateResult> tritter::evaluate(const EvaluateRequest &request, Compiler &compiler) {
  TRITTER_RETURN_IF_ERROR(refuseHuggingFace(request.checkpoint));
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(request.checkpoint));
  TRITTER_ASSIGN(std::shared_ptr<const Tokenizer> tokenizer, tokenizerOf(*checkpoint));
  TRITTER_ASSIGN(DataArguments data, openData(request.data, "", request.tokenBytes));
  if (!request.logits.empty())
    TRITTER_RETURN_IF_ERROR(checkReplaceable(request.logits, OutputKind::RawNumbers, request.force));
  TRITTER_ASSIGN(std::unique_ptr<LoadedModel> model,
                 LoadedModel::load(checkpoint, request.program, "evaluate", compiler));
  ModelProgram &program = model->program();
  std::vector<int32_t> tokens, targets;
  EvaluateResult result;
  result.checkpoint = checkpoint->path();
  TRITTER_RETURN_IF_ERROR(data.readFor(static_cast<uint32_t>(model->vocabulary())));
  result.layouts = data.layouts();
  TokenFiles files = chooseFiles(data);
  double sum = 0, bytes = 0;
  bool bytesKnown = true;
  for (const std::shared_ptr<const TokenFile> &file : files) {
    if (tokenizer)
      TRITTER_RETURN_IF_ERROR(checkTokenizer(*file, *tokenizer, request.checkpoint));
    TRITTER_ASSIGN(std::string hash, file->check(static_cast<uint32_t>(model->vocabulary())));
    TRITTER_ASSIGN(ValidationSet set, windowsOf(request, file, program));
    for (uint64_t i = 0; i < set.size(); ++i) {
      set.read(i, tokens, targets);
      TRITTER_ASSIGN(double losses, evaluateWindows(program, tokens, targets));
      sum += losses * static_cast<double>(program.sequence());
    }
    result.tokens += set.tokens();
    std::optional<double> here = textBytesOf(set, tokenizer.get());
    bytesKnown = bytesKnown && here;
    bytes += here.value_or(0);
    result.files.push_back(file->name());
  }
  result.loss = sum / static_cast<double>(result.tokens);
  if (bytesKnown && bytes > 0)
    result.bitsPerByte = sum / std::log(2.0) / bytes;
  result.vocabulary = model->vocabulary();
  if (std::string misfit = describeLongSequence(program.sequence(), modelConfig(*checkpoint)); !misfit.empty())
    result.warnings.push_back(std::move(misfit));
  if (!std::isfinite(result.loss))
    if (std::vector<NotFinite> tensors = findNotFinite(*checkpoint); !tensors.empty())
      result.warnings.push_back(fmt::format("{}: {}", checkpoint->path(), describe(tensors)));
  if (!request.logits.empty()) {
    TRITTER_ASSIGN(result.logitsBytes, writeLogits(request, checkpoint, files, compiler));
  }
  return result;
}
