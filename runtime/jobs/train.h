#ifndef TRITTER_RUNTIME_JOBS_TRAIN_H
#define TRITTER_RUNTIME_JOBS_TRAIN_H

#include "runtime/jobs/compiler.h"
#include "runtime/jobs/sources.h"
#include "runtime/train/observer.h"
#include "runtime/train/options.h"
#include "runtime/train/run_directory.h"
#include "runtime/train/run_lock.h"
#include "runtime/train/trainer.h"

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tritter {

struct TrainRequest {
  /// Of the run. `options.model` is what a new run starts from: a model, a checkpoint, or a run.
  TrainOptions options;
  /// The names of the options that were asked for. A run resumed takes the rest from its checkpoint; a new run takes
  /// the seed from its checkpoint where it is not among them.
  std::vector<std::string> given;
  /// The folder of the run. Empty where it is only planned.
  std::string output;
  /// `output` holds a run, or is one of a run's checkpoints, which goes on from there: only --steps may grow, and the
  /// data may lie elsewhere.
  bool resume = false;
  /// A .texe in the place of compiling the model.
  std::string executable;
};

/// A run made ready: everything opened, compiled and checked, nothing written.
struct PreparedRun {
  /// Resolved.
  TrainOptions options;
  RunDirectory directory{""};
  /// Of a run that goes on; a new one is locked when it is made.
  std::optional<RunLock> lock;
  /// What becomes of the schedule of a run that goes on for longer than it was made for; empty where it stays as it was.
  std::string bentSchedule;
  /// What is worth a warning before the run begins, a sentence each.
  std::vector<std::string> warnings;
  /// The checkpoint that the run starts from or goes on from; null for a model from scratch.
  std::shared_ptr<const CheckpointReader> source;
  bool resume = false;
  /// Null where the model knows none.
  std::shared_ptr<const Tokenizer> tokenizer;
  WatchedData watched;
  /// Hashes of the token files, in the order of --data.
  std::vector<std::string> dataHashes;
  /// How token files are read that do not say it themselves.
  std::vector<std::string> layouts;
  std::optional<Sampler> sampler;
  std::optional<ValidationSet> validation;
  /// Bytes of the text that it stands for, where they are known.
  std::optional<double> validationBytes;
  CompiledExecutable compiled;
  std::unique_ptr<Device> device;
};

/// Says what is missing or does not fit before anything is written.
Result<PreparedRun> prepareRun(const TrainRequest &request, Compiler &compiler);

/// What a run costs before it is begun.
struct RunCost {
  uint64_t parameters = 0, trained = 0;
  /// Of training on one token, and of the whole run.
  double operationsPerToken = 0, operations = 0;
  uint64_t tokensPerStep = 0;
  double tokens = 0;
  /// How often the data are read.
  double epochs = 0;
};
RunCost costOf(const PreparedRun &run);

/// What only running tells.
struct RunTime {
  double secondsPerStep = 0, seconds = 0;
  /// Of one checkpoint, and how many are kept.
  double checkpointBytes = 0;
  uint64_t checkpoints = 0;
};
/// Times two steps, on no data; nothing is written.
Result<RunTime> timeRun(PreparedRun &run);

/// Trains to the last step, or until `stop` is set: then the step being worked on is finished, and a checkpoint
/// written. Beside the checkpoints the run's folder gets its log and its configuration. The observers are told what
/// happens, in their order.
Result<TrainOutcome> train(PreparedRun run, Compiler &compiler, std::span<TrainObserver *const> observers = {},
                           const std::atomic<bool> &stop = false);

/// What the compiler is asked for: that which training needs of a program, and what the options name beyond it.
Result<OptionList> stepOptions(const TrainOptions &options, const Tokenizer *tokenizer);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_TRAIN_H
