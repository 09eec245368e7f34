#include "loaded_model.h"

#include "compile.h"
#include "runtime/train/parameters.h"
#include "sources.h"
#include "train_plan.h"

using namespace tritter;

Result<std::unique_ptr<LoadedModel>> LoadedModel::load(std::shared_ptr<const CheckpointReader> checkpoint,
                                                       const ProgramRequest &request) {
  CompileRequest compilation;
  if (!request.executable.empty()) {
    compilation.input = request.executable;
  } else {
    std::vector<std::string> words = {"--batch",     std::to_string(request.batch),
                                      "--seq",       std::to_string(request.sequence),
                                      "--precision", request.precision,
                                      "--entries",   request.entry};
    if (request.noNative || request.deviceName == "reference")
      words.push_back("--no-native");
    compilation = requestFor(*checkpoint, words);
  }
  TRITTER_ASSIGN(Compiled compiled, compile(compilation));
  if (!compiled.executable->entry(request.entry))
    return error("{} has no entry `{}`", request.executable.empty() ? checkpoint->path() : request.executable,
                 request.entry);
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
