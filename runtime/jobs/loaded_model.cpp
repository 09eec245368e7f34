#include "runtime/jobs/loaded_model.h"
#include "runtime/device/registry.h"

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
    // Native code would be compiled for nothing where the device interprets.
    if (const DeviceKind *kind = findDevice(request.deviceName); request.noNative || (kind && kind->target == "none"))
      options.set("target", "none");
    TRITTER_RETURN_IF_ERROR(options.set(request.compile));
    wanted = requestFor(*checkpoint, std::move(options));
  }
  TRITTER_ASSIGN(CompiledExecutable compiled, compiler.compile(wanted));
  if (!(*compiled.executable).entry(entry))
    return error("{} has no entry `{}`", request.executable.empty() ? checkpoint->path() : request.executable, entry);

  std::unique_ptr<LoadedModel> model(new LoadedModel);
  model->checkpoint_ = std::move(checkpoint);
  TRITTER_ASSIGN(model->device_, createDevice(request.deviceName, {.threads = request.threads, .native = !request.noNative}));
  TRITTER_RETURN_IF_ERROR(checkMemory(*compiled.executable, *model->device_, 1));
  TRITTER_ASSIGN(std::unique_ptr<Session> session, model->device_->load(compiled.executable));
  TRITTER_RETURN_IF_ERROR(explainFailure(loadParameters(*session, *model->checkpoint_, /*states=*/false).status(),
                                         *model->checkpoint_));
  model->program_ = std::make_unique<ModelProgram>(std::move(session));
  return model;
}

uint64_t LoadedModel::vocabulary() const { return program_->executable().vocabulary(); }
