// What a training run needs, opened and checked: where it starts, its options, its data, its executable.
#include "runtime/base/paths.h"
#include "runtime/base/text.h"
#include "runtime/device/registry.h"
#include "runtime/jobs/facts.h"
#include "runtime/jobs/text_bytes.h"
#include "runtime/jobs/train.h"

#include "runtime/train/groups.h"

#include <algorithm>
#include <filesystem>

using namespace tritter;
namespace fs = std::filesystem;

namespace {

/// What the run begins from.
struct Start {
  std::shared_ptr<const CheckpointReader> source;
  bool resume = false;
  RunDirectory directory{""};
  std::optional<RunLock> lock;
};

/// What the run reads.
struct Inputs {
  DataArguments data;
  std::shared_ptr<const Tokenizer> tokenizer;
};

} // namespace

static bool isGiven(const TrainRequest &request, std::string_view option) {
  return std::find(request.given.begin(), request.given.end(), option) != request.given.end();
}

/// The run that goes on: the folder's last checkpoint, or the one named.
static Result<Start> findResumed(const std::string &run) {
  Start start;
  start.resume = true;
  TRITTER_RETURN_IF_ERROR(checkReachable(run));
  if (isFolder(run)) {
    start.directory = RunDirectory(run);
  } else if (std::optional<RunDirectory> directory = RunDirectory::ofCheckpoint(run)) {
    start.directory = *directory;
  } else if (pathExists(run)) {
    return error("--resume {0}: the folder of a run, or a checkpoint in it, was expected; tritter-run train {0} -o NEW "
                 "starts a run from a checkpoint's weights",
                 run);
  }
  // Nobody may write while it is looked at.
  if (isFolder(start.directory.path())) {
    TRITTER_ASSIGN(start.lock, RunLock::take(start.directory.path()));
  }
  TRITTER_ASSIGN(start.source, openCheckpoint(run));
  return start;
}

static Result<Start> findStart(const TrainRequest &request) {
  if (request.resume)
    return findResumed(request.output);
  Start start;
  start.directory = RunDirectory(request.output);
  if (!request.output.empty()) {
    TRITTER_RETURN_IF_ERROR(checkReachable(request.output));
    TRITTER_RETURN_IF_ERROR(start.directory.refuseRun());
  }
  const std::string &model = request.options.model;
  if (model.empty())
    return error("nothing to train: name a model (llama:15M, a .mlir, a .toml, a config.json), a checkpoint, or a run "
                 "with --resume DIR");
  if (isCheckpoint(model)) {
    TRITTER_ASSIGN(start.source, openCheckpoint(model));
  } else {
    TRITTER_RETURN_IF_ERROR(refuseHuggingFace(model));
  }
  return start;
}

/// The stored configuration of a run.
static Result<TrainOptions> storedOptions(const CheckpointReader &checkpoint) {
  const schema::TrainingState *state = checkpoint.manifest().state();
  if (!state || !state->config() || state->config()->size() == 0)
    return error("{}: holds no run to resume: tritter-run train {} -o NEW starts one from its weights",
                 checkpoint.path(), checkpoint.path());
  TrainOptions options;
  TRITTER_RETURN_IF_ERROR(fromToml(state->config()->string_view(), checkpoint.path(), options));
  return options;
}

/// What to say of a schedule that a longer run makes another one of; empty where the rates stay what they were.
static std::string bentSchedule(const TrainOptions &before, const TrainOptions &now, uint64_t step) {
  double was = before.makeSchedule().at(step + 1), is = now.makeSchedule().at(step + 1);
  if (before.scheduleSteps == now.scheduleSteps || now.schedule == ScheduleKind::Constant)
    return {};
  return fmt::format("made for {} steps, and for {} now: step {} has the learning rate {:.2e}, and would have had "
                     "{:.2e}; --schedule-steps {} leaves it as it was",
                     before.scheduleSteps, now.scheduleSteps, step + 1, is, was, before.scheduleSteps);
}

