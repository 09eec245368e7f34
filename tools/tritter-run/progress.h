#ifndef TRITTER_TOOLS_TRITTER_RUN_PROGRESS_H
#define TRITTER_TOOLS_TRITTER_RUN_PROGRESS_H

#include "runtime/train/observer.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tritter {

/// A run as people follow it, on standard error: a line a step that overwrites itself on a terminal, now and then one
/// elsewhere; every validation with what was saved.
class Progress : public TrainObserver {
public:
  /// `vocabulary`: of a model that begins from nothing, whose first loss is compared with a uniform guess; else 0.
  /// `peakSecondsPerToken`: how long a token would take at the rate of the fastest matrix product; 0 where not known.
  Progress(uint64_t vocabulary, double peakSecondsPerToken);

  void onStart(const ValidationReport &validation) override;
  void onStep(const StepReport &step, const ValidationReport *validation) override;
  void onWarning(const std::string &text) override;
  void onSave(const SaveReport &save) override;
  void onStop(uint64_t step) override;
  /// Ends the line that is being overwritten.
  void finish();

private:
  void print(const std::string &line, bool keep);
  void printPending();

  bool terminal_;
  bool open_ = false, stopping_ = false;
  uint64_t vocabulary_;
  double peakSecondsPerToken_;
  double begin_ = 0, lastLine_ = 0;
  uint64_t firstStep_ = 0;
  /// A validation whose checkpoint may follow.
  std::optional<std::string> pending_;
};

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_PROGRESS_H
