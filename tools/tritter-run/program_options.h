#ifndef TRITTER_TOOLS_TRITTER_RUN_PROGRAM_OPTIONS_H
#define TRITTER_TOOLS_TRITTER_RUN_PROGRAM_OPTIONS_H

#include "command.h"
#include "number_option.h"
#include "runtime/device/registry.h"
#include "runtime/jobs/loaded_model.h"

#include <CLI/CLI.hpp>

namespace tritter {

/// The options of every command that runs a checkpoint's model.
inline void addProgramOptions(CLI::App &command, ProgramRequest &request, const Invocation &invocation) {
  addNumber(command, "--batch", request.batch, "windows at once", 1);
  addNumber(command, "--seq", request.sequence, "tokens in a window", 1);
  command.add_option("--precision", request.precision, "f32, bf16 or f64")
      ->check(CLI::IsMember({"f32", "bf16", "f64"}));
  command.add_option("--device", request.deviceName, deviceNames())->check([](const std::string &name) {
    return findDevice(name) ? std::string() : fmt::format("{}: {} was expected", name, deviceNames());
  });
  addNumber(command, "--threads", request.threads, "0: as many as there are", 0);
  command.add_flag("--no-native", request.noNative, "interpret the kernels in place of native code");
}

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_PROGRAM_OPTIONS_H
