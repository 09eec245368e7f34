#ifndef TRITTER_RUNTIME_TRAIN_OBSERVER_H
#define TRITTER_RUNTIME_TRAIN_OBSERVER_H

#include "runtime/data/sampler.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tritter {

struct StepReport {
  uint64_t step = 0;
  /// Of the whole run.
  uint64_t steps = 0;
  double loss = 0;
  double gradientNorm = 0;
  double learningRate = 0;
  /// Seen in this run so far.
  uint64_t tokens = 0;
  /// Spent so far, in this run and everything before it.
  double operations = 0;
  double seconds = 0;
  double tokensPerSecond = 0;
  /// The parts of a loss that is a weighted sum, by name and before their weights; empty where it has one.
  std::vector<std::pair<std::string, double>> terms = {};
};

struct ValidationReport {
  uint64_t step = 0;
  uint64_t steps = 0;
  uint64_t tokens = 0;
  double operations = 0;
  double loss = 0;
  double perplexity = 0;
  /// Absent where it is not known how much text the tokens stand for.
  std::optional<double> bitsPerByte;
  double seconds = 0;
  /// The lowest of the run so far.
  bool best = false;
};

struct SaveReport {
  std::string path;
  uint64_t bytes = 0;
  double seconds = 0;
};

/// What a new run takes over from the checkpoint that it starts from, beside the weights.
struct TakeUpReport {
  bool moments = false;
  /// Whether the data go on where the checkpoint left off; `position` says where.
  bool data = false;
  DataPosition position;
};

/// Told of what a run does, in order: onStep for every step (with its validation, where there was one), then onSave.
/// Before the first step of a new run, onTakeUp where it starts from a checkpoint, and onStart with the validation of
/// what it starts from.
class TrainObserver {
public:
  virtual ~TrainObserver() = default;
  virtual void onTakeUp(const TakeUpReport &) {}
  virtual void onStart(const ValidationReport &) {}
  virtual void onStep(const StepReport &, const ValidationReport *) {}
  virtual void onSave(const SaveReport &) {}
  /// Something is not as it should be, and the run goes on: a sentence.
  virtual void onWarning(const std::string &) {}
  /// The run ends early, as it was asked to: `step` was its last one. A last onSave may follow.
  virtual void onStop(uint64_t step) {}
};

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_OBSERVER_H
