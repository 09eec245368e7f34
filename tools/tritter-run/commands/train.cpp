// train: a new run of a model or of a checkpoint's weights, or the same run resumed.
#include "runtime/jobs/train.h"
#include "../command.h"
#include "../progress.h"
#include "../stop_signals.h"
#include "../train_options.h"
#include "runtime/base/paths.h"
#include "runtime/base/text.h"
#include "runtime/jobs/facts.h"
#include "runtime/jobs/memory.h"

#include <algorithm>
#include <filesystem>

using namespace tritter;
namespace fs = std::filesystem;

namespace {

struct TrainArguments {
  TrainOptions options;
  std::string model, checkpoint, executable, config, resume, output, mode;
  bool dryRun = false;
};

/// What a run takes up, and the line "^C       stopping after step 231 ...", to be ended once it is saved.
class RunLines : public TrainObserver {
public:
  explicit RunLines(Output &out) : out(out) {}
  void onTakeUp(const TakeUpReport &report) override {
    out.line("taken up", "{}{}", report.moments ? "weights and moments" : "weights",
             report.data ? fmt::format("; data go on at epoch {}, window {}", report.position.epoch,
                                       grouped(report.position.window))
                         : "; data from the beginning");
  }
  void onStop(uint64_t step) override {
    out.print(fmt::format("{:<8} stopping after step {} ... ", stopSignalName(), step));
  }

private:
  Output &out;
};

} // namespace

static bool contains(const std::vector<std::string> &names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// --mode continue: what is set for training on after a growth, where the command line says nothing else.
static Status continueDefaults(TrainArguments &arguments, std::vector<std::string> &given, Output &out) {
  std::string checkpoint = arguments.checkpoint.empty() ? arguments.model : arguments.checkpoint;
  if (arguments.mode != "continue")
    return error("--mode {}: `continue` was expected", arguments.mode);
  if (checkpoint.empty() || !arguments.resume.empty())
    return error("--mode continue starts a new run from a checkpoint: name it, and leave --resume out");
  TrainOptions &options = arguments.options;
  auto set = [&](const char *name, auto &value, auto otherwise) {
    if (contains(given, name))
      return;
    value = otherwise;
    given.push_back(name);
  };
  set("lr", options.learningRate, 1e-5);
  set("steps", options.steps, 10000);
  set("warmup", options.warmup, static_cast<int64_t>(options.steps / 20));
  if (arguments.output.empty())
    arguments.output = fs::path(checkpoint).lexically_normal().replace_extension().string() + "-continued";
  out.line("mode", "continue: lr {:g}, {} steps, the first {} of them warm-up, into {}", options.learningRate,
           grouped(options.steps), grouped(options.warmup), arguments.output);
  return {};
}

/// The run that --resume names; empty where a new one is asked for.
static Result<std::string> resumedRun(const TrainArguments &arguments) {
  const std::string &run = arguments.resume, &output = arguments.output;
  if (run == "auto") {
    if (output.empty())
      return error("--resume auto needs -o DIR: the run that is resumed if it is there, and started if it is not");
    return RunDirectory(output).lastStep() ? output : std::string();
  }
  if (!run.empty() && !output.empty() && fs::path(output).lexically_normal() != fs::path(run).lexically_normal())
    return error("--resume {} goes on in that folder: leave -o {} out", run, output);
  return run;
}

/// What the words ask for.
static Result<TrainRequest> makeRequest(const TrainArguments &arguments, std::vector<std::string> given) {
  TrainRequest request;
  request.executable = arguments.executable;
  TRITTER_ASSIGN(TrainOptions options, layOver(arguments.config, arguments.options, given));
  TRITTER_ASSIGN(std::string run, resumedRun(arguments));
  if (!run.empty()) {
    request.resume = true;
    request.output = run;
    request.options = arguments.options;
    request.given = std::move(given);
    return request;
  }
  if (!arguments.model.empty() && !arguments.checkpoint.empty())
    return error("`{}` and --checkpoint {}: a run starts from one of them", arguments.model, arguments.checkpoint);
  if (!arguments.checkpoint.empty() && !isCheckpoint(arguments.checkpoint)) {
    TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(arguments.checkpoint));
  }
  if (!arguments.model.empty() || !arguments.checkpoint.empty())
    options.model = arguments.checkpoint.empty() ? arguments.model : arguments.checkpoint;
  if (options.model.empty())
    return error("nothing to train: name a model (llama:15M, a .mlir, a .toml, a config.json), a checkpoint, or a run "
                 "with --resume DIR");
  if (arguments.config.empty() && !contains(given, "steps"))
    return error("--steps N is missing: how long the run is (0 writes the model as it begins)");
  if (arguments.output.empty() && !arguments.dryRun)
    return error("-o DIR is missing: the folder that the run is kept in");
  // A configuration says everything.
  if (!arguments.config.empty())
    given.push_back("seed");
  request.output = arguments.output;
  request.options = std::move(options);
  request.given = std::move(given);
  return request;
}

