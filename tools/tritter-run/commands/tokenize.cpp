// tokenize: text files into token files, with a tokenizer made from them or given.
#include "../command.h"
#include "../sources.h"
#include "../text_files.h"
#include "runtime/base/text.h"
#include "runtime/checkpoint/atomic_file.h"
#include "runtime/data/permutation.h"
#include "runtime/tokenize/sentencepiece.h"

#include <chrono>
#include <filesystem>
#include <set>

using namespace tritter;
namespace fs = std::filesystem;

namespace {

struct TokenizeArguments {
  std::vector<std::string> inputs, include, exclude;
  std::string tokenizer, validation = "0", output;
  uint32_t pieces = 0;
  uint64_t seed = 1;
};

/// What one of the token files came to.
struct Written {
  uint64_t files = 0, bytes = 0, tokens = 0;
};

} // namespace

/// "0.5%" or "0.005".
static Result<double> parseShare(const std::string &text) {
  char *end = nullptr;
  double share = std::strtod(text.c_str(), &end);
  std::string unit = end;
  if (unit == "%")
    share /= 100;
  if (end == text.c_str() || !(unit.empty() || unit == "%") || !(share >= 0 && share < 1))
    return error("--val {}: a share of the text such as 0.5% was expected", text);
  return share;
}

/// Chooses whole files for validation, in a seeded order, until they hold the share of the bytes.
static std::set<size_t> chooseValidation(const std::vector<TextFile> &files, double share, uint64_t seed) {
  uint64_t total = 0, chosenBytes = 0;
  for (const TextFile &file : files)
    total += file.bytes;
  std::set<size_t> chosen;
  Permutation order(files.size(), seed);
  auto wanted = share * static_cast<double>(total);
  for (size_t i = 0; i < files.size() && static_cast<double>(chosenBytes) < wanted; ++i) {
    size_t index = order(i);
    // A file much larger than the share is left for training.
    if (static_cast<double>(files[index].bytes) > 2 * wanted && i + 1 < files.size())
      continue;
    chosen.insert(index);
    chosenBytes += files[index].bytes;
  }
  return chosen;
}

static Result<std::shared_ptr<const Tokenizer>> trainTokenizer(const std::vector<TextFile> &files,
                                                               const std::set<size_t> &validation, uint32_t pieces) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < files.size(); ++i) {
    if (validation.contains(i))
      continue;
    TRITTER_RETURN_IF_ERROR(forEachDocument(files[i], [&](std::string_view text) -> Status {
      for (size_t at = 0; at < text.size();) {
        size_t end = std::min(text.find('\n', at), text.size());
        if (end > at)
          lines.emplace_back(text.substr(at, end - at));
        at = end + 1;
      }
      return {};
    }));
  }
  TRITTER_ASSIGN(std::string model, trainSentencePiece(lines, pieces));
  return createSentencePieceTokenizer(std::move(model));
}

static Result<Written> writeTokens(const std::vector<TextFile> &files, const std::function<bool(size_t)> &wanted,
                                   const Tokenizer &tokenizer, const std::string &path) {
  TRITTER_ASSIGN(std::unique_ptr<TokenFileWriter> writer,
                 TokenFileWriter::create(path, {tokenizer.hash(), tokenizer.vocabulary(), 0}));
  Written written;
  std::vector<int32_t> ids;
  for (size_t i = 0; i < files.size(); ++i) {
    if (!wanted(i))
      continue;
    ++written.files;
    TRITTER_RETURN_IF_ERROR(forEachDocument(files[i], [&](std::string_view text) -> Status {
      ids.clear();
      tokenizer.encode(text, ids);
      ids.push_back(tokenizer.endOfDocument());
      written.bytes += text.size();
      return writer->append(ids);
    }));
  }
  writer->addTextBytes(written.bytes);
  written.tokens = writer->size();
  TRITTER_RETURN_IF_ERROR(writer->finish());
  return written;
}

