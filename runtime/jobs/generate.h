#ifndef TRITTER_RUNTIME_JOBS_GENERATE_H
#define TRITTER_RUNTIME_JOBS_GENERATE_H

#include "runtime/eval/generate.h"
#include "runtime/jobs/loaded_model.h"

#include <functional>
#include <string>
#include <string_view>

namespace tritter {

struct GenerateRequest {
  /// A checkpoint, or a run, meaning its last one.
  std::string checkpoint;
  std::string prompt;
  /// In the place of the checkpoint's: `bytes`, a SentencePiece model, or a checkpoint or run that holds one.
  std::string tokenizer;
  /// Tokens, at most.
  uint64_t count = 200;
  SamplingOptions sampling;
  ProgramRequest program;
};

struct GenerateResult {
  std::string checkpoint;
  /// What follows the prompt.
  std::string text;
  uint64_t tokens = 0;
  double seconds = 0;
};

/// Continues a prompt. `onText` gets each piece of text as it is made, and ends the work by returning false.
Result<GenerateResult> generate(const GenerateRequest &request, Compiler &compiler,
                                const std::function<bool(std::string_view)> &onText = {});

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_GENERATE_H
