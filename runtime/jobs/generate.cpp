#include "runtime/jobs/generate.h"

#include "runtime/checkpoint/not_finite.h"
#include "runtime/jobs/sources.h"

#include <chrono>

using namespace tritter;

Result<GenerateResult> tritter::generate(const GenerateRequest &request, Compiler &compiler,
                                         const std::function<bool(std::string_view)> &onText) {
  TRITTER_RETURN_IF_ERROR(refuseHuggingFace(request.checkpoint));
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(request.checkpoint));
  TRITTER_ASSIGN(std::shared_ptr<const Tokenizer> tokenizer, tokenizerOf(*checkpoint));
  if (!request.tokenizer.empty()) {
    TRITTER_ASSIGN(tokenizer, openTokenizer(request.tokenizer));
  }
  if (!tokenizer)
    return error("{} holds no tokenizer: name one with --tokenizer", checkpoint->path());
  TRITTER_ASSIGN(std::unique_ptr<LoadedModel> model,
                 LoadedModel::load(checkpoint, request.program, "logits", compiler));
  if (tokenizer->vocabulary() > model->vocabulary())
    return error("the tokenizer has {} pieces, the model {}: it was trained with another one", tokenizer->vocabulary(),
                 model->vocabulary());

  std::vector<int32_t> prompt;
  tokenizer->encode(request.prompt, prompt);
  // A text without a beginning begins where the last one ended.
  if (prompt.empty())
    prompt.push_back(tokenizer->endOfDocument());
  auto begin = std::chrono::steady_clock::now();
  TokenSampler sampler(request.sampling);
  std::vector<int32_t> made;
  GenerateResult result;
  result.checkpoint = checkpoint->path();
  Status status = generate(model->program(), prompt, request.count, sampler, [&](int32_t token) {
    if (token == tokenizer->endOfDocument())
      return false;
    made.push_back(token);
    // Pieces are decoded together, so that characters and spaces that several make come out right.
    std::string all = tokenizer->decode(made);
    bool goOn = true;
    if (onText && all.starts_with(result.text))
      goOn = onText(std::string_view(all).substr(result.text.size()));
    result.text = std::move(all);
    return goOn;
  });
  if (!status.ok()) {
    std::vector<NotFinite> tensors = findNotFinite(*checkpoint);
    return tensors.empty() ? std::move(status) : error("{}; {}", status.message(), describe(tensors));
  }
  result.tokens = made.size();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}
