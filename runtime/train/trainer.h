#ifndef TRITTER_RUNTIME_TRAIN_TRAINER_H
#define TRITTER_RUNTIME_TRAIN_TRAINER_H

#include "runtime/checkpoint/checkpoint.h"
#include "runtime/data/sampler.h"
#include "runtime/data/watched_data.h"
#include "runtime/train/model_program.h"
#include "runtime/train/observer.h"
#include "runtime/train/options.h"
#include "runtime/train/parameters.h"
#include "runtime/train/run_directory.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tritter {

/// What a run needs; resolved options, everything opened.
struct TrainerInputs {
  TrainOptions options;
  ModelProgram *program = nullptr;
  std::optional<Sampler> sampler;
  std::optional<ValidationSet> validation;
  /// Bytes of the text that it stands for, where they are known.
  std::optional<double> validationBytes;
  /// The token files that training reads; none is watched where there are none.
  WatchedData watched;
  /// Hashes of the token files, in the order of --data.
  std::vector<std::string> dataHashes;
  /// Kept where the source has none.
  std::optional<schema::TokenizerRecordT> tokenizer;
  /// Where the parameters come from: the checkpoint resumed, or that which a new run starts from.
  std::shared_ptr<const CheckpointReader> source;
  bool resume = false;
  /// The source is this run's own beginning, just initialised, and no checkpoint of the user's.
  bool fromScratch = false;
  RunDirectory directory{""};
  std::vector<TrainObserver *> observers;
  /// Makes the same model with the entry `logits`, a window at a time: asked for when numbers stop being finite, to
  /// find out where. May be null.
  std::function<Result<std::unique_ptr<ModelProgram>>()> makeForward;
};

struct TrainOutcome {
  uint64_t step = 0;
  double loss = 0;
  std::optional<double> validationLoss, bestLoss;
  std::string checkpoint;
  std::string identity;
  /// Ended before its last step because `stop` was set.
  bool stopped = false;
};

/// The training loop: batches in, entries run by name, losses out; validation, checkpoints, and exact resume.
class Trainer {
public:
  /// Loads parameters and optimizer state into the session, and takes up the state of the source: all of it on a
  /// resume; for a new run the moments (unless reset), the operations spent, and the data position where the data are
  /// the same.
  static Result<std::unique_ptr<Trainer>> create(TrainerInputs inputs);

  /// To the last step, or until `stop` is set: then the step being worked on is finished, and a checkpoint written. A
  /// checkpoint that cannot be written on the way is tried again; only the last one has to be.
  Result<TrainOutcome> run(const std::atomic<bool> &stop);

  uint64_t step() const { return state_.step; }
  bool carriedMoments() const { return carriedMoments_; }
  bool carriedPosition() const { return carriedPosition_; }
  DataPosition position() const { return inputs_.sampler ? inputs_.sampler->position() : DataPosition(); }

private:
  explicit Trainer(TrainerInputs inputs) : inputs_(std::move(inputs)) {}

  Status start();
  Status writeGroup(std::string_view scalar, const std::string &group, double value);
  void takeUp(const schema::TrainingStateT &stored);
  void takeUpPosition(const schema::TrainingStateT &stored);
  Status writeConstants();
  Status queueStep(uint64_t step);
  Status checkData();
  Status readNextBatch();
  Result<StepReport> readSteps();
  Status notApplied(std::string_view what);
  Result<std::optional<ValidationReport>> validate(const std::atomic<bool> &stop);
  Status save();
  void trySave();
  Status saveAtLast();
  Status endEarly();
  void warn(const std::string &text);
  schema::ManifestT manifest() const;

  TrainerInputs inputs_;
  Schedule schedule_;
  schema::ManifestT base_;
  schema::TrainingStateT state_;
  /// This run's updates and those before, which the states carried.
  GroupUpdates updates_;
  double operationsPerToken_ = 0;
  std::string parent_;
  std::optional<double> validationLoss_;
  std::optional<uint64_t> savedStep_;
  /// When a save last failed, where one is still due; 0 otherwise.
  double failedSave_ = 0;
  /// Why the run cannot go on with its data; ok() where it can.
  Status dataFailure_;
  uint64_t bestStep_ = 0;
  std::string identity_;
  bool carriedMoments_ = false, carriedPosition_ = false;
  std::vector<int32_t> tokens_, targets_;
  /// The steps queued since their numbers were last read: how many, and the time that the host spent on them.
  uint64_t unread_ = 0;
  double unreadSeconds_ = 0;
  double learningRate_ = 0;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_TRAINER_H
