#ifndef TRITTER_RUNTIME_TRAIN_SCHEDULE_H
#define TRITTER_RUNTIME_TRAIN_SCHEDULE_H

#include <cstdint>
#include <string>
#include <vector>

namespace tritter {

enum class ScheduleKind {
  Constant,
  Linear,
  Cosine,
  /// Warm up, stay, decay: linear over the last `decay` of the steps.
  Wsd
};

/// The learning rate as a function of the step.
struct Schedule {
  ScheduleKind kind = ScheduleKind::Cosine;
  double peak = 1e-3;
  /// Where linear, cosine and wsd end.
  double minimum = 1e-4;
  uint64_t warmup = 0;
  uint64_t steps = 1;
  /// The part of the steps that wsd decays over, 0 < decay <= 1.
  double decay = 0.2;

  /// The rate of step 1, 2 ... `steps` (and of later ones: as of the last). Rises linearly to the peak, which step
  /// `warmup` reaches; the last step has the minimum.
  double at(uint64_t step) const;
  /// What of it does not fit a run of `runSteps` steps, a sentence each.
  std::vector<std::string> misfits(uint64_t runSteps) const;

private:
  /// Of wsd.
  uint64_t decaySteps() const;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_SCHEDULE_H
