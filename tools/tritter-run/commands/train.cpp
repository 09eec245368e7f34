// train: a new run of a model or of a checkpoint's weights, or the same run resumed.
#include "../command.h"
#include "../compile.h"
#include "../progress.h"
#include "../sources.h"
#include "../train_options.h"
#include "../train_plan.h"
#include "runtime/base/text.h"
#include "runtime/checkpoint/atomic_file.h"
#include "runtime/train/initial_checkpoint.h"
#include "runtime/train/operations.h"
#include "runtime/train/run_directory.h"
#include "runtime/train/run_log.h"
#include "runtime/train/trainer.h"

#include <csignal>
#include <filesystem>

using namespace tritter;
namespace fs = std::filesystem;

namespace {

struct TrainArguments {
  TrainOptions options;
  std::string model, checkpoint, executable, config, resume, output, mode;
  bool dryRun = false;
};

/// "^C       stopping after step 231 ...", to be ended once it is saved.
class StopLine : public TrainObserver {
public:
  explicit StopLine(Output &out) : out_(out) {}
  void onStop(uint64_t step) override {
    out_.print(fmt::format("{:<8} stopping after step {} ... ", stopSignal == SIGTERM ? "SIGTERM" : "^C", step));
  }

private:
  Output &out_;
};

class TrainCommand {
public:
  TrainCommand(TrainArguments arguments, std::vector<std::string> given, Output &out)
      : arguments_(std::move(arguments)), given_(std::move(given)), out_(out) {}
  Result<ExitCode> run();

private:
  Status continueDefaults();
  Status findSource();
  Status chooseOptions();
  Status openInputs();
  Status compileModel();
  Status describeRun();
  Result<std::unique_ptr<ModelProgram>> makeForward(Device &device) const;
  Result<ExitCode> train();
  std::string ownerOfTokenizer() const;

  TrainArguments arguments_;
  std::vector<std::string> given_;
  Output &out_;
  TrainOptions options_;
  /// The checkpoint that the run starts from or goes on from; null for a model from scratch.
  std::shared_ptr<const CheckpointReader> source_;
  bool resume_ = false;
  RunDirectory directory_{""};
  DataArguments data_;
  std::vector<std::string> dataHashes_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::optional<Sampler> sampler_;
  std::optional<ValidationSet> validation_;
  Compiled compiled_;
};

} // namespace

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

/// --mode continue: what is set for training on after a growth, where the command line says nothing else.
Status TrainCommand::continueDefaults() {
  std::string checkpoint = arguments_.checkpoint.empty() ? arguments_.model : arguments_.checkpoint;
  if (arguments_.mode != "continue")
    return error("--mode {}: `continue` was expected", arguments_.mode);
  if (checkpoint.empty() || !arguments_.resume.empty())
    return error("--mode continue starts a new run from a checkpoint: name it, and leave --resume out");
  auto isGiven = [&](const char *name) { return std::find(given_.begin(), given_.end(), name) != given_.end(); };
  TrainOptions &options = arguments_.options;
  auto set = [&](const char *name, auto &value, auto otherwise) {
    if (isGiven(name))
      return;
    value = otherwise;
    given_.push_back(name);
  };
  set("lr", options.learningRate, 1e-5);
  set("steps", options.steps, 10000);
  set("warmup", options.warmup, static_cast<int64_t>(options.steps / 20));
  if (arguments_.output.empty())
    arguments_.output = fs::path(checkpoint).lexically_normal().replace_extension().string() + "-continued";
  out_.line("mode", "continue: lr {:g}, {} steps, the first {} of them warm-up, into {}", options.learningRate,
            grouped(options.steps), grouped(options.warmup), arguments_.output);
  return {};
}

