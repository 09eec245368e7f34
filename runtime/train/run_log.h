#ifndef TRITTER_RUNTIME_TRAIN_RUN_LOG_H
#define TRITTER_RUNTIME_TRAIN_RUN_LOG_H

#include "runtime/base/status.h"
#include "runtime/train/observer.h"
#include "runtime/train/tensorboard.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace tritter {

/// Writes log.jsonl (one object a step: step, loss, grad_norm, lr, tokens, seconds, tokens_per_s, flops, and val_loss
/// where it was measured), val.jsonl (one object a validation, that of step 0 too) and TensorBoard's events into a
/// run's folder. Where they cannot be written for a while, what was to be written waits.
class RunLog : public TrainObserver {
public:
  /// Begins the logs, or continues them after the step that was `resumed`: what they hold of later steps, from a run
  /// that was cut off, is dropped. `warn` is told in a sentence when they cannot be written, and when they can again.
  static Result<std::unique_ptr<RunLog>> open(const std::filesystem::path &folder, std::optional<uint64_t> resumed,
                                              std::function<void(const std::string &)> warn = {});
  /// Writes what is waiting, and tries for that long; an error where something is missing in the end.
  Status finish(std::chrono::milliseconds patience = std::chrono::seconds(5));

  void onStart(const ValidationReport &validation) override;
  void onStep(const StepReport &step, const ValidationReport *validation) override;

private:
  void writeValidation(const ValidationReport &validation);
  /// Takes the outcomes of all that was written of one report.
  void note(Status status);
  /// Whether nothing is waiting; tries to write it.
  Status flush();
  std::unique_ptr<AppendFile> steps_, validations_;
  std::unique_ptr<TensorBoardWriter> events_;
  std::function<void(const std::string &)> warn_;
  bool failing_ = false;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_RUN_LOG_H
