#ifndef TRITTER_TOOLS_TRITTER_RUN_TRAIN_PLAN_H
#define TRITTER_TOOLS_TRITTER_RUN_TRAIN_PLAN_H

#include "command.h"
#include "runtime/device/device.h"
#include "runtime/tokenize/tokenizer.h"
#include "runtime/train/options.h"

#include <memory>
#include <string>
#include <vector>

namespace tritter {

/// What tritter-compile is asked for a training run.
std::vector<std::string> compileOptions(const TrainOptions &options, const Tokenizer *tokenizer);

/// A number of the model's configuration (layers, vocab ...), or `otherwise`.
uint64_t configNumber(const Executable &executable, const char *key, uint64_t otherwise);

int threadsOf(const TrainOptions &options);

/// "211 MB: weights 20, gradients 20, adam 40, activations 131".
std::string memoryLine(const Executable &executable);

/// Says what a run would take: two steps are timed, on no data, and nothing is written.
Result<ExitCode> dryRun(Device &device, std::shared_ptr<const Executable> executable, const TrainOptions &options,
                        Output &out);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_TRAIN_PLAN_H