Status TrainCommand::findSource() {
  std::string run = arguments_.resume;
  if (run == "auto") {
    if (arguments_.output.empty())
      return error("--resume auto needs -o DIR: the run that is resumed if it is there, and started if it is not");
    run = fs::exists(RunDirectory(arguments_.output).last()) ? arguments_.output : "";
  } else if (!run.empty() && !arguments_.output.empty() && arguments_.output != run) {
    return error("--resume {} goes on in that folder: leave -o {} out", run, arguments_.output);
  }
  if (!run.empty()) {
    if (!fs::is_directory(run))
      return error("--resume {}: the folder of a run was expected", run);
    resume_ = true;
    directory_ = RunDirectory(run);
    TRITTER_ASSIGN(source_, openCheckpoint(run));
    return {};
  }

  if (!arguments_.model.empty() && !arguments_.checkpoint.empty())
    return error("`{}` and --checkpoint {}: a run starts from one of them", arguments_.model, arguments_.checkpoint);
  std::string model = arguments_.checkpoint.empty() ? arguments_.model : arguments_.checkpoint;
  if (model.empty())
    model = options_.model;
  if (model.empty())
    return error("nothing to train: name a model (llama:15M, a .mlir, a .toml, a config.json), a checkpoint, or a run "
                 "with --resume DIR");
  options_.model = model;
  if (isCheckpoint(model) || !arguments_.checkpoint.empty()) {
    TRITTER_ASSIGN(source_, openCheckpoint(model));
  } else {
    TRITTER_RETURN_IF_ERROR(refuseHuggingFace(model));
  }
  return {};
}

Status TrainCommand::chooseOptions() {
  if (!resume_) {
    // What a new run takes over from its checkpoint unless told otherwise.
    const schema::TrainingState *state = source_ ? source_->manifest().state() : nullptr;
    bool hasSeed = std::find(given_.begin(), given_.end(), "seed") != given_.end() || !arguments_.config.empty();
    if (state && !hasSeed && state->seed())
      options_.seed = state->seed();
    TRITTER_RETURN_IF_ERROR(options_.check());
    options_.resolve();
    if (arguments_.output.empty() && !arguments_.dryRun)
      return error("-o DIR is missing: the folder that the run is kept in");
    directory_ = RunDirectory(arguments_.output);
    return {};
  }
  TRITTER_ASSIGN(TrainOptions stored, storedOptions(*source_));
  uint64_t step = source_->manifest().state()->step();
  TRITTER_ASSIGN(options_, layOverResumed(directory_.path().string(), stored, step, arguments_.options, given_));
  TRITTER_RETURN_IF_ERROR(options_.check());
  options_.resolve();
  return {};
}

std::string TrainCommand::ownerOfTokenizer() const {
  if (source_)
    return arguments_.checkpoint.empty() ? options_.model : arguments_.checkpoint;
  return options_.tokenizer.empty() ? "the data" : options_.tokenizer;
}

Status TrainCommand::openInputs() {
  if (options_.data.empty() && options_.steps > 0)
    return error("no training data: --data FILE names a token file, or a folder with a train.bin (tritter-run tokenize "
                 "makes one)");
  TRITTER_ASSIGN(data_, openData(options_.data, options_.validation, options_.tokenBytes));
  if (source_) {
    TRITTER_ASSIGN(tokenizer_, tokenizerOf(*source_));
  }
  if (!tokenizer_ && !options_.tokenizer.empty()) {
    TRITTER_ASSIGN(tokenizer_, openTokenizer(options_.tokenizer));
  }
  if (!tokenizer_)
    tokenizer_ = data_.tokenizer;
  if (tokenizer_) {
    for (const DataFile &file : data_.files)
      TRITTER_RETURN_IF_ERROR(checkTokenizer(*file.tokens, *tokenizer_, ownerOfTokenizer()));
    if (data_.validation)
      TRITTER_RETURN_IF_ERROR(checkTokenizer(*data_.validation, *tokenizer_, ownerOfTokenizer()));
  }
  return {};
}

