// generate: continues a prompt, token by token.
#include "runtime/jobs/generate.h"
#include "../command.h"
#include "../number_option.h"
#include "../program_options.h"
#include "../stop_signals.h"

using namespace tritter;

namespace {

struct GenerateArguments : GenerateRequest {
  std::string model;
};

} // namespace

static Result<ExitCode> runGenerate(GenerateArguments arguments, Invocation &invocation) {
  if (arguments.checkpoint.empty())
    arguments.checkpoint = arguments.model;
  if (arguments.checkpoint.empty())
    return error("nothing to generate from: name a checkpoint or a run");
  Output &out = invocation.output;
  stopOnSignals();
  bool begun = false;
  Result<GenerateResult> result = generate(arguments, *invocation.compiler, [&](std::string_view text) {
    if (!begun)
      out.print(arguments.prompt);
    begun = true;
    out.print(text);
    return !stopRequested && out.arrives();
  });
  if (result.ok() && !begun)
    out.print(arguments.prompt);
  if (result.ok() || begun)
    out.print("\n");
  if (!result.ok())
    return std::move(result).status();
  out.object["checkpoint"] = result->checkpoint;
  out.object["prompt"] = arguments.prompt;
  // JSON is UTF-8; bytes that are none are replaced.
  out.object["text"] = nlohmann::json::parse(
      nlohmann::json(result->text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  out.object["tokens"] = result->tokens;
  out.object["seconds"] = result->seconds;
  return 0;
}

void tritter::addGenerate(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("generate", "Continue a prompt");
  auto arguments = std::make_shared<GenerateArguments>();
  command->add_option("model", arguments->model, "a checkpoint, or a run, meaning its last one");
  command->add_option("--checkpoint", arguments->checkpoint, "the same");
  command->add_option("--prompt", arguments->prompt, "what the text begins with");
  addNumber(*command, "--tokens", arguments->count, "how many tokens at most");
  addNumber(*command, "--temperature", arguments->sampling.temperature, "0: always the most likely token", 0);
  addNumber(*command, "--top-k", arguments->sampling.topK, "only the k most likely tokens; 0: all");
  addNumber(*command, "--top-p", arguments->sampling.topP, "only the most likely tokens with this probability together",
            0, 1);
  addNumber(*command, "--seed", arguments->sampling.seed, "of the draws");
  command->add_option("--tokenizer", arguments->tokenizer, "in the place of the checkpoint's: bytes, a .model, a run");
  command->add_option("--executable", arguments->program.executable, "a .texe of batch 1 with the entry logits");
  addProgramOptions(*command, arguments->program, invocation);
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runGenerate(*arguments, invocation); }; });
}
