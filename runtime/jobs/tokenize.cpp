#include "runtime/jobs/tokenize.h"

#include "runtime/base/text.h"
#include "runtime/checkpoint/atomic_file.h"
#include "runtime/data/permutation.h"
#include "runtime/data/token_file.h"
#include "runtime/jobs/sources.h"
#include "runtime/jobs/text_files.h"
#include "runtime/tokenize/encoding.h"
#include "runtime/tokenize/sentencepiece.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>

using namespace tritter;
namespace fs = std::filesystem;

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
    auto use = [&](std::string_view document) -> Status {
      std::string text(document);
      readRestAsLatin1(text);
      for (size_t at = 0; at < text.size();) {
        size_t end = std::min(text.find('\n', at), text.size());
        if (end > at)
          lines.push_back(text.substr(at, end - at));
        at = end + 1;
      }
      return {};
    };
    // What is odd about the files is said when they are tokenised.
    TextNotes notes;
    TRITTER_RETURN_IF_ERROR(forEachDocument(files[i], use, notes));
  }
  TRITTER_ASSIGN(std::string model, trainSentencePiece(lines, pieces));
  return createSentencePieceTokenizer(std::move(model));
}

namespace {

/// What no piece of the tokenizer stands for.
struct UnknownText {
  uint64_t tokens = 0;
  std::map<std::string, uint64_t> characters;
};

} // namespace

/// "newline (U+000A)", for a message.
static std::string nameOf(const std::string &character) {
  uint32_t code = codePoint(character);
  static const std::map<uint32_t, const char *> names = {
      {'\t', "tab"}, {'\n', "newline"}, {'\r', "carriage return"}, {' ', "space"}, {0xa0, "no-break space"}};
  auto name = names.find(code);
  bool shown = code > ' ' && code != 0x7f && characterBytes(character) == character.size() && (code < 0x80 || code > 0xa0);
  return fmt::format("{}U+{:04X}", name != names.end() ? fmt::format("{} ", name->second)
                                   : shown             ? character + " "
                                                       : std::string(),
                     code);
}

/// "300 of 1,000 tokens are <unk>: ..."; empty where none is.
static std::string describeUnknown(const UnknownText &unknown, uint64_t tokens) {
  if (unknown.tokens == 0)
    return {};
  uint64_t all = 0;
  std::vector<std::pair<uint64_t, std::string>> most;
  for (auto &[character, count] : unknown.characters) {
    all += count;
    most.emplace_back(count, character);
  }
  std::sort(most.begin(), most.end(), [](auto &a, auto &b) { return a.first > b.first; });
  std::string examples;
  for (size_t i = 0; i < std::min<size_t>(most.size(), 5); ++i)
    examples += fmt::format("{}{} {} times", i ? ", " : "", nameOf(most[i].second), grouped(most[i].first));
  return fmt::format("{} of {} tokens are <unk>: {} characters of the text are lost ({}{}), for which the tokenizer has "
                     "neither pieces nor bytes; one that --train-spm makes keeps all",
                     grouped(unknown.tokens), grouped(tokens), grouped(all), examples,
                     most.size() > 5 ? fmt::format(" and {} others", grouped(most.size() - 5)) : "");
}

static Result<TokenizeResult::File> writeTokens(const std::vector<TextFile> &files,
                                                const std::function<bool(size_t)> &wanted, const Tokenizer &tokenizer,
                                                const std::string &path, TextNotes &notes, UnknownText &unknown) {
  TRITTER_ASSIGN(std::unique_ptr<TokenFileWriter> writer,
                 TokenFileWriter::create(path, {tokenizer.hash(), tokenizer.vocabulary(), 0}));
  TokenizeResult::File written;
  written.path = path;
  std::vector<int32_t> ids;
  for (size_t i = 0; i < files.size(); ++i) {
    if (!wanted(i))
      continue;
    ++written.files;
    auto use = [&](std::string_view document) -> Status {
      std::string text(document);
      if (uint64_t bytes = tokenizer.needsUtf8() ? readRestAsLatin1(text) : 0)
        notes.add("bytes that are not UTF-8, each read as a character of Latin-1", files[i].path, bytes);
      ids.clear();
      tokenizer.encode(text, ids);
      if (auto lost = std::count(ids.begin(), ids.end(), tokenizer.unknown())) {
        unknown.tokens += lost;
        tokenizer.countUnknown(text, unknown.characters);
      }
      ids.push_back(tokenizer.endOfDocument());
      written.bytes += text.size();
      return writer->append(ids);
    };
    TRITTER_RETURN_IF_ERROR(forEachDocument(files[i], use, notes));
  }
  writer->addTextBytes(written.bytes);
  written.tokens = writer->size();
  TRITTER_RETURN_IF_ERROR(writer->finish());
  return written;
}

static Result<std::shared_ptr<const Tokenizer>> chooseTokenizer(const TokenizeRequest &request,
                                                                const std::vector<TextFile> &files,
                                                                const std::set<size_t> &validation) {
  if (!request.pieces)
    return openTokenizer(request.tokenizer.empty() ? "bytes" : request.tokenizer);
  if (!request.tokenizer.empty())
    return error("--tokenizer {} and --train-spm {}: give one of them", request.tokenizer, request.pieces);
  return trainTokenizer(files, validation, request.pieces);
}

Result<TokenizeResult> tritter::tokenize(const TokenizeRequest &request) {
  TextNotes notes;
  TRITTER_ASSIGN(std::vector<TextFile> files, findTextFiles(request.inputs, request.include, request.exclude, notes));
  fs::path folder = request.output;
  std::error_code code;
  fs::create_directories(folder, code);
  if (code)
    return error("{}: cannot be made ({})", folder.string(), code.message());

  std::set<size_t> validation = chooseValidation(files, request.validationShare, request.seed);
  if (validation.size() == files.size())
    return error("--val {}: would take all {} files; name more text, or a smaller share", request.validationShare,
                 files.size());
  auto begin = std::chrono::steady_clock::now();
  TRITTER_ASSIGN(std::shared_ptr<const Tokenizer> tokenizer, chooseTokenizer(request, files, validation));
  TokenizeResult result;
  std::string model = (folder / "tokenizer.model").string();
  if (tokenizer->data().empty()) {
    fs::remove(model, code);
  } else {
    TRITTER_RETURN_IF_ERROR(writeFileAtomically(model, tokenizer->data()));
    result.tokenizerPath = model;
  }
  result.tokenizerSeconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  result.tokenizerKind = tokenizer->kind();
  result.tokenizerHash = tokenizer->hash();
  result.vocabulary = tokenizer->vocabulary();

  std::string trainPath = (folder / "train.bin").string(), validationPath = (folder / "val.bin").string();
  UnknownText unknown;
  auto isTraining = [&](size_t i) { return !validation.contains(i); };
  auto isValidation = [&](size_t i) { return validation.contains(i); };
  TRITTER_ASSIGN(result.train, writeTokens(files, isTraining, *tokenizer, trainPath, notes, unknown));
  uint64_t tokens = result.train.tokens;
  if (validation.empty()) {
    // One of an earlier tokenizer would not fit any more.
    fs::remove(validationPath, code);
  } else {
    TRITTER_ASSIGN(result.validation, writeTokens(files, isValidation, *tokenizer, validationPath, notes, unknown));
    tokens += result.validation->tokens;
  }
  result.notes = notes.lines();
  result.unknown = describeUnknown(unknown, tokens);
  result.unknownTokens = unknown.tokens;
  return result;
}
