// generate: continues a prompt, token by token.
#include "runtime/eval/generate.h"
#include "../command.h"
#include "../program_options.h"
#include "../sources.h"

#include <chrono>

using namespace tritter;

namespace {

struct GenerateArguments {
  std::string model, checkpoint, prompt, tokenizer;
  uint64_t count = 200;
  SamplingOptions sampling;
  ProgramRequest request{.batch = 1, .sequence = 256, .precision = "f32", .entry = "logits"};
};

} // namespace

static Result<ExitCode> runGenerate(const GenerateArguments &arguments, Output &out) {
  std::string argument = arguments.checkpoint.empty() ? arguments.model : arguments.checkpoint;
  if (argument.empty())
    return error("nothing to generate from: name a checkpoint or a run");
  TRITTER_RETURN_IF_ERROR(refuseHuggingFace(argument));
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(argument));
  TRITTER_ASSIGN(std::shared_ptr<const Tokenizer> tokenizer, tokenizerOf(*checkpoint));
  if (!arguments.tokenizer.empty()) {
    TRITTER_ASSIGN(tokenizer, openTokenizer(arguments.tokenizer));
  }
  if (!tokenizer)
    return error("{} holds no tokenizer: name one with --tokenizer", checkpoint->path());
  TRITTER_ASSIGN(std::unique_ptr<LoadedModel> model, LoadedModel::load(checkpoint, arguments.request));
  if (tokenizer->vocabulary() > model->vocabulary())
    return error("the tokenizer has {} pieces, the model {}: it was trained with another one", tokenizer->vocabulary(),
                 model->vocabulary());

  std::vector<int32_t> prompt;
  tokenizer->encode(arguments.prompt, prompt);
  // A text without a beginning begins where the last one ended.
  if (prompt.empty())
    prompt.push_back(tokenizer->endOfDocument());
  auto begin = std::chrono::steady_clock::now();
  TokenSampler sampler(arguments.sampling);
  std::vector<int32_t> made;
  std::string shown;
  out.print(arguments.prompt);
  Status status = generate(model->program(), prompt, arguments.count, sampler, [&](int32_t token) {
    if (token == tokenizer->endOfDocument() || stopRequested)
      return false;
    made.push_back(token);
    // Pieces are decoded together, so that characters and spaces that several make come out right.
    std::string all = tokenizer->decode(made);
    if (all.starts_with(shown))
      out.print(std::string_view(all).substr(shown.size()));
    shown = std::move(all);
    return true;
  });
  out.print("\n");
  TRITTER_RETURN_IF_ERROR(std::move(status));
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  out.object["checkpoint"] = checkpoint->path();
  out.object["prompt"] = arguments.prompt;
  // JSON is UTF-8; bytes that are none are replaced.
  out.object["text"] =
      nlohmann::json::parse(nlohmann::json(shown).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  out.object["tokens"] = made.size();
  out.object["seconds"] = seconds;
  return 0;
}

void tritter::addGenerate(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("generate", "Continue a prompt");
  auto arguments = std::make_shared<GenerateArguments>();
  command->add_option("model", arguments->model, "a checkpoint, or a run, meaning its last one");
  command->add_option("--checkpoint", arguments->checkpoint, "the same");
  command->add_option("--prompt", arguments->prompt, "what the text begins with");
  command->add_option("--tokens", arguments->count, "how many tokens at most");
  command->add_option("--temperature", arguments->sampling.temperature, "0: always the most likely token")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--top-k", arguments->sampling.topK, "only the k most likely tokens; 0: all");
  command->add_option("--top-p", arguments->sampling.topP, "only the most likely tokens with this probability together")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--seed", arguments->sampling.seed, "of the draws");
  command->add_option("--tokenizer", arguments->tokenizer, "in the place of the checkpoint's: bytes, a .model, a run");
  command->add_option("--executable", arguments->request.executable, "a .texe of batch 1 with the entry logits");
  addProgramOptions(*command, arguments->request);
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runGenerate(*arguments, invocation.output); }; });
}
