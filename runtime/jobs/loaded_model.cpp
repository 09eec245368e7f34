#include "runtime/jobs/loaded_model.h"

#include "runtime/jobs/facts.h"
#include "runtime/jobs/sources.h"
#include "runtime/train/parameters.h"

using namespace tritter;

Result<std::unique_ptr<LoadedModel>> LoadedModel::load(std::shared_ptr<const CheckpointReader> checkpoint,
                                                       const ProgramRequest &request, const std::string &entry,
                                                       Compiler &compiler) {
  ExecutableRequest wanted;
  if (!request.executable.empty()) {
    wanted.input = request.executable;
  } else {
    OptionList options = {{"batch", std::to_string(request.batch)},
                          {"seq", std::to_string(request.sequence)},
                          {"precision", request.precision},
                          {"entries", entry}};
    // The reference device interprets; native code would be compiled for nothing.
    if (request.noNative || request.deviceName == "reference")
      options.set("no-native", "true");
    TRITTER_RETURN_IF_ERROR(options.set(request.compile));
    wanted = requestFor(*checkpoint, std::move(options));
  }
  TRITTER_ASSIGN(CompiledExecutable compiled, compiler.compile(wanted));
  if (!(*compiled.executable).entry(entry))
    return error("{} has no entry `{}`", request.executable.empty() ? checkpoint->path() : request.executable, entry);
  TRITTER_RETURN_IF_ERROR(checkMemory(*compiled.executable, request.batch, 1));

  std::unique_ptr<LoadedModel> model(new LoadedModel);
  model->checkpoint_ = std::move(checkpoint);
  TRITTER_ASSIGN(model->device_, makeDevice(request.deviceName, {.threads = request.threads}));
  TRITTER_ASSIGN(std::unique_ptr<Session> session, model->device_->load(compiled.executable));
  TRITTER_RETURN_IF_ERROR(loadParameters(*session, *model->checkpoint_, /*states=*/false));
  model->program_ = std::make_unique<ModelProgram>(std::move(session));
  return model;
}

uint64_t LoadedModel::vocabulary() const { return configNumber(program_->executable(), "vocab", 1u << 31); }
