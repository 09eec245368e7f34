#ifndef TRITTER_RUNTIME_TRAIN_RUN_DIRECTORY_H
#define TRITTER_RUNTIME_TRAIN_RUN_DIRECTORY_H

#include "runtime/base/status.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tritter {

/// A run's folder: step-000200.tckpt ..., links last.tckpt and best.tckpt, log.jsonl, val.jsonl, config.toml and
/// TensorBoard's events.
class RunDirectory {
public:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  /// The run that a checkpoint's path (links followed) is part of, by its name and place; nothing where it is none.
  static std::optional<RunDirectory> ofCheckpoint(const std::filesystem::path &checkpoint);

  /// An error where the folder holds a run already.
  Status refuseRun() const;

  const std::filesystem::path &path() const { return path_; }
  std::filesystem::path checkpoint(uint64_t step) const;
  std::filesystem::path last() const { return path_ / "last.tckpt"; }
  std::filesystem::path best() const { return path_ / "best.tckpt"; }
  /// The steps of the checkpoints that are there, the newest first.
  std::vector<uint64_t> steps() const;
  /// The step of last.tckpt, or, where that is missing, of the newest checkpoint.
  std::optional<uint64_t> lastStep() const;
  /// The newest checkpoint whose every byte is as it was written; `except` is not looked at.
  std::optional<std::filesystem::path> newestGood(const std::filesystem::path &except = {}) const;

  /// Points `link` (last() or best()) at the checkpoint of a step, in one move.
  Status point(const std::filesystem::path &link, uint64_t step) const;
  /// Removes all but the newest `keep` checkpoints (0: none) and those that the links name.
  void prune(uint64_t keep) const;
  /// Goes back to the checkpoint of a step: last.tckpt names it, and what the run made later is moved into a folder
  /// inside, with a copy of the logs. That folder; empty where nothing was later.
  Result<std::filesystem::path> goBack(uint64_t step) const;

private:
  std::filesystem::path path_;
};

/// The file of a checkpoint argument: itself, or the last checkpoint of a run's folder. The error says what the path
/// is instead.
Result<std::string> findCheckpoint(const std::string &path);

/// To be added to what is said of a checkpoint that is damaged or missing: "; the newest good one there is ...", and how
/// to go on from it. Empty where it is part of no run, or none is good.
std::string goodCheckpointBeside(const std::filesystem::path &checkpoint);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_RUN_DIRECTORY_H