/// "211 MB: parameters 20 MB, gradients 20 MB, saved 131 MB, program 22 MB, data 18 MB": parts of a megabyte or more.
static std::string memoryLine(const MemoryPlan &plan) {
  std::string parts;
  for (const MemoryPart &part : plan.parts)
    if (part.bytes >= 1000000)
      parts += fmt::format("{}{} {}", parts.empty() ? ": " : ", ", part.name, shortBytes(static_cast<double>(part.bytes)));
  return shortBytes(static_cast<double>(plan.total())) + parts;
}

static void describeModel(const PreparedRun &run, const RunCost &cost, const MemoryPlan &memory, Output &out) {
  const Executable &executable = *run.compiled.executable;
  const schema::TrainingState *state = run.source ? run.source->manifest().state() : nullptr;
  const flatbuffers::String *fingerprint = executable->fingerprint();
  if (run.resume && fingerprint && state->executable() &&
      state->executable()->string_view() != fingerprint->string_view())
    out.warn("the executable is not the one that this run began with (another version of tritter-compile): what "
             "follows may differ in the last bits");
  if (run.resume)
    out.line("resume", "step {}, data position and RNG restored; nothing changed", state->step());
  else if (run.source)
    out.line("from", "{}: weights, {}; NEW schedule", run.source->path(),
             run.options.moments == Moments::Carry ? "moments where it has them" : "moments reset");
  out.line("model", "{} parameters; vocab {}{}", grouped(cost.parameters), grouped(executable.config().vocab),
           run.tokenizer ? fmt::format(" of tokenizer {} ({})", shortHash(run.tokenizer->hash()), run.tokenizer->kind())
                         : "");
  if (cost.trained < cost.parameters)
    out.line("train", "{} of {} parameters ({})", grouped(cost.trained), grouped(cost.parameters),
             run.options.trainOnly);
  out.line("device", "{}, {} threads, {}", run.options.device, threadsOf(run.options),
           run.options.precision == "bf16" ? "bf16 with f32 masters" : run.options.precision);
  for (const std::string &layout : run.layouts)
    out.line("data", "{}", layout);
  out.line("memory", "{}", memoryLine(memory));
  out.object["memory_bytes"] = memory.total();
  out.line("compile", "{} kernels, {}", executable->kernels() ? executable->kernels()->size() : 0,
           run.compiled.cached ? "from the cache" : fmt::format("{} -> cached", shortTime(run.compiled.seconds)));
}

static void describeRun(const PreparedRun &run, const RunCost &cost, Output &out) {
  const TrainOptions &options = run.options;
  static constexpr const char *names[] = {"constant", "linear", "cosine", "wsd"};
  out.line("run", "{} x {} tokens = {} ({:.2f} epochs), {}; lr {:.1e} {}", grouped(options.steps),
           grouped(cost.tokensPerStep), shortNumber(cost.tokens), cost.epochs, shortNumber(cost.operations, "FLOP"),
           options.learningRate, names[static_cast<int>(options.schedule)]);
  if (cost.epochs > 4)
    out.warn(fmt::format("{} steps read the {} tokens {:.1f} times; {} steps are 4 epochs", grouped(options.steps),
                         shortNumber(static_cast<double>(run.sampler->tokens())), cost.epochs,
                         grouped(static_cast<uint64_t>(4 * static_cast<double>(run.sampler->windows()) *
                                                       static_cast<double>(options.sequence) /
                                                       static_cast<double>(cost.tokensPerStep)))));
  if (!run.bentSchedule.empty())
    out.line("schedule", "{}", run.bentSchedule);
  out.object["parameters"] = cost.parameters;
  out.object["trained_parameters"] = cost.trained;
  out.object["flops_per_token"] = cost.operationsPerToken;
  out.object["flops"] = cost.operations;
  out.object["epochs"] = cost.epochs;
}