Status TrainCommand::compileModel() {
  std::vector<std::string> words = compileOptions(options_, tokenizer_.get());
  CompileRequest request;
  if (!arguments_.executable.empty())
    request.input = arguments_.executable;
  else if (options_.model.ends_with(".texe"))
    request.input = options_.model;
  else if (source_)
    request = requestFor(*source_, words);
  else
    request = {options_.model, "", words};
  TRITTER_ASSIGN(compiled_, compile(request));
  const Executable &executable = *compiled_.executable;
  // An executable made elsewhere brings its own shapes.
  options_.batch = executable->batch();
  options_.sequence = executable->sequence_length();
  TRITTER_RETURN_IF_ERROR(checkMemory(executable, options_.batch, options_.accumulate));
  if (options_.accumulate > 1 && !executable.entry("accumulate"))
    return error("{} has no entry `accumulate`: compile it with --entries step,accumulate,update,evaluate",
                 request.input);

  uint32_t vocabulary = static_cast<uint32_t>(configNumber(executable, "vocab", 1u << 31));
  for (const DataFile &file : data_.files) {
    TRITTER_ASSIGN(std::string hash, file.tokens->check(vocabulary));
    dataHashes_.push_back(hash);
  }
  if (resume_ && source_->manifest().state()->data_hashes()) {
    std::vector<std::string> before;
    for (const flatbuffers::String *hash : *source_->manifest().state()->data_hashes())
      before.push_back(hash->str());
    if (before != dataHashes_)
      return error("the data are not those that this run has read ({}): --resume needs the same token files",
                   data_.files.empty() ? "none" : data_.files[0].tokens->path());
  }
  if (!data_.files.empty()) {
    TRITTER_ASSIGN(sampler_,
                   Sampler::create(data_.files, {options_.batch, options_.sequence, options_.order, options_.seed}));
  }
  if (data_.validation) {
    TRITTER_ASSIGN(std::string hash, data_.validation->check(vocabulary));
    uint64_t batches = (options_.evaluateWindows + options_.batch - 1) / options_.batch;
    TRITTER_ASSIGN(validation_, ValidationSet::create(data_.validation, options_.batch, options_.sequence, batches));
  }
  return {};
}

Status TrainCommand::describeRun() {
  const Executable &executable = *compiled_.executable;
  uint64_t parameters = countParameters(executable), trained = countTrained(executable);
  std::string vocabulary = fmt::format("vocab {}", grouped(configNumber(executable, "vocab", 0)));
  const flatbuffers::String *fingerprint = executable->fingerprint();
  if (resume_ && fingerprint && source_->manifest().state()->executable() &&
      source_->manifest().state()->executable()->string_view() != fingerprint->string_view())
    out_.warn("the executable is not the one that this run began with (another version of tritter-compile): what "
              "follows may differ in the last bits");
  if (resume_)
    out_.line("resume", "step {}, data position and RNG restored; nothing changed",
              source_->manifest().state()->step());
  else if (source_)
    out_.line("from", "{}: weights, {}; NEW schedule", source_->path(),
              options_.moments == Moments::Carry ? "moments where it has them" : "moments reset");
  out_.line("model", "{} parameters; {}{}", grouped(parameters), vocabulary,
            tokenizer_ ? fmt::format(" of tokenizer {} ({})", shortHash(tokenizer_->hash()), tokenizer_->kind()) : "");
  if (trained < parameters)
    out_.line("train", "{} of {} parameters ({})", grouped(trained), grouped(parameters), options_.trainOnly);
  out_.line("device", "{}, {} threads, {}", options_.device, threadsOf(options_),
            options_.precision == "bf16" ? "bf16 with f32 masters" : options_.precision);
  out_.line("memory", "{}", memoryLine(executable));
  out_.line("compile", "{} kernels, {}", executable->kernels() ? executable->kernels()->size() : 0,
            compiled_.cached ? "from the cache" : fmt::format("{} -> cached", shortTime(compiled_.seconds)));

  double operations = operationsPerToken(executable);
  uint64_t stepTokens = options_.batch * options_.sequence * options_.accumulate;
  double tokens = static_cast<double>(stepTokens) * static_cast<double>(options_.steps);
  double epochs = sampler_ ? tokens / static_cast<double>(sampler_->windows() * options_.sequence) : 0;
  static constexpr const char *names[] = {"constant", "linear", "cosine", "wsd"};
  out_.line("run", "{} x {} tokens = {} ({:.2f} epochs), {}; lr {:.1e} {}", grouped(options_.steps),
            grouped(stepTokens), shortNumber(tokens), epochs, shortNumber(tokens * operations, "FLOP"),
            options_.learningRate, names[static_cast<int>(options_.schedule)]);
  if (epochs > 4)
    out_.warn(fmt::format("{} steps read the {} tokens {:.1f} times; {} steps are 4 epochs", grouped(options_.steps),
                          shortNumber(static_cast<double>(sampler_->tokens())), epochs,
                          grouped(static_cast<uint64_t>(4 * static_cast<double>(sampler_->windows()) *
                                                        static_cast<double>(options_.sequence) / stepTokens))));
  out_.object["parameters"] = parameters;
  out_.object["trained_parameters"] = trained;
  out_.object["memory_bytes"] = memoryOf(executable);
  out_.object["flops_per_token"] = operations;
  out_.object["flops"] = tokens * operations;
  out_.object["epochs"] = epochs;
  return {};
}

