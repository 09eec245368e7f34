#ifndef TRITTER_RUNTIME_JOBS_TOKENIZE_H
#define TRITTER_RUNTIME_JOBS_TOKENIZE_H

#include "runtime/base/status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tritter {

struct TokenizeRequest {
  /// Text files, JSON lines with a `text` in each, either of them compressed by gzip or zstd, or folders; of folders only files whose names match
  /// `include` (none: all that look like text) and none of `exclude`.
  std::vector<std::string> inputs, include, exclude;
  /// `bytes`, a SentencePiece model, a checkpoint or a run. Empty: `bytes`, or one made from the text.
  std::string tokenizer;
  /// Pieces of a SentencePiece model that is trained on the text; 0: none is.
  uint32_t pieces = 0;
  /// The part of the text, in whole files, that becomes val.bin; `seed` chooses them.
  double validationShare = 0;
  uint64_t seed = 1;
  /// The folder for train.bin, val.bin and tokenizer.model.
  std::string output;
};

struct TokenizeResult {
  /// What one of the token files came to.
  struct File {
    std::string path;
    uint64_t files = 0, bytes = 0, tokens = 0;
  };
  std::string tokenizerKind, tokenizerHash;
  uint32_t vocabulary = 0;
  /// The tokenizer's file; empty where it needs none.
  std::string tokenizerPath;
  /// Of training or opening the tokenizer.
  double tokenizerSeconds = 0;
  File train;
  std::optional<File> validation;
  /// What was assumed of the files, and what was left out.
  std::vector<std::string> notes;
  /// How much of the text the tokenizer has no pieces for, and what it is; empty where it has.
  std::string unknown;
  uint64_t unknownTokens = 0;
};

/// Makes token files of text.
Result<TokenizeResult> tokenize(const TokenizeRequest &request);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_TOKENIZE_H
