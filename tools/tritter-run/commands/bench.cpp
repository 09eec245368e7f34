// bench: how fast a model trains here, and where the time goes.
#include "../command.h"
#include "../compile.h"
#include "../sources.h"
#include "../train_plan.h"
#include "runtime/base/text.h"
#include "runtime/data/permutation.h"
#include "runtime/train/initial_checkpoint.h"
#include "runtime/train/model_program.h"
#include "runtime/train/operations.h"
#include "runtime/train/parameters.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <unistd.h>

using namespace tritter;

namespace {

struct BenchArguments {
  std::string executable;
  uint64_t vocabulary = 0;
  bool profile = false;
  TrainOptions options;
};

} // namespace

static double medianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The checkpoint whose weights are used: the one named, or fresh ones in a temporary file. Random weights matter:
/// zeros would multiply faster.
static Status fillParameters(Session &session, const std::string &model) {
  if (isCheckpoint(model)) {
    TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(model));
    return loadParameters(session, *checkpoint, /*states=*/false);
  }
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("tritter-bench.{}.tckpt", ::getpid());
  Status status = writeInitialCheckpoint(session.executable(), model, std::nullopt, path.string());
  if (status.ok()) {
    Result<std::shared_ptr<const CheckpointReader>> checkpoint = openCheckpoint(path.string());
    status = checkpoint.ok() ? loadParameters(session, **checkpoint, /*states=*/false) : std::move(checkpoint).status();
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return status;
}

static Result<ExitCode> runBench(const BenchArguments &arguments, Output &out) {
  const TrainOptions &options = arguments.options;
  TRITTER_RETURN_IF_ERROR(options.check());
  CompileRequest request{options.model, "", compileOptions(options, nullptr)};
  if (arguments.vocabulary)
    request.options.insert(request.options.end(), {"--vocab", std::to_string(arguments.vocabulary)});
  if (!arguments.executable.empty()) {
    request.input = arguments.executable;
  } else if (isCheckpoint(options.model)) {
    TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(options.model));
    request = requestFor(*checkpoint, compileOptions(options, nullptr));
  } else {
    TRITTER_RETURN_IF_ERROR(refuseHuggingFace(options.model));
  }
  TRITTER_ASSIGN(Compiled compiled, compile(request));
  const Executable &executable = *compiled.executable;
  TRITTER_RETURN_IF_ERROR(checkMemory(executable, options.batch, 1));
  TRITTER_ASSIGN(std::unique_ptr<Device> device,
                 makeDevice(options.device, {.threads = options.threads, .profile = arguments.profile}));
  TRITTER_ASSIGN(std::unique_ptr<Session> session, device->load(compiled.executable));
  TRITTER_RETURN_IF_ERROR(fillParameters(*session, options.model));
  ModelProgram program(std::move(session));

  uint64_t vocabulary = configNumber(executable, "vocab", 256);
  std::vector<int32_t> tokens(program.batch() * program.sequence()), targets(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    tokens[i] = static_cast<int32_t>(mixWords(options.seed, 2 * i) % vocabulary);
    targets[i] = static_cast<int32_t>(mixWords(options.seed, 2 * i + 1) % vocabulary);
  }
  for (auto [name, value] : {std::pair{"learning_rate", 1e-4},
                             {"beta1", 0.9},
                             {"beta2", 0.95},
                             {"epsilon", 1e-8},
                             {"weight_decay", 0.1},
                             {"clip", 1.0},
                             {"bias_correction1", 0.1},
                             {"bias_correction2", 0.05},
                             {"loss_scale", 1.0}})
    TRITTER_RETURN_IF_ERROR(program.writeScalar(name, value));

  std::vector<double> seconds;
  double loss = 0;
  // The first three steps warm caches and the libraries' kernels up.
  for (uint64_t step = 0; step < options.steps + 3 && !stopRequested; ++step) {
    auto begin = std::chrono::steady_clock::now();
    TRITTER_RETURN_IF_ERROR(program.writeBatch(tokens, targets));
    TRITTER_RETURN_IF_ERROR(program.run("step"));
    if (program.hasEntry("update"))
      TRITTER_RETURN_IF_ERROR(program.run("update"));
    TRITTER_ASSIGN(loss, program.readScalar("loss"));
    double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (step >= 3)
      seconds.push_back(took);
    else if (arguments.profile)
      (void)program.session().takeProfile();
  }
  if (seconds.empty())
    return error("stopped before a step was measured");

  double median = medianOf(seconds), rate = static_cast<double>(tokens.size()) / median;
  double operations = operationsPerToken(executable);
  out.line("model", "{} parameters, batch {} x {}, {}", grouped(countParameters(executable)), program.batch(),
           program.sequence(), options.precision);
  out.line("device", "{}, {} threads", options.device, threadsOf(options));
  out.line("step", "{:.1f} ms (median of {}; {:.1f} to {:.1f}), loss {:.4f}", 1e3 * median, seconds.size(),
           1e3 * *std::min_element(seconds.begin(), seconds.end()),
           1e3 * *std::max_element(seconds.begin(), seconds.end()), loss);
  out.line("speed", "{} tokens/s, {:.1f} GFLOP/s", grouped(static_cast<uint64_t>(rate)), rate * operations / 1e9);
  if (arguments.profile)
    out.print(formatProfile(program.session().takeProfile()));
  out.object = {{"tokens_per_s", rate},
                {"seconds_per_step", median},
                {"gflops_per_s", rate * operations / 1e9},
                {"operations_per_token", operations},
                {"parameters", countParameters(executable)},
                {"memory_bytes", memoryOf(executable)},
                {"batch", program.batch()},
                {"seq", program.sequence()},
                {"precision", options.precision},
                {"threads", threadsOf(options)},
                {"compile_seconds", compiled.seconds},
                {"loss", loss}};
  return 0;
}

void tritter::addBench(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("bench", "Measure how fast a model trains here");
  auto arguments = std::make_shared<BenchArguments>();
  TrainOptions &options = arguments->options;
  options.steps = 20;
  command->add_option("model", options.model, "a model, a checkpoint, or a run")->required();
  command->add_option("--executable", arguments->executable, "a .texe in the place of compiling");
  command->add_option("--vocab", arguments->vocabulary, "vocabulary, where the model leaves it out");
  command->add_option("--steps", options.steps, "steps measured")->check(CLI::PositiveNumber);
  command->add_option("--batch", options.batch, "sequences in a batch");
  command->add_option("--seq", options.sequence, "tokens in a sequence");
  command->add_option("--precision", options.precision, "f32, bf16 or f64");
  command->add_option("--head-rows", options.headRows, "rows of logits held at once");
  command->add_option("--train-only", options.trainOnly, "`new` or globs of parameters");
  command->add_option("--device", options.device, "cpu or reference");
  command->add_option("--threads", options.threads, "0: as many as there are");
  command->add_flag("--no-native", options.noNative, "interpret the kernels in place of native code");
  command->add_flag("--profile", arguments->profile, "where the time goes, command by command");
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runBench(*arguments, invocation.output); }; });
}