static Result<TrainOptions> chooseOptions(const TrainRequest &request, const Start &start, PreparedRun &run) {
  TrainOptions options = request.options;
  const schema::TrainingState *state = start.source ? start.source->manifest().state() : nullptr;
  if (start.resume) {
    TRITTER_ASSIGN(TrainOptions stored, storedOptions(*start.source));
    TRITTER_ASSIGN(options, resumedOptions(request.output, stored, state->step(), request.options, request.given));
    run.bentSchedule = bentSchedule(stored, options, state->step());
  } else if (state && state->seed() && !isGiven(request, "seed")) {
    options.seed = state->seed();
  }
  if (start.source && !start.resume && options.groups.empty() && options.moments == Moments::Carry)
    options.groups = groupsByUpdates(start.source->manifest());
  TRITTER_RETURN_IF_ERROR(options.check());
  options.resolve();
  run.warnings = options.makeSchedule().misfits(options.steps);
  return options;
}

/// Whose tokenizer it is that data must have been made with.
static std::string ownerOfTokenizer(const TrainOptions &options, const Start &start) {
  if (start.source)
    return options.model;
  return options.tokenizer.empty() ? "the data" : options.tokenizer;
}

static Result<Inputs> openInputs(const TrainOptions &options, const Start &start) {
  if (options.data.empty() && options.steps > 0)
    return error("no training data: --data FILE names a token file, or a folder with a train.bin (tritter-run tokenize "
                 "makes one)");
  Inputs inputs;
  Result<DataArguments> data = openData(options.data, options.validation, options.tokenBytes);
  if (!data.ok() && start.resume)
    return error("{}; where the data were moved since: tritter-run train --resume {} --data PLACE{}",
                 data.status().message(), start.directory.path().string(),
                 options.validation.empty() ? "" : " --val PLACE");
  TRITTER_ASSIGN(inputs.data, std::move(data));
  if (start.source) {
    TRITTER_ASSIGN(inputs.tokenizer, tokenizerOf(*start.source));
  }
  if (!inputs.tokenizer && !options.tokenizer.empty()) {
    TRITTER_ASSIGN(inputs.tokenizer, openTokenizer(options.tokenizer));
  }
  if (!inputs.tokenizer)
    inputs.tokenizer = inputs.data.tokenizer;
  if (!inputs.tokenizer)
    return inputs;
  std::string owner = ownerOfTokenizer(options, start);
  for (const DataFile &file : inputs.data.files)
    TRITTER_RETURN_IF_ERROR(checkTokenizer(*file.tokens, *inputs.tokenizer, owner));
  if (inputs.data.validation)
    TRITTER_RETURN_IF_ERROR(checkTokenizer(*inputs.data.validation, *inputs.tokenizer, owner));
  return inputs;
}

Result<OptionList> tritter::stepOptions(const TrainOptions &options, const Tokenizer *tokenizer) {
  OptionList list = {{"batch", std::to_string(options.batch)},
                     {"seq", std::to_string(options.sequence)},
                     {"precision", options.precision},
                     {"seed", std::to_string(options.seed)},
                     {"entries", options.accumulate > 1 ? "step,accumulate,update,evaluate" : "step,update,evaluate"}};
  if (tokenizer)
    list.set("vocab", std::to_string(tokenizer->vocabulary()));
  if (!options.trainOnly.empty())
    list.set("train-only", options.trainOnly);
  if (!options.groups.empty())
    list.set("groups", options.groups);
  // Native code would be compiled for nothing where the device interprets.
  if (const DeviceKind *kind = findDevice(options.device); options.noNative || (kind && kind->target == "none"))
    list.set("target", "none");
  TRITTER_RETURN_IF_ERROR(list.set(options.compile));
  return list;
}

