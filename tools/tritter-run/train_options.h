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

/// The options that stand on the command line, by their long names.
std::vector<std::string> givenOptions(const CLI::App &command, const TrainOptions &options);

/// Lays the options of the command line (`given`, those named in `names`) over those of --config.
Result<TrainOptions> layOver(const std::string &configFile, const TrainOptions &given,
                             const std::vector<std::string> &names);

/// The options of a resumed run: those of its checkpoint, with what may change (more steps, how many checkpoints stay,
/// where the data lie now). The error says that anything else needs a new run.
Result<TrainOptions> layOverResumed(const std::string &run, const TrainOptions &stored, uint64_t step,
                                    const TrainOptions &given, const std::vector<std::string> &names);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_TRAIN_OPTIONS_H
