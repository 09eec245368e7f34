#ifndef TRITTER_RUNTIME_JOBS_SOURCES_H
#define TRITTER_RUNTIME_JOBS_SOURCES_H

#include "runtime/base/status.h"
#include "runtime/checkpoint/checkpoint.h"
#include "runtime/data/sampler.h"
#include "runtime/device/device.h"
#include "runtime/tokenize/tokenizer.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tritter {

/// Opens a checkpoint argument: a file, or a run's folder, meaning its last checkpoint.
Result<std::shared_ptr<const CheckpointReader>> openCheckpoint(const std::string &argument);
/// What went wrong with loading a checkpoint; where that is because it is damaged, which good one there is beside it.
Status explainFailure(Status failure, const CheckpointReader &checkpoint);
/// Whether an argument names a checkpoint or a run, not a model.
bool isCheckpoint(const std::string &argument);
/// A Hugging Face folder with weights is no model to train from scratch: the error says how to import it.
Status refuseHuggingFace(const std::string &argument);

/// The tokenizer that an argument names: `bytes`, a SentencePiece model, or a checkpoint or run that holds one.
Result<std::shared_ptr<const Tokenizer>> openTokenizer(const std::string &argument);
/// The tokenizer in a checkpoint; null where it has none.
Result<std::shared_ptr<const Tokenizer>> tokenizerOf(const CheckpointReader &checkpoint);

/// The token files that --data and --val name, folders resolved.
struct DataArguments {
  std::vector<DataFile> files;
  std::shared_ptr<const TokenFile> validation;
  /// What the data were made with, where that is known; null otherwise.
  std::shared_ptr<const Tokenizer> tokenizer;

  /// Reads files without a header, whose width was guessed, as a model of `vocabulary` tokens needs them.
  Status readFor(uint32_t vocabulary);
  /// "FILE: a NumPy array of int32, 4,000 tokens" of each file that does not say itself how it is to be read.
  std::vector<std::string> layouts() const;
};
Result<DataArguments> openData(const std::vector<std::string> &data, const std::string &validation, int tokenBytes);
/// Whether a token file may be read with a tokenizer; `owner` says whose that is.
Status checkTokenizer(const TokenFile &file, const Tokenizer &tokenizer, const std::string &owner);

/// An error that says what would fit, where the executable's arenas exceed the memory that the device has free.
Status checkMemory(const Executable &executable, const Device &device, uint64_t accumulate);
uint64_t memoryOf(const Executable &executable);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_SOURCES_H
