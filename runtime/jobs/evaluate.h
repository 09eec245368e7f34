#ifndef TRITTER_RUNTIME_JOBS_EVALUATE_H
#define TRITTER_RUNTIME_JOBS_EVALUATE_H

#include "runtime/jobs/loaded_model.h"

#include <optional>
#include <string>
#include <vector>

namespace tritter {

struct EvaluateRequest {
  /// A checkpoint, or a run, meaning its last one.
  std::string checkpoint;
  /// Token files, or folders (their val.bin).
  std::vector<std::string> data;
  /// 2 or 4 in files without llm.c's header; 0: as the file says.
  int tokenBytes = 0;
  /// Windows of each file that are read; 0: all.
  uint64_t windows = 0;
  /// A file for every position's logits, as raw f32, in order; empty: none.
  std::string logits;
  /// Whether that file may take the place of one of another kind.
  bool force = false;
  ProgramRequest program{.batch = 8};
};

struct EvaluateResult {
  std::string checkpoint;
  /// Names of the files read.
  std::vector<std::string> files;
  /// How those were read that do not say it themselves.
  std::vector<std::string> layouts;
  uint64_t tokens = 0;
  /// Mean over the tokens, in nats.
  double loss = 0;
  /// Absent where it is not known how much text the tokens stand for.
  std::optional<double> bitsPerByte;
  /// Bytes of logits written, and logits of a position.
  uint64_t logitsBytes = 0, vocabulary = 0;
  /// What is worth a warning, a sentence each.
  std::vector<std::string> warnings;
};

/// Loss of a checkpoint on token files.
Result<EvaluateResult> evaluate(const EvaluateRequest &request, Compiler &compiler);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_EVALUATE_H
