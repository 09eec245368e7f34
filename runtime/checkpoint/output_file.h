#ifndef TRITTER_RUNTIME_CHECKPOINT_OUTPUT_FILE_H
#define TRITTER_RUNTIME_CHECKPOINT_OUTPUT_FILE_H

#include "runtime/base/status.h"

#include <string>

namespace tritter {

/// What is going to be written.
enum class OutputKind {
  Checkpoint,
  /// An HTML page.
  Page,
  /// Numbers without a header.
  RawNumbers
};

/// The file that is written where `path` is asked for: the path itself, or what it links to. An error where that is
/// there and no regular file: a folder, a device, a pipe.
Result<std::string> outputPath(const std::string &path);

/// Whether an output may take the place of what is under `path`, which is asked before the work. A new file, an empty
/// one, and a page or numbers for the same may; a checkpoint, and what is of another kind, only where `force` says so.
Status checkReplaceable(const std::string &path, OutputKind kind, bool force);

} // namespace tritter

#endif // TRITTER_RUNTIME_CHECKPOINT_OUTPUT_FILE_H