static Result<ExitCode> dryRun(PreparedRun &run, Output &out) {
  TRITTER_ASSIGN(RunTime time, timeRun(run));
  out.line("time", "{} a step, about {} in all", shortTime(time.secondsPerStep), shortTime(time.seconds));
  out.line("disk", "{} a checkpoint, {} of them", shortBytes(time.checkpointBytes), time.checkpoints);
  out.line("dry run", "nothing was written");
  out.object["seconds"] = time.seconds;
  out.object["seconds_per_step"] = time.secondsPerStep;
  out.object["disk_bytes"] = time.checkpointBytes * static_cast<double>(time.checkpoints);
  return 0;
}

/// Operations a second that the device does in matrix products of the run's type; 0 where that says nothing.
static double measurePeak(PreparedRun &run, Output &out) {
  double peak = run.device->productPeak(run.options.precision == "bf16"  ? schema::DType::BF16
                                        : run.options.precision == "f32" ? schema::DType::F32
                                                                         : schema::DType::F64);
  if (peak > 0)
    out.line("peak", "{} in matrix products, measured", shortNumber(peak, "FLOP/s"));
  out.object["peak_flops_per_s"] = peak;
  return peak;
}

static Result<ExitCode> runTrain(TrainArguments arguments, std::vector<std::string> given, Invocation &invocation) {
  stopOnSignals();
  Output &out = invocation.output;
  if (!arguments.mode.empty())
    TRITTER_RETURN_IF_ERROR(continueDefaults(arguments, given, out));
  TRITTER_ASSIGN(TrainRequest request, makeRequest(arguments, std::move(given)));
  TRITTER_ASSIGN(PreparedRun run, prepareRun(request, *invocation.compiler));
  RunCost cost = costOf(run);
  for (const std::string &warning : run.warnings)
    out.warn(warning);
  MemoryPlan memory = planMemory(run);
  describeModel(run, cost, memory, out);
  describeRun(run, cost, out);
  if (arguments.dryRun)
    return dryRun(run, out);

  double peak = measurePeak(run, out);
  bool fromScratch = !run.source;
  Progress progress(fromScratch ? (*run.compiled.executable).config().vocab : 0,
                    peak > 0 ? cost.operationsPerToken / peak : 0);
  RunLines lines(out);
  TrainObserver *observers[] = {&progress, &lines};
  std::string folder = run.directory.path().string();
  Result<TrainOutcome> outcome = train(std::move(run), *invocation.compiler, observers, stopRequested);
  progress.finish();
  if (!outcome.ok())
    return std::move(outcome).status();
  if (outcome->stopped)
    out.print(fmt::format("saved. Continue: tritter-run train --resume {}\n", folder));
  else
    out.line("wrote", "{}", outcome->checkpoint);
  uint64_t held = peakMemory();
  out.line("held", "{} of memory at most, {} were planned", shortBytes(static_cast<double>(held)),
           shortBytes(static_cast<double>(memory.total())));
  out.object["peak_memory"] = held;
  out.object["step"] = outcome->step;
  out.object["loss"] = outcome->loss;
  if (outcome->validationLoss)
    out.object["val_loss"] = *outcome->validationLoss;
  out.object["checkpoint"] = outcome->checkpoint;
  out.object["identity"] = outcome->identity;
  out.object["stopped"] = outcome->stopped;
  return 0;
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
                      "DIR: go on with that run; DIR/step-000100.tckpt: from that checkpoint of it; auto: with the run "
                      "in -o, if there is one");
  command->add_option("-o,--output", arguments->output, "folder of the run");
  command->add_option("--mode", arguments->mode, "continue: train a checkpoint on");
  command->add_flag("--dry-run", arguments->dryRun, "say what it would need, and train nothing");
  addTrainOptions(*command, arguments->options);
  addCompilerOptions(*command, invocation, arguments->options.compile);
  command->callback([=, &invocation] {
    invocation.run = [=, &invocation] {
      return runTrain(*arguments, givenOptions(*command, arguments->options), invocation);
    };
  });
}
