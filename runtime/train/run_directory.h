#ifndef TRITTER_RUNTIME_TRAIN_RUN_DIRECTORY_H
#define TRITTER_RUNTIME_TRAIN_RUN_DIRECTORY_H

#include "runtime/base/status.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace tritter {

/// A run's folder: step-000200.tckpt ..., links last.tckpt and best.tckpt, log.jsonl, val.jsonl, config.toml and
/// TensorBoard's events.
class RunDirectory {
public:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  /// Makes the folder for a new run; an error where it holds one already.
  Status create() const;

  const std::filesystem::path &path() const { return path_; }
  std::filesystem::path checkpoint(uint64_t step) const;
  std::filesystem::path last() const { return path_ / "last.tckpt"; }
  std::filesystem::path best() const { return path_ / "best.tckpt"; }
  /// The step of last.tckpt.
  std::optional<uint64_t> lastStep() const;

  /// Points `link` (last() or best()) at the checkpoint of a step, in one move.
  Status point(const std::filesystem::path &link, uint64_t step) const;
  /// Removes all but the newest `keep` checkpoints (0: none) and those that the links name.
  void prune(uint64_t keep) const;

private:
  std::filesystem::path path_;
};

/// The file of a checkpoint argument: itself, or the last checkpoint of a run's folder. The error says what the path
/// is instead.
Result<std::string> findCheckpoint(const std::string &path);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_RUN_DIRECTORY_H
