#ifndef TRITTER_RUNTIME_JOBS_BENCHMARK_H
#define TRITTER_RUNTIME_JOBS_BENCHMARK_H

#include "runtime/device/device.h"
#include "runtime/jobs/compiler.h"
#include "runtime/train/options.h"

#include <atomic>
#include <string>
#include <vector>

namespace tritter {

struct BenchmarkRequest {
  /// Of the steps that are measured: the model, how many, their shapes. `options.model` may be a checkpoint.
  TrainOptions options;
  /// A .texe in the place of compiling the model.
  std::string executable;
  /// Measure every command.
  bool profile = false;
};

struct BenchmarkResult {
  /// Of each measured step.
  std::vector<double> seconds;
  double medianSeconds = 0, tokensPerSecond = 0, operationsPerToken = 0;
  uint64_t batch = 0, sequence = 0, parameters = 0, memoryBytes = 0;
  double compileSeconds = 0;
  /// Of the last step.
  double loss = 0;
  std::vector<ProfileEntry> profile;
};

/// Times training steps on random tokens: three that warm up, then those asked for, or until `stop` is set.
Result<BenchmarkResult> benchmark(const BenchmarkRequest &request, Compiler &compiler, const std::atomic<bool> &stop);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_BENCHMARK_H