/// The model's forward pass alone, with the stream behind every layer: to find where numbers stop being finite.
Result<std::unique_ptr<ModelProgram>> TrainCommand::makeForward(Device &device) const {
  TrainOptions options = options_;
  options.batch = options.accumulate = 1;
  options.trainOnly.clear();
  std::vector<std::string> words = compileOptions(options, tokenizer_.get());
  *(std::find(words.begin(), words.end(), "--entries") + 1) = "logits";
  TRITTER_ASSIGN(Compiled compiled, compile(requestFor(*source_, words)));
  TRITTER_ASSIGN(std::unique_ptr<Session> session, device.load(compiled.executable));
  return std::make_unique<ModelProgram>(std::move(session));
}

Result<ExitCode> TrainCommand::train() {
  const Executable &executable = *compiled_.executable;
  TRITTER_ASSIGN(std::unique_ptr<Device> device, makeDevice(options_.device, {.threads = options_.threads}));
  if (arguments_.dryRun)
    return dryRun(*device, compiled_.executable, options_, out_);
  double peak = device->productPeak(options_.precision == "bf16"  ? schema::DType::BF16
                                    : options_.precision == "f32" ? schema::DType::F32
                                                                  : schema::DType::F64);
  if (peak > 0)
    out_.line("peak", "{} in matrix products, measured", shortNumber(peak, "FLOP/s"));
  out_.object["peak_flops_per_s"] = peak;

  TrainerInputs inputs;
  if (!resume_) {
    TRITTER_RETURN_IF_ERROR(directory_.create());
    if (!source_) {
      std::string first = directory_.checkpoint(0).string();
      std::optional<schema::TokenizerRecordT> record;
      if (tokenizer_)
        record = tokenizer_->record();
      TRITTER_RETURN_IF_ERROR(writeInitialCheckpoint(executable, options_.model, record, first));
      TRITTER_ASSIGN(source_, openCheckpoint(first));
      inputs.fromScratch = true;
    }
  }
  TRITTER_RETURN_IF_ERROR(writeFileAtomically((directory_.path() / "config.toml").string(), toToml(options_)));
  TRITTER_ASSIGN(std::unique_ptr<Session> session, device->load(compiled_.executable));
  ModelProgram program(std::move(session));
  uint64_t step = resume_ ? source_->manifest().state()->step() : 0;
  TRITTER_ASSIGN(std::unique_ptr<RunLog> log, RunLog::open(directory_.path(), step));
  Progress progress(inputs.fromScratch ? configNumber(executable, "vocab", 0) : 0,
                    peak > 0 ? operationsPerToken(executable) / peak : 0);

  inputs.options = options_;
  inputs.program = &program;
  inputs.sampler = std::move(sampler_);
  inputs.validation = std::move(validation_);
  inputs.dataHashes = dataHashes_;
  if (tokenizer_)
    inputs.tokenizer = tokenizer_->record();
  inputs.source = source_;
  inputs.resume = resume_;
  inputs.directory = directory_;
  StopLine stopLine(out_);
  inputs.observers = {log.get(), &progress, &stopLine};
  inputs.makeForward = [&] { return makeForward(*device); };
  bool fromScratch = inputs.fromScratch;
  TRITTER_ASSIGN(std::unique_ptr<Trainer> trainer, Trainer::create(std::move(inputs)));
  if (!resume_ && !fromScratch)
    out_.line("taken up", "{}{}", trainer->carriedMoments() ? "weights and moments" : "weights",
              trainer->carriedPosition() ? fmt::format("; data go on at epoch {}, window {}", trainer->position().epoch,
                                                       grouped(trainer->position().window))
                                         : "; data from the beginning");
  Result<TrainOutcome> outcome = trainer->run(stopRequested);
  progress.finish();
  if (!outcome.ok())
    return std::move(outcome).status();
  if (outcome->stopped)
    out_.print(fmt::format("saved. Continue: tritter-run train --resume {}\n", directory_.path().string()));
  else
    out_.line("wrote", "{}", outcome->checkpoint);
  out_.object["step"] = outcome->step;
  out_.object["loss"] = outcome->loss;
  if (outcome->validationLoss)
    out_.object["val_loss"] = *outcome->validationLoss;
  out_.object["checkpoint"] = outcome->checkpoint;
  out_.object["identity"] = outcome->identity;
  out_.object["stopped"] = outcome->stopped;
  return 0;
}

