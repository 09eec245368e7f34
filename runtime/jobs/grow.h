#ifndef TRITTER_RUNTIME_JOBS_GROW_H
#define TRITTER_RUNTIME_JOBS_GROW_H

#include "runtime/checkpoint/not_finite.h"
#include "runtime/growth/grow.h"
#include "runtime/jobs/compiler.h"

#include <string>

namespace tritter {

struct GrowRequest {
  /// A checkpoint, or a run, meaning its last one.
  std::string base;
  /// The checkpoint to write.
  std::string output;
  /// What tritter-compile is told of the growth: a method, a size ...
  OptionList growth;
  /// A growth compiled elsewhere (.texe), in the place of `growth`.
  std::string executable;
  MomentPolicy moments = MomentPolicy::ResetNew;
  /// Whether `output` may take the place of a checkpoint, or of anything else.
  bool force = false;
  /// Called now and then with bytes done and bytes in all (see GrowOptions).
  std::function<void(uint64_t done, uint64_t total)> progress;
};

struct GrowResult {
  std::shared_ptr<const CheckpointReader> base;
  /// The growth: what was made of what, and what was proved of it.
  std::shared_ptr<const Executable> growth;
  GrowReport report;
  /// The base's tensors that hold numbers that are none: what is proved of a growth holds for finite values.
  std::vector<NotFinite> notFinite;
};

/// Grows a checkpoint's model into another checkpoint.
Result<GrowResult> grow(const GrowRequest &request, Compiler &compiler);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_GROW_H
