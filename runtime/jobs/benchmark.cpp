#include "runtime/jobs/benchmark.h"
#include "runtime/device/registry.h"

#include "runtime/data/permutation.h"
#include "runtime/jobs/facts.h"
#include "runtime/jobs/sources.h"
#include "runtime/jobs/train.h"
#include "runtime/train/initial_checkpoint.h"
#include "runtime/train/model_program.h"
#include "runtime/train/operations.h"
#include "runtime/train/parameters.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <unistd.h>

using namespace tritter;

/// Steps that only warm caches and the libraries' kernels up.
static constexpr uint64_t warmUpSteps = 3;

static double medianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The checkpoint whose weights are used: the one named, or fresh ones in a temporary file. Random weights matter:
/// zeros would multiply faster.
static Status fillParameters(Session &session, const std::string &model) {
  if (isCheckpoint(model)) {
    TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(model));
    return loadParameters(session, *checkpoint, /*states=*/false).status();
  }
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("tritter-bench.{}.tckpt", ::getpid());
  Status status = writeInitialCheckpoint(session.executable(), model, std::nullopt, path.string());
  if (status.ok()) {
    Result<std::shared_ptr<const CheckpointReader>> checkpoint = openCheckpoint(path.string());
    status = checkpoint.ok() ? loadParameters(session, **checkpoint, /*states=*/false).status()
                             : std::move(checkpoint).status();
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return status;
}

static Result<CompiledExecutable> compileStep(const BenchmarkRequest &request, Compiler &compiler) {
  const TrainOptions &options = request.options;
  if (!request.executable.empty())
    return compiler.compile({request.executable, "", {}});
  TRITTER_ASSIGN(OptionList list, stepOptions(options, nullptr));
  if (!isCheckpoint(options.model)) {
    TRITTER_RETURN_IF_ERROR(refuseHuggingFace(options.model));
    return compiler.compile({options.model, "", std::move(list)});
  }
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(options.model));
  return compiler.compile(requestFor(*checkpoint, std::move(list)));
}

static Status writeInputs(ModelProgram &program, uint64_t seed, std::vector<int32_t> &tokens,
                          std::vector<int32_t> &targets) {
  uint64_t vocabulary = program.executable().vocabulary();
  tokens.resize(program.batch() * program.sequence());
  targets.resize(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    tokens[i] = static_cast<int32_t>(mixWords(seed, 2 * i) % vocabulary);
    targets[i] = static_cast<int32_t>(mixWords(seed, 2 * i + 1) % vocabulary);
  }
  for (auto [name, value] : {std::pair{"learning_rate", 1e-4},
                             {"beta1", 0.9},
                             {"beta2", 0.95},
                             {"epsilon", 1e-8},
                             {"weight_decay", 0.1},
                             {"clip", 1.0},
                             {"finite", 1},
                             {"bias_correction1", 0.1},
                             {"bias_correction2", 0.05},
                             {"loss_scale", 1.0}})
    TRITTER_RETURN_IF_ERROR(program.writeScalar(name, value));
  return {};
}

Result<BenchmarkResult> tritter::benchmark(const BenchmarkRequest &request, Compiler &compiler,
                                           const std::atomic<bool> &stop) {
  const TrainOptions &options = request.options;
  TRITTER_RETURN_IF_ERROR(options.check());
  TRITTER_ASSIGN(CompiledExecutable compiled, compileStep(request, compiler));
  const Executable &executable = *compiled.executable;
  TRITTER_ASSIGN(std::unique_ptr<Device> device,
                 createDevice(options.device,
                              {.threads = options.threads, .native = !options.noNative, .profile = request.profile}));
  TRITTER_RETURN_IF_ERROR(checkMemory(executable, *device, 1));
  TRITTER_ASSIGN(std::unique_ptr<Session> session, device->load(compiled.executable));
  TRITTER_RETURN_IF_ERROR(fillParameters(*session, options.model));
  ModelProgram program(std::move(session));
  std::vector<int32_t> tokens, targets;
  TRITTER_RETURN_IF_ERROR(writeInputs(program, options.seed, tokens, targets));

  BenchmarkResult result;
  for (uint64_t step = 0; step < options.steps + warmUpSteps && !stop; ++step) {
    auto begin = std::chrono::steady_clock::now();
    TRITTER_RETURN_IF_ERROR(program.writeBatch(tokens, targets));
    TRITTER_RETURN_IF_ERROR(program.run("step"));
    if (program.hasEntry("update"))
      TRITTER_RETURN_IF_ERROR(program.run("update"));
    TRITTER_ASSIGN(result.loss, program.readScalar("loss"));
    double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (step >= warmUpSteps)
      result.seconds.push_back(took);
    else if (request.profile)
      (void)program.session().takeProfile();
  }
  if (result.seconds.empty())
    return error("stopped before a step was measured");
  result.medianSeconds = medianOf(result.seconds);
  result.tokensPerSecond = static_cast<double>(tokens.size()) / result.medianSeconds;
  result.operationsPerToken = operationsPerToken(executable);
  result.batch = program.batch();
  result.sequence = program.sequence();
  result.parameters = countParameters(executable);
  result.memoryBytes = memoryOf(executable);
  result.compileSeconds = compiled.seconds;
  if (request.profile)
    result.profile = program.session().takeProfile();
  return result;
}
