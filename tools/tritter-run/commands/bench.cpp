// bench: how fast a model trains here, and where the time goes.
#include "../command.h"
#include "../number_option.h"
#include "../stop_signals.h"
#include "../train_options.h"
#include "runtime/base/text.h"
#include "runtime/jobs/benchmark.h"

#include <algorithm>

using namespace tritter;

static Result<ExitCode> runBench(const BenchmarkRequest &request, Invocation &invocation) {
  stopOnSignals();
  TRITTER_ASSIGN(BenchmarkResult result, benchmark(request, *invocation.compiler, stopRequested));
  const TrainOptions &options = request.options;
  double flops = result.tokensPerSecond * result.operationsPerToken;
  Output &out = invocation.output;
  out.line("model", "{} parameters, batch {} x {}, {}", grouped(result.parameters), result.batch, result.sequence,
           options.precision);
  out.line("device", "{}, {} threads", options.device, threadsOf(options));
  auto [least, most] = std::minmax_element(result.seconds.begin(), result.seconds.end());
  out.line("step", "{:.1f} ms (median of {}; {:.1f} to {:.1f}), loss {:.4f}", 1e3 * result.medianSeconds,
           result.seconds.size(), 1e3 * *least, 1e3 * *most, result.loss);
  out.line("speed", "{} tokens/s, {:.1f} GFLOP/s", grouped(static_cast<uint64_t>(result.tokensPerSecond)), flops / 1e9);
  if (request.profile)
    out.print(formatProfile(result.profile));
  out.object = {{"tokens_per_s", result.tokensPerSecond},
                {"seconds_per_step", result.medianSeconds},
                {"gflops_per_s", flops / 1e9},
                {"operations_per_token", result.operationsPerToken},
                {"parameters", result.parameters},
                {"memory_bytes", result.memoryBytes},
                {"batch", result.batch},
                {"seq", result.sequence},
                {"precision", options.precision},
                {"threads", threadsOf(options)},
                {"compile_seconds", result.compileSeconds},
                {"loss", result.loss}};
  return 0;
}

void tritter::addBench(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("bench", "Measure how fast a model trains here");
  auto request = std::make_shared<BenchmarkRequest>();
  TrainOptions &options = request->options;
  options.steps = 20;
  command->add_option("model", options.model, "a model, a checkpoint, or a run")->required();
  command->add_option("--executable", request->executable, "a .texe in the place of compiling");
  addNumber(*command, "--steps", options.steps, "steps measured", 1);
  addNumber(*command, "--batch", options.batch, "sequences in a batch", 1);
  addNumber(*command, "--seq", options.sequence, "tokens in a sequence", 1);
  command->add_option("--precision", options.precision, "f32, bf16 or f64");
  command->add_option("--device", options.device, "cpu or reference");
  addNumber(*command, "--threads", options.threads, "0: as many as there are", 0);
  command->add_flag("--no-native", options.noNative, "interpret the kernels in place of native code");
  command->add_flag("--profile", request->profile, "where the time goes, command by command");
  addCompilerOptions(*command, invocation, options.compile);
  command->callback([=, &invocation] { invocation.run = [=, &invocation] { return runBench(*request, invocation); }; });
}