static void describe(const char *label, const Written &written, const std::string &path, Output &out) {
  out.line(label, "{:>6} files  {:>8}  {:>11} tokens ({:.2f} bytes each) -> {}", grouped(written.files),
           shortBytes(static_cast<double>(written.bytes)), grouped(written.tokens),
           static_cast<double>(written.bytes) / static_cast<double>(std::max<uint64_t>(1, written.tokens)), path);
  out.object[label] = {{"path", path}, {"files", written.files}, {"bytes", written.bytes}, {"tokens", written.tokens}};
}

static Result<ExitCode> runTokenize(const TokenizeArguments &arguments, Output &out) {
  if (arguments.output.empty())
    return error("-o DIR is missing: the folder for train.bin, val.bin and the tokenizer");
  TRITTER_ASSIGN(double share, parseShare(arguments.validation));
  TRITTER_ASSIGN(std::vector<TextFile> files, findTextFiles(arguments.inputs, arguments.include, arguments.exclude));
  fs::path folder = arguments.output;
  std::error_code code;
  fs::create_directories(folder, code);
  if (code)
    return error("{}: cannot be made ({})", folder.string(), code.message());

  std::set<size_t> validation = chooseValidation(files, share, arguments.seed);
  if (validation.size() == files.size())
    return error("--val {}: would take all {} files; name more text, or a smaller share", arguments.validation,
                 files.size());
  auto begin = std::chrono::steady_clock::now();
  std::shared_ptr<const Tokenizer> tokenizer;
  if (arguments.pieces) {
    if (!arguments.tokenizer.empty())
      return error("--tokenizer {} and --train-spm {}: give one of them", arguments.tokenizer, arguments.pieces);
    TRITTER_ASSIGN(tokenizer, trainTokenizer(files, validation, arguments.pieces));
  } else {
    TRITTER_ASSIGN(tokenizer, openTokenizer(arguments.tokenizer.empty() ? "bytes" : arguments.tokenizer));
  }
  std::string model = (folder / "tokenizer.model").string();
  if (tokenizer->data().empty())
    fs::remove(model, code);
  else
    TRITTER_RETURN_IF_ERROR(writeFileAtomically(model, tokenizer->data()));
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  out.line("tokenizer", "{}, {} pieces{}{}", tokenizer->kind(), grouped(tokenizer->vocabulary()),
           tokenizer->data().empty() ? "" : " -> " + model, arguments.pieces ? "      " + shortTime(seconds) : "");
  out.object["tokenizer"] = {
      {"kind", tokenizer->kind()}, {"vocabulary", tokenizer->vocabulary()}, {"hash", tokenizer->hash()}};

  std::string trainPath = (folder / "train.bin").string(), validationPath = (folder / "val.bin").string();
  TRITTER_ASSIGN(Written train,
                 writeTokens(files, [&](size_t i) { return !validation.contains(i); }, *tokenizer, trainPath));
  describe("train", train, trainPath, out);
  if (validation.empty()) {
    // One of an earlier tokenizer would not fit any more.
    fs::remove(validationPath, code);
    return 0;
  }
  TRITTER_ASSIGN(Written rest,
                 writeTokens(files, [&](size_t i) { return validation.contains(i); }, *tokenizer, validationPath));
  describe("val", rest, validationPath, out);
  return 0;
}

void tritter::addTokenize(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("tokenize", "Make token files of text");
  auto arguments = std::make_shared<TokenizeArguments>();
  command->add_option("text", arguments->inputs, "text files, .jsonl files with a `text` in each line, or folders")
      ->required();
  command->add_option("--include", arguments->include, "of folders, only files whose name matches: '*.h,*.pod'")
      ->delimiter(',');
  command->add_option("--exclude", arguments->exclude, "and that match none of these")->delimiter(',');
  command->add_option("--tokenizer", arguments->tokenizer,
                      "bytes (default), a SentencePiece .model, a checkpoint or run");
  command->add_option("--train-spm", arguments->pieces, "train a SentencePiece model of so many pieces on the text")
      ->check(CLI::Range(260, 1 << 20));
  command->add_option("--val", arguments->validation, "share of the text, in whole files, for val.bin, such as 0.5%");
  command->add_option("--seed", arguments->seed, "of the choice of files for val.bin");
  command->add_option("-o,--output", arguments->output, "folder for train.bin, val.bin and tokenizer.model");
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runTokenize(*arguments, invocation.output); }; });
}
