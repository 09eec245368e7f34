// tokenize: text files into token files, with a tokenizer made from them or given.
#include "runtime/jobs/tokenize.h"
#include "../command.h"
#include "../number_option.h"
#include "runtime/base/text.h"

#include <algorithm>

using namespace tritter;

namespace {

struct TokenizeArguments : TokenizeRequest {
  std::string share = "0";
};

} // namespace

/// "0.5%" or "0.005".
static Result<double> parseShare(const std::string &text) {
  bool percent = text.ends_with('%');
  Result<double> share = parseReal(std::string_view(text).substr(0, text.size() - percent), 0);
  if (!share.ok() || *share / (percent ? 100 : 1) >= 1)
    return error("--val {}: a share of the text such as 0.5% was expected", text);
  return *share / (percent ? 100 : 1);
}

static void describe(const char *label, const TokenizeResult::File &written, Output &out) {
  out.line(label, "{:>6} files  {:>8}  {:>11} tokens ({:.2f} bytes each) -> {}", grouped(written.files),
           shortBytes(static_cast<double>(written.bytes)), grouped(written.tokens),
           static_cast<double>(written.bytes) / static_cast<double>(std::max<uint64_t>(1, written.tokens)),
           written.path);
  out.object[label] = {
      {"path", written.path}, {"files", written.files}, {"bytes", written.bytes}, {"tokens", written.tokens}};
}

static Result<ExitCode> runTokenize(TokenizeArguments arguments, Output &out) {
  if (arguments.output.empty())
    return error("-o DIR is missing: the folder for train.bin, val.bin and the tokenizer");
  TRITTER_ASSIGN(arguments.validationShare, parseShare(arguments.share));
  TRITTER_ASSIGN(TokenizeResult result, tokenize(arguments));
  out.line("tokenizer", "{}, {} pieces{}{}", result.tokenizerKind, grouped(result.vocabulary),
           result.tokenizerPath.empty() ? "" : " -> " + result.tokenizerPath,
           arguments.pieces ? "      " + shortTime(result.tokenizerSeconds) : "");
  out.object["tokenizer"] = {
      {"kind", result.tokenizerKind}, {"vocabulary", result.vocabulary}, {"hash", result.tokenizerHash}};
  describe("train", result.train, out);
  if (result.validation)
    describe("val", *result.validation, out);
  for (const std::string &note : result.notes)
    out.line("note", "{}", note);
  if (!result.unknown.empty())
    out.warn(result.unknown);
  out.object["unknown_tokens"] = result.unknownTokens;
  return 0;
}

void tritter::addTokenize(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("tokenize", "Make token files of text");
  auto arguments = std::make_shared<TokenizeArguments>();
  command->add_option("text", arguments->inputs, "text files, JSON lines with a `text` in each (.jsonl, .ndjson, .json), either also as .gz or .zst, or folders")
      ->required();
  command->add_option("--include", arguments->include, "of folders, only files whose name matches: '*.h,*.pod'")
      ->delimiter(',');
  command->add_option("--exclude", arguments->exclude, "and that match none of these")->delimiter(',');
  command->add_option("--tokenizer", arguments->tokenizer,
                      "bytes (default), a SentencePiece .model, a checkpoint or run");
  addNumber(*command, "--train-spm", arguments->pieces, "train a SentencePiece model of so many pieces on the text", 260,
            1 << 20);
  command->add_option("--val", arguments->share, "share of the text, in whole files, for val.bin, such as 0.5%");
  addNumber(*command, "--seed", arguments->seed, "of the choice of files for val.bin");
  command->add_option("-o,--output", arguments->output, "folder for train.bin, val.bin and tokenizer.model");
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runTokenize(*arguments, invocation.output); }; });
}
