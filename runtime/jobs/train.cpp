// A prepared run: what it costs, and its training.
#include "runtime/jobs/train.h"

#include "runtime/checkpoint/atomic_file.h"
#include "runtime/train/initial_checkpoint.h"
#include "runtime/train/operations.h"
#include "runtime/train/run_log.h"

#include <chrono>

using namespace tritter;

RunCost tritter::costOf(const PreparedRun &run) {
  const Executable &executable = *run.compiled.executable;
  const TrainOptions &options = run.options;
  RunCost cost;
  cost.parameters = countParameters(executable);
  cost.trained = countTrained(executable);
  cost.memoryBytes = memoryOf(executable);
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

Result<TrainOutcome> tritter::train(PreparedRun run, Compiler &compiler, std::span<TrainObserver *const> observers,
                                    const std::atomic<bool> &stop) {
  const Executable &executable = *run.compiled.executable;
  TrainerInputs inputs;
  if (run.tokenizer)
    inputs.tokenizer = run.tokenizer->record();
  if (!run.resume)
    TRITTER_RETURN_IF_ERROR(run.directory.create());
  inputs.fromScratch = !run.source;
  if (!run.source) {
    std::string first = run.directory.checkpoint(0).string();
    TRITTER_RETURN_IF_ERROR(writeInitialCheckpoint(executable, run.options.model, inputs.tokenizer, first));
    TRITTER_ASSIGN(run.source, openCheckpoint(first));
  }
  TRITTER_RETURN_IF_ERROR(writeFileAtomically((run.directory.path() / "config.toml").string(), toToml(run.options)));
  TRITTER_ASSIGN(std::unique_ptr<Session> session, run.device->load(run.compiled.executable));
  ModelProgram program(std::move(session));
  uint64_t step = run.resume ? run.source->manifest().state()->step() : 0;
  TRITTER_ASSIGN(std::unique_ptr<RunLog> log, RunLog::open(run.directory.path(), step));

  inputs.options = run.options;
  inputs.program = &program;
  inputs.sampler = std::move(run.sampler);
  inputs.validation = std::move(run.validation);
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
  TRITTER_ASSIGN(std::unique_ptr<Trainer> trainer, Trainer::create(std::move(inputs)));
  if (takesUp)
    for (TrainObserver *observer : observers)
      observer->onTakeUp({trainer->carriedMoments(), trainer->carriedPosition(), trainer->position()});
  return trainer->run(stop);
}
