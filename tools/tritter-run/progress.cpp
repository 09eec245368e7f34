#include "progress.h"

#include "output.h"
#include "runtime/base/text.h"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <unistd.h>

using namespace tritter;

/// Seconds between lines where they stay.
static constexpr double quiet = 5;

static double secondsNow() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Progress::Progress(uint64_t vocabulary, double peakSecondsPerToken)
    : terminal_(::isatty(2)), vocabulary_(vocabulary), peakSecondsPerToken_(peakSecondsPerToken), begin_(secondsNow()) {
}

void Progress::print(const std::string &line, bool keep) {
  if (!terminal_) {
    if (keep)
      fmt::print(stderr, "{}\n", line);
    return;
  }
  fmt::print(stderr, "\r\x1b[K{}{}", line, keep ? "\n" : "");
  std::fflush(stderr);
  open_ = !keep;
}

void Progress::finish() {
  printPending();
  if (open_)
    fmt::print(stderr, "\n");
  open_ = false;
}

void Progress::printPending() {
  if (pending_)
    print(*pending_, true);
  pending_.reset();
}

static std::string describe(const ValidationReport &validation) {
  std::string text = fmt::format("val  {}/{} | loss {:.4f} | ppl {:.1f}", validation.step, validation.steps,
                                 validation.loss, validation.perplexity);
  if (validation.bitsPerByte)
    text += fmt::format(" | {:.3f} bits/byte", *validation.bitsPerByte);
  return text;
}

void Progress::onStart(const ValidationReport &validation) {
  print(describe(validation), true);
  begin_ = secondsNow();
}

void Progress::onStep(const StepReport &step, const ValidationReport *validation) {
  double now = secondsNow();
  bool first = firstStep_ == 0;
  if (first) {
    firstStep_ = step.step;
    // The first step is slower than the rest; the time left is measured from its end.
    begin_ = now;
  }
  double each = first ? step.seconds : (now - begin_) / static_cast<double>(step.step - firstStep_);
  std::string uniform = first && vocabulary_ && step.step == 1
                            ? fmt::format(" (uniform {:.4f})", std::log(static_cast<double>(vocabulary_)))
                            : "";
  bool last = step.step == step.steps;
  bool keep = first || last || validation || now - lastLine_ > quiet;
  if (keep)
    lastLine_ = now;
  std::string share =
      peakSecondsPerToken_ > 0
          ? fmt::format(" | {:.0f}% peak", std::min(100.0, 100 * step.tokensPerSecond * peakSecondsPerToken_))
          : "";
  print(fmt::format("step {}/{} | loss {:.4f}{} | norm {:.2f} | lr {:.1e} | {} tok/s{} | eta {}", step.step, step.steps,
                    step.loss, uniform, step.gradientNorm, step.learningRate,
                    grouped(static_cast<uint64_t>(step.tokensPerSecond)), share,
                    shortTime(each * static_cast<double>(step.steps - step.step))),
        keep);
  printPending();
  if (validation)
    pending_ = describe(*validation);
}

void Progress::onStop(uint64_t) {
  finish();
  stopping_ = true;
}

void Progress::onSave(const SaveReport &save) {
  // Whoever stopped the run says so, and that it was saved, in one line.
  if (stopping_)
    return;
  std::string saved = fmt::format("saved {} ({}, {})", std::filesystem::path(save.path).stem().string(),
                                  shortBytes(static_cast<double>(save.bytes)), shortTime(save.seconds));
  if (pending_)
    pending_ = *pending_ + " | " + saved;
  else if (firstStep_)
    pending_ = saved;
  printPending();
}

void Progress::onWarning(const std::string &text) {
  printPending();
  if (open_)
    fmt::print(stderr, "\n");
  open_ = false;
  fmt::print(stderr, "warning: {}\n", text);
}
