#ifndef TRITTER_RUNTIME_JOBS_TEXT_BYTES_H
#define TRITTER_RUNTIME_JOBS_TEXT_BYTES_H

#include "runtime/data/sampler.h"
#include "runtime/tokenize/tokenizer.h"

#include <optional>

namespace tritter {

/// The bytes of the text that one pass over a validation set predicts: counted token by token where the tokenizer is
/// known (not null); else the file's header says it, where every window is read, for texts of one file compress unlike.
/// Absent where neither says.
std::optional<double> textBytesOf(const ValidationSet &set, const Tokenizer *tokenizer);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_TEXT_BYTES_H
