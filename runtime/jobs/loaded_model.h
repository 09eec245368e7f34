#ifndef TRITTER_RUNTIME_JOBS_LOADED_MODEL_H
#define TRITTER_RUNTIME_JOBS_LOADED_MODEL_H

#include "runtime/base/status.h"
#include "runtime/checkpoint/checkpoint.h"
#include "runtime/device/device.h"
#include "runtime/jobs/compiler.h"
#include "runtime/train/model_program.h"

#include <memory>
#include <string>
#include <vector>

namespace tritter {

/// Shapes and place of a program that only looks at a checkpoint.
struct ProgramRequest {
  uint64_t batch = 1;
  uint64_t sequence = 256;
  std::string precision = "f32";
  std::string deviceName = "cpu";
  int threads = 0;
  bool noNative = false;
  /// Further options of tritter-compile, NAME=VALUE.
  std::vector<std::string> compile = {};
  /// A .texe in the place of compiling the checkpoint's model.
  std::string executable = "";
};

/// A checkpoint's model, compiled, loaded on a device, and filled with its parameters.
class LoadedModel {
public:
  /// `entry` is the one that is wanted: logits or evaluate.
  static Result<std::unique_ptr<LoadedModel>> load(std::shared_ptr<const CheckpointReader> checkpoint,
                                                   const ProgramRequest &request, const std::string &entry,
                                                   Compiler &compiler);
  ModelProgram &program() { return *program_; }
  const CheckpointReader &checkpoint() const { return *checkpoint_; }
  uint64_t vocabulary() const;

private:
  LoadedModel() = default;
  std::shared_ptr<const CheckpointReader> checkpoint_;
  std::unique_ptr<Device> device_;
  std::unique_ptr<ModelProgram> program_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_LOADED_MODEL_H
