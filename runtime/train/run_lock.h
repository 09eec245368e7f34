#ifndef TRITTER_RUNTIME_TRAIN_RUN_LOCK_H
#define TRITTER_RUNTIME_TRAIN_RUN_LOCK_H

#include "runtime/base/status.h"

#include <filesystem>

namespace tritter {

/// A run is one process's: it holds the lock of its folder for as long as it lives. The system lets go of it however
/// the process ends; nothing is left in the folder.
class RunLock {
public:
  /// The error names the process that has it.
  static Result<RunLock> take(const std::filesystem::path &folder);
  RunLock(RunLock &&other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  RunLock &operator=(RunLock &&other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~RunLock();

private:
  explicit RunLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_RUN_LOCK_H
