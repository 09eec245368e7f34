#include "runtime/jobs/tokenize.h"

#include "runtime/checkpoint/atomic_file.h"
#include "runtime/data/permutation.h"
#include "runtime/data/token_file.h"
#include "runtime/jobs/sources.h"
#include "runtime/jobs/text_files.h"
#include "runtime/tokenize/sentencepiece.h"

#include <chrono>
#include <filesystem>
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

static Result<TokenizeResult::File> writeTokens(const std::vector<TextFile> &files,
                                                const std::function<bool(size_t)> &wanted, const Tokenizer &tokenizer,
                                                const std::string &path) {
  TRITTER_ASSIGN(std::unique_ptr<TokenFileWriter> writer,
                 TokenFileWriter::create(path, {tokenizer.hash(), tokenizer.vocabulary(), 0}));
  TokenizeResult::File written;
  written.path = path;
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
  TRITTER_ASSIGN(std::vector<TextFile> files, findTextFiles(request.inputs, request.include, request.exclude));
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
  TRITTER_ASSIGN(result.train, writeTokens(
                                   files, [&](size_t i) { return !validation.contains(i); }, *tokenizer, trainPath));
  if (validation.empty()) {
    // One of an earlier tokenizer would not fit any more.
    fs::remove(validationPath, code);
    return result;
  }
  TRITTER_ASSIGN(result.validation,
                 writeTokens(
                     files, [&](size_t i) { return validation.contains(i); }, *tokenizer, validationPath));
  return result;
}
