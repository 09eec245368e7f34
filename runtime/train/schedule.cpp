#include "runtime/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

using namespace tritter;

uint64_t Schedule::decaySteps() const {
  return std::min<uint64_t>(steps, std::llround(decay * static_cast<double>(steps)));
}

double Schedule::at(uint64_t step) const {
  step = std::min(step, steps);
  if (step < warmup)
    return peak * static_cast<double>(step) / static_cast<double>(warmup);
  uint64_t begin = warmup;
  if (kind == ScheduleKind::Wsd)
    begin = std::max(begin, steps - decaySteps());
  if (kind == ScheduleKind::Constant || step <= begin)
    return peak;
  double progress = static_cast<double>(step - begin) / static_cast<double>(steps - begin);
  double left = kind == ScheduleKind::Cosine ? 0.5 * (1 + std::cos(std::numbers::pi * progress)) : 1 - progress;
  return minimum + (peak - minimum) * left;
}

std::vector<std::string> Schedule::misfits(uint64_t runSteps) const {
  std::vector<std::string> sentences;
  if (runSteps == 0)
    return sentences;
  uint64_t last = std::min(runSteps, steps);
  if (warmup > last)
    sentences.push_back(fmt::format("the warm-up of {} steps is longer than the {}, of {}: the learning rate comes to "
                                    "{:.1e} and never to {:.1e}; --warmup says how long it is",
                                    warmup, runSteps < steps ? "run" : "schedule", last, at(last), peak));
  else if (kind == ScheduleKind::Wsd && warmup + decaySteps() > steps)
    sentences.push_back(fmt::format("the warm-up of {} steps and the decay of {} are more than the schedule's {}: the "
                                    "decay has the last {}",
                                    warmup, decaySteps(), steps, steps - warmup));
  if (kind != ScheduleKind::Constant && runSteps > steps)
    sentences.push_back(fmt::format("the schedule ends with step {}: the steps to {} keep its last learning rate, {:.1e}",
                                    steps, runSteps, at(steps)));
  return sentences;
}
