#include "runtime/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace tritter;

double Schedule::at(uint64_t step) const {
  step = std::min(step, steps);
  if (step < warmup)
    return peak * static_cast<double>(step) / static_cast<double>(warmup);
  uint64_t begin = warmup;
  if (kind == ScheduleKind::Wsd)
    begin = std::max<uint64_t>(begin, steps - std::min<uint64_t>(steps, std::llround(decay * steps)));
  if (kind == ScheduleKind::Constant || step <= begin)
    return peak;
  double progress = static_cast<double>(step - begin) / static_cast<double>(steps - begin);
  double left = kind == ScheduleKind::Cosine ? 0.5 * (1 + std::cos(std::numbers::pi * progress)) : 1 - progress;
  return minimum + (peak - minimum) * left;
}
