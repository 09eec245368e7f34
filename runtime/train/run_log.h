#ifndef TRITTER_RUNTIME_TRAIN_RUN_LOG_H
#define TRITTER_RUNTIME_TRAIN_RUN_LOG_H

#include "runtime/base/status.h"
#include "runtime/train/observer.h"
#include "runtime/train/tensorboard.h"

#include <filesystem>
#include <fstream>
#include <memory>

namespace tritter {

/// Writes log.jsonl (one object a step: step, loss, grad_norm, lr, tokens, seconds, tokens_per_s, flops, and val_loss
/// where it was measured), val.jsonl (one object a validation, that of step 0 too) and TensorBoard's events into a
/// run's folder.
class RunLog : public TrainObserver {
public:
  /// Continues the logs after `step`: what they hold of later steps, from a run that was cut off, is dropped.
  static Result<std::unique_ptr<RunLog>> open(const std::filesystem::path &folder, uint64_t step);

  void onStart(const ValidationReport &validation) override;
  void onStep(const StepReport &step, const ValidationReport *validation) override;
  void onSave(const SaveReport &save) override;

private:
  void writeValidation(const ValidationReport &validation);
  std::ofstream steps_, validations_;
  std::unique_ptr<TensorBoardWriter> events_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_RUN_LOG_H
