#ifndef TRITTER_RUNTIME_JOBS_CHECK_H
#define TRITTER_RUNTIME_JOBS_CHECK_H

#include "runtime/base/status.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tritter {

/// A tensor of a checkpoint, after its bytes were read and found to match its hash.
struct CheckedTensor {
  std::string name, kind, dtype;
  std::vector<uint64_t> shape;
  uint64_t bytes = 0;
  /// 64 hexadecimal digits.
  std::string hash;
};

/// What a file is that was read to its last byte and found whole.
struct CheckResult {
  /// checkpoint, executable or token file.
  std::string kind;
  /// The file: of a run, its last checkpoint.
  std::string path;
  uint64_t bytes = 0;
  /// What tells it from other files of its kind: a checkpoint's identity, an executable's fingerprint, the hash of
  /// tokens.
  std::string identity;
  /// What is in it, for people: "34 tensors", "5 entries, 26 kernels, code for cpu", "1,000 tokens of 2 bytes".
  std::string contents;
  /// Of checkpoints.
  std::vector<CheckedTensor> tensors;
  double seconds = 0;
};

struct CheckRequest {
  std::string file;
  /// Called from time to time, with bytes.
  std::function<void(uint64_t done, uint64_t total)> progress;
};

/// Reads all of a checkpoint (.tckpt; a run means its last one), an executable (.texe) or a token file (.bin), told
/// apart by how they begin. Fails with what is damaged, or where the file is none of them.
Result<CheckResult> check(const CheckRequest &request);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_CHECK_H