Result<ExitCode> TrainCommand::run() {
  if (!arguments_.mode.empty())
    TRITTER_RETURN_IF_ERROR(continueDefaults());
  TRITTER_ASSIGN(options_, layOver(arguments_.config, arguments_.options, given_));
  bool stepsGiven = std::find(given_.begin(), given_.end(), "steps") != given_.end();
  TRITTER_RETURN_IF_ERROR(findSource());
  if (!resume_ && !stepsGiven && arguments_.config.empty())
    return error("--steps N is missing: how long the run is (0 writes the model as it begins)");
  if (!resume_ && !arguments_.output.empty())
    if (std::optional<uint64_t> step = RunDirectory(arguments_.output).lastStep())
      return error("{0} already holds a run at step {1}: --resume {0} continues it, another -o starts a new one",
                   arguments_.output, *step);
  TRITTER_RETURN_IF_ERROR(chooseOptions());
  TRITTER_RETURN_IF_ERROR(openInputs());
  TRITTER_RETURN_IF_ERROR(compileModel());
  TRITTER_RETURN_IF_ERROR(describeRun());
  return train();
}

void tritter::addTrain(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("train", "Train a model, or a checkpoint on, or resume a run");
  auto arguments = std::make_shared<TrainArguments>();
  command->add_option("model", arguments->model,
                      "a model (llama:15M, config.json, .toml, .mlir, compiled .texe), a checkpoint, or a run");
  command->add_option("--checkpoint", arguments->checkpoint, "the same as naming a checkpoint as the model");
  command->add_option("--executable", arguments->executable, "a .texe compiled elsewhere, for a checkpoint's model");
  command->add_option("--config", arguments->config,
                      "options from a file, as config.toml of a run; the command line wins");
  command->add_option("--resume", arguments->resume,
                      "DIR: go on with that run; auto: with the run in -o, if there is one");
  command->add_option("-o,--output", arguments->output, "folder of the run");
  command->add_option("--mode", arguments->mode, "continue: train a checkpoint on");
  command->add_flag("--dry-run", arguments->dryRun, "say what it would need, and train nothing");
  addTrainOptions(*command, arguments->options);
  command->callback([=, &invocation] {
    invocation.run = [=, &invocation]() -> Result<ExitCode> {
      return TrainCommand(*arguments, givenOptions(*command, arguments->options), invocation.output).run();
    };
  });
}
