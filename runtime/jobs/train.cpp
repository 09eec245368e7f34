// A prepared run: what it costs, and its training.
#include "runtime/jobs/train.h"

#include "runtime/checkpoint/atomic_file.h"
#include "runtime/train/initial_checkpoint.h"
#include "runtime/train/operations.h"
#include "runtime/train/run_log.h"

#include <chrono>
#include <filesystem>

using namespace tritter;

RunCost tritter::costOf(const PreparedRun &run) {
  const Executable &executable = *run.compiled.executable;
  const TrainOptions &options = run.options;
  RunCost cost;
  cost.parameters = countParameters(executable);
  cost.trained = countTrained(executable);
  cost.operationsPerToken = operationsPerToken(executable);
  cost.tokensPerStep = options.batch * options.sequence * options.accumulate;
  cost.tokens = static_cast<double>(cost.tokensPerStep) * static_cast<double>(options.steps);
  cost.operations = cost.tokens * cost.operationsPerToken;
  if (run.sampler)
    cost.epochs = cost.tokens / static_cast<double>(run.sampler->windows() * options.sequence);
  return cost;
}

Result<RunTime> tritter::timeRun(PreparedRun &run) {
  TRITTER_ASSIGN(std::unique_ptr<Session> session, run.device->load(run.compiled.executable));
  ModelProgram program(std::move(session));
  const TrainOptions &options = run.options;
  // All parameters being zero, nothing is learnt; the work is the same.
  double seconds = 0;
  for (int step = 0; step < 2; ++step) {
    auto begin = std::chrono::steady_clock::now();
    TRITTER_RETURN_IF_ERROR(program.run("step"));
    if (program.hasEntry("update"))
      TRITTER_RETURN_IF_ERROR(program.run("update"));
    TRITTER_ASSIGN(double loss, program.readScalar("loss"));
    (void)loss;
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  RunTime time;
  time.secondsPerStep = seconds * static_cast<double>(options.accumulate);
  time.seconds = time.secondsPerStep * static_cast<double>(options.steps);
  time.checkpointBytes = static_cast<double>(checkpointBytes(*run.compiled.executable));
  time.checkpoints = options.keep ? options.keep + 1 : options.steps / options.saveEvery + 1;
  return time;
}

/// The model's forward pass alone, with the stream behind every layer: to find where numbers stop being finite.
static Result<std::unique_ptr<ModelProgram>> makeForward(Device &device, const CheckpointReader &source,
                                                         TrainOptions options, const Tokenizer *tokenizer,
                                                         Compiler &compiler) {
  options.batch = options.accumulate = 1;
  options.trainOnly.clear();
  options.groups.clear();
  TRITTER_ASSIGN(OptionList list, stepOptions(options, tokenizer));
  list.set("entries", "logits");
  TRITTER_ASSIGN(CompiledExecutable compiled, compiler.compile(requestFor(source, std::move(list))));
  TRITTER_ASSIGN(std::unique_ptr<Session> session, device.load(compiled.executable));
  return std::make_unique<ModelProgram>(std::move(session));
}

/// Makes the folder of a new run, which is this process's from then on.
static Status makeFolder(PreparedRun &run) {
  std::error_code code;
  std::filesystem::create_directories(run.directory.path(), code);
  if (code)
    return error("{}: cannot be made ({})", run.directory.path().string(), code.message());
  TRITTER_ASSIGN(run.lock, RunLock::take(run.directory.path()));
  // Another process may have been faster.
  return run.directory.refuseRun();
}

/// Whether a run that goes on does so from a checkpoint that is not its last: then what came later is set aside.
static Status goBack(PreparedRun &run, uint64_t step, const std::function<void(const std::string &)> &warn) {
  std::vector<uint64_t> steps = run.directory.steps();
  if (run.directory.lastStep() == step && (steps.empty() || steps.front() <= step))
    return {};
  TRITTER_ASSIGN(std::filesystem::path aside, run.directory.goBack(step));
  if (!aside.empty())
    warn(fmt::format("going back to step {}: the later checkpoints are kept in {}, with the logs up to there", step,
                     aside.string()));
  return {};
}

Result<TrainOutcome> tritter::train(PreparedRun run, Compiler &compiler, std::span<TrainObserver *const> observers,
                                    const std::atomic<bool> &stop) {
  const Executable &executable = *run.compiled.executable;
  TrainerInputs inputs;
  if (run.tokenizer)
    inputs.tokenizer = run.tokenizer->record();
  auto warn = [&](const std::string &text) {
    for (TrainObserver *observer : observers)
      observer->onWarning(text);
  };
  std::optional<uint64_t> resumed;
  if (run.resume)
    resumed = run.source->manifest().state()->step();
  else
    TRITTER_RETURN_IF_ERROR(makeFolder(run));
  inputs.fromScratch = !run.source;
  if (!run.source) {
    std::string first = run.directory.checkpoint(0).string();
    TRITTER_RETURN_IF_ERROR(writeInitialCheckpoint(executable, run.options.model, inputs.tokenizer, first));
    TRITTER_ASSIGN(run.source, openCheckpoint(first));
  }
  if (resumed)
    TRITTER_RETURN_IF_ERROR(goBack(run, *resumed, warn));
  TRITTER_RETURN_IF_ERROR(writeFileAtomically((run.directory.path() / "config.toml").string(), toToml(run.options)));
  TRITTER_ASSIGN(std::unique_ptr<Session> session, run.device->load(run.compiled.executable));
  ModelProgram program(std::move(session));
  TRITTER_ASSIGN(std::unique_ptr<RunLog> log, RunLog::open(run.directory.path(), resumed, warn));

  inputs.options = run.options;
  inputs.program = &program;
  inputs.sampler = std::move(run.sampler);
  inputs.validation = std::move(run.validation);
  inputs.validationBytes = run.validationBytes;
  inputs.watched = std::move(run.watched);
  inputs.dataHashes = run.dataHashes;
  inputs.source = run.source;
  inputs.resume = run.resume;
  inputs.directory = run.directory;
  inputs.observers = {log.get()};
  inputs.observers.insert(inputs.observers.end(), observers.begin(), observers.end());
  inputs.makeForward = [&] {
    return makeForward(*run.device, *run.source, run.options, run.tokenizer.get(), compiler);
  };
  bool takesUp = !run.resume && !inputs.fromScratch;
  Result<std::unique_ptr<Trainer>> created = Trainer::create(std::move(inputs));
  if (!created.ok())
    return explainFailure(std::move(created).status(), *run.source);
  std::unique_ptr<Trainer> trainer = *std::move(created);
  if (takesUp)
    for (TrainObserver *observer : observers)
      observer->onTakeUp({trainer->carriedMoments(), trainer->carriedPosition(), trainer->position()});
  TRITTER_ASSIGN(TrainOutcome outcome, trainer->run(stop));
  TRITTER_RETURN_IF_ERROR(log->finish());
  return outcome;
}
