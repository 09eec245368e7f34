// eval: loss, perplexity and bits per byte of a checkpoint on text.
#include "../command.h"
#include "../number_option.h"
#include "../program_options.h"
#include "runtime/base/text.h"
#include "runtime/jobs/evaluate.h"

#include <cmath>
#include <fmt/ranges.h>

using namespace tritter;

namespace {

struct EvalArguments : EvaluateRequest {
  std::string model;
};

} // namespace

static Result<ExitCode> runEval(EvalArguments arguments, Invocation &invocation) {
  if (arguments.checkpoint.empty())
    arguments.checkpoint = arguments.model;
  if (arguments.checkpoint.empty())
    return error("nothing to evaluate: name a checkpoint or a run");
  if (arguments.data.empty())
    return error("--data FILE is missing: the token file to evaluate on, or a folder (its val.bin)");
  TRITTER_ASSIGN(EvaluateResult result, evaluate(arguments, *invocation.compiler));
  Output &out = invocation.output;
  for (const std::string &warning : result.warnings)
    out.warn(warning);
  for (const std::string &layout : result.layouts)
    out.line("data", "{}", layout);
  double perplexity = std::exp(result.loss);
  std::string line = fmt::format("{:.4f} | ppl {:.2f}", result.loss, perplexity);
  out.object["checkpoint"] = result.checkpoint;
  out.object["loss"] = jsonNumber(result.loss);
  out.object["perplexity"] = jsonNumber(perplexity);
  if (result.bitsPerByte) {
    line += fmt::format(" | {:.4f} bits/byte", *result.bitsPerByte);
    out.object["bits_per_byte"] = jsonNumber(*result.bitsPerByte);
  }
  out.object["tokens"] = result.tokens;
  out.line("loss", "{}   ({} tokens of {}, {})", line, grouped(result.tokens), fmt::join(result.files, ", "),
           arguments.program.precision);
  if (result.logitsBytes)
    out.line("logits", "{} as raw f32, {} of each position -> {}", shortBytes(static_cast<double>(result.logitsBytes)),
             grouped(result.vocabulary), arguments.logits);
  return 0;
}

void tritter::addEval(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("eval", "Loss, perplexity and bits per byte of a checkpoint");
  auto arguments = std::make_shared<EvalArguments>();
  command->add_option("model", arguments->model, "a checkpoint, or a run, meaning its last one");
  command->add_option("--checkpoint", arguments->checkpoint, "the same");
  command->add_option("--data", arguments->data, "token file, or a folder (its val.bin)");
  addNumber(*command, "--token-bytes", arguments->tokenBytes, "bytes a token in files without a header: 1, 2, 4 or 8")
      ->check(CLI::IsMember({1, 2, 4, 8}));
  addNumber(*command, "--windows", arguments->windows, "windows that are read; 0: all");
  command->add_option("--logits", arguments->logits, "file to write every position's logits to, as raw f32");
  command->add_flag("--force", arguments->force, "let --logits replace a file of another kind");
  command->add_option("--executable", arguments->program.executable, "a .texe with the entry evaluate");
  addProgramOptions(*command, arguments->program, invocation);
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runEval(*arguments, invocation); }; });
}