static Result<CompiledExecutable> compileStep(const TrainRequest &request, const TrainOptions &options,
                                              const Start &start, const Tokenizer *tokenizer, Compiler &compiler) {
  TRITTER_ASSIGN(OptionList list, stepOptions(options, tokenizer));
  ExecutableRequest wanted{options.model, "", list};
  if (!request.executable.empty())
    wanted.input = request.executable;
  else if (start.source && !options.model.ends_with(".texe"))
    wanted = requestFor(*start.source, std::move(list));
  TRITTER_ASSIGN(CompiledExecutable compiled, compiler.compile(wanted));
  const Executable &executable = *compiled.executable;
  if (options.accumulate > 1 && !executable.entry("accumulate"))
    return error("{} has no entry `accumulate`: compile it with --entries step,accumulate,update,evaluate",
                 wanted.input);
  return compiled;
}

static Status checkSameData(const std::vector<std::string> &hashes, const DataArguments &data,
                            const CheckpointReader &source) {
  if (!source.manifest().state()->data_hashes())
    return {};
  std::vector<std::string> before;
  for (const flatbuffers::String *hash : *source.manifest().state()->data_hashes())
    before.push_back(hash->str());
  if (before != hashes)
    return error("the data are not those that this run has read ({}): --resume needs the same token files",
                 data.files.empty() ? "none" : data.files[0].tokens->path());
  return {};
}

Result<PreparedRun> tritter::prepareRun(const TrainRequest &request, Compiler &compiler) {
  PreparedRun run;
  TRITTER_ASSIGN(Start start, findStart(request));
  TRITTER_ASSIGN(run.options, chooseOptions(request, start, run));
  TrainOptions &options = run.options;
  TRITTER_ASSIGN(Inputs inputs, openInputs(options, start));
  TRITTER_ASSIGN(run.compiled, compileStep(request, options, start, inputs.tokenizer.get(), compiler));
  const Executable &executable = *run.compiled.executable;
  TRITTER_ASSIGN(run.device, createDevice(options.device, {.threads = options.threads, .native = !options.noNative}));
  TRITTER_RETURN_IF_ERROR(checkMemory(executable, *run.device, options.accumulate));
  // An executable made elsewhere brings its own shapes.
  options.batch = executable->batch();
  options.sequence = executable->sequence_length();

  DataArguments &data = inputs.data;
  auto vocabulary = executable.vocabulary();
  if (inputs.tokenizer && inputs.tokenizer->vocabulary() > vocabulary)
    return error(
        "the tokenizer has {} pieces, the table of {} {} rows: its vocabulary does not hold them all; tokenise "
        "with the model's own tokenizer",
        grouped(inputs.tokenizer->vocabulary()), options.model, grouped(vocabulary));
  TRITTER_RETURN_IF_ERROR(data.readFor(vocabulary));
  run.layouts = data.layouts();
  for (const DataFile &file : data.files) {
    TRITTER_ASSIGN(std::string hash, run.watched.add(file.tokens, vocabulary));
    run.dataHashes.push_back(hash);
  }
  if (start.resume)
    TRITTER_RETURN_IF_ERROR(checkSameData(run.dataHashes, data, *start.source));
  if (!data.files.empty()) {
    TRITTER_ASSIGN(run.sampler,
                   Sampler::create(data.files, {options.batch, options.sequence, options.order, options.seed}));
  }
  if (data.validation) {
    TRITTER_RETURN_IF_ERROR(run.watched.add(data.validation, vocabulary).status());
    TRITTER_ASSIGN(run.validation, ValidationSet::create(data.validation, options.batch, options.sequence,
                                                         options.evaluateWindows));
    run.validationBytes = textBytesOf(*run.validation, inputs.tokenizer.get());
  }
  if (std::string misfit = describeLongSequence(options.sequence, executable.config()); !misfit.empty())
    run.warnings.push_back(std::move(misfit));
  run.directory = start.directory;
  run.lock = std::move(start.lock);
  run.source = start.source;
  run.resume = start.resume;
  run.tokenizer = inputs.tokenizer;
  return run;
}
