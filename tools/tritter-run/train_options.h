#ifndef TRITTER_TOOLS_TRITTER_RUN_TRAIN_OPTIONS_H
#define TRITTER_TOOLS_TRITTER_RUN_TRAIN_OPTIONS_H

#include "runtime/base/status.h"
#include "runtime/train/options.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace tritter {

/// Adds every option of a training run to a command.
void addTrainOptions(CLI::App &command, TrainOptions &options);

/// Threads that a run computes on.
int threadsOf(const TrainOptions &options);

/// The options that stand on the command line, by their long names.
std::vector<std::string> givenOptions(const CLI::App &command, const TrainOptions &options);

/// Lays the options of the command line (`given`, those named in `names`) over those of --config.
Result<TrainOptions> layOver(const std::string &configFile, const TrainOptions &given,
                             const std::vector<std::string> &names);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_TRAIN_OPTIONS_H
