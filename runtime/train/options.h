#ifndef TRITTER_RUNTIME_TRAIN_OPTIONS_H
#define TRITTER_RUNTIME_TRAIN_OPTIONS_H

#include "runtime/base/status.h"
#include "runtime/data/sampler.h"
#include "runtime/device/registry.h"
#include "runtime/train/schedule.h"

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tritter {

enum class Moments { Carry, Reset };

/// Everything that decides a run. Written as config.toml beside it and into its checkpoints, so that a resume is the
/// same run; `describe` below is the one list of the options, for the command line and the files alike.
struct TrainOptions {
  std::string model;
  std::vector<std::string> data;
  std::string validation;
  std::string tokenizer;
  int tokenBytes = 0;
  Order order = Order::Shuffled;

  uint64_t steps = 0;
  uint64_t batch = 8;
  uint64_t sequence = 256;
  uint64_t accumulate = 1;
  std::string precision = "f32";
  std::string trainOnly;
  /// Empty: as the checkpoint's states need it (groupsByUpdates in train/groups.h).
  std::string groups;
  uint64_t seed = 1;

  double learningRate = 1e-3;
  /// Below 0: a tenth of the peak.
  double minimumRate = -1;
  ScheduleKind schedule = ScheduleKind::Cosine;
  /// Below 0: a twentieth of the steps.
  int64_t warmup = -1;
  double decay = 0.2;
  /// 0: `steps`.
  uint64_t scheduleSteps = 0;
  double beta1 = 0.9;
  double beta2 = 0.95;
  double epsilon = 1e-8;
  double weightDecay = 0.1;
  double clip = 1.0;
  Moments moments = Moments::Carry;

  /// 0: ten times in the run.
  uint64_t evaluateEvery = 0;
  uint64_t evaluateWindows = 64;
  /// 0: when it evaluates.
  uint64_t saveEvery = 0;
  uint64_t keep = 3;
  uint64_t logEvery = 1;

  std::string device = "cpu";
  int threads = 0;
  bool noNative = false;
  /// Further options of tritter-compile, NAME=VALUE. What is not here is its own default.
  std::vector<std::string> compile;

  /// Whether every value is in its range; the error names the option.
  Status check() const;
  /// Puts numbers in the place of everything left to a default above.
  void resolve();
  Schedule makeSchedule() const;
};

inline constexpr std::array<std::pair<const char *, Order>, 2> orderNames = {
    {{"shuffled", Order::Shuffled}, {"sequential", Order::Sequential}}};
inline constexpr std::array<std::pair<const char *, ScheduleKind>, 4> scheduleNames = {
    {{"constant", ScheduleKind::Constant},
     {"linear", ScheduleKind::Linear},
     {"cosine", ScheduleKind::Cosine},
     {"wsd", ScheduleKind::Wsd}}};
inline constexpr std::array<std::pair<const char *, Moments>, 2> momentsNames = {
    {{"carry", Moments::Carry}, {"reset", Moments::Reset}}};

/// Calls visitor(name, field, help) for each option, visitor(name, field, names, help) for one of a few words.
template <typename Options, typename Visitor> void describe(Options &o, Visitor &&visitor) {
  visitor("data", o.data,
          "token file, or a folder with train.bin; again for more, FILE=0.2 for a share of what is read");
  visitor("val", o.validation, "token file for validation (default: val.bin of a --data folder)");
  visitor("tokenizer", o.tokenizer, "`bytes`, or a SentencePiece model (default: what the data were made with)");
  visitor("token-bytes", o.tokenBytes, "bytes a token in files without a header: 1, 2, 4 or 8 (default: as the file and the vocabulary say)");
  visitor("order", o.order, orderNames, "of the windows: a seeded permutation of each epoch, or as they stand");
  visitor("steps", o.steps, "optimizer steps of the whole run; 0 writes the model as it is");
  visitor("batch", o.batch, "sequences in a batch");
  visitor("seq", o.sequence, "tokens in a sequence");
  visitor("accumulate", o.accumulate, "batches whose gradients make one step");
  visitor("precision", o.precision, "of activations and products: f32, bf16 (f32 masters) or f64");
  visitor("train-only", o.trainOnly, "`new` (what the last growth added) or globs of parameters, comma between");
  visitor(
      "groups", o.groups,
      "NAME:GLOB or NAME:GLOB@FACTOR of --lr, comma between: parameters that count their updates together (default: as "
      "the checkpoint's moments need it)");
  visitor("seed", o.seed, "of the initial weights and of the data's order");
  visitor("lr", o.learningRate, "peak learning rate");
  visitor("min-lr", o.minimumRate, "where the schedule ends (default: a tenth of --lr)");
  visitor("schedule", o.schedule, scheduleNames, "of the learning rate");
  visitor("warmup", o.warmup, "steps of linear warm-up (default: a twentieth of the steps)");
  visitor("decay", o.decay, "part of the steps over which wsd decays");
  visitor("schedule-steps", o.scheduleSteps, "steps that the schedule is made for (default: --steps)");
  visitor("beta1", o.beta1, "of AdamW");
  visitor("beta2", o.beta2, "of AdamW");
  visitor("epsilon", o.epsilon, "of AdamW");
  visitor("weight-decay", o.weightDecay, "of AdamW; never on norms and biases");
  visitor("clip", o.clip, "largest norm of the gradient; 0: any");
  visitor("moments", o.moments, momentsNames, "what a new run does with the optimizer moments of its checkpoint");
  visitor("eval-every", o.evaluateEvery, "steps between validations (default: a tenth of the run)");
  visitor("eval-windows", o.evaluateWindows, "windows of the validation file that are read; 0: all");
  visitor("save-every", o.saveEvery, "steps between checkpoints (default: after each validation)");
  visitor("keep", o.keep, "newest checkpoints that stay, beside the best; 0: all");
  visitor("log-every", o.logEvery, "steps between two readings of the loss, which the device waits for");
  visitor("device", o.device, deviceNames().c_str());
  visitor("threads", o.threads, "0: as many as there are");
  visitor("no-native", o.noNative, "interpret the kernels in place of native code");
  visitor("compile", o.compile, "NAME=VALUE, an option of tritter-compile; each is taken as --NAME VALUE, too");
}

/// As TOML, one option a line.
std::string toToml(const TrainOptions &options);
/// Reads what toToml() writes; options that are not there keep their value. `name` is for messages.
Status fromToml(std::string_view text, std::string_view name, TrainOptions &options);
/// The value of one option as it stands in TOML; empty where there is no such option.
std::string valueOf(const TrainOptions &options, std::string_view option);
/// Takes one option from `from`.
void copyOption(const TrainOptions &from, std::string_view option, TrainOptions &to);

/// The options of a resumed run: those stored in its checkpoint of `step`, with what may change of those `given` (those
/// named in `names`): more steps, how many checkpoints stay, where the data lie now. The error says that anything else
/// needs a new run; `run` is for messages.
Result<TrainOptions> resumedOptions(const std::string &run, const TrainOptions &stored, uint64_t step,
                                    const TrainOptions &given, const std::vector<std::string> &names);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_OPTIONS_H
