#include "runtime/jobs/sources.h"

#include "runtime/base/number.h"
#include "runtime/base/paths.h"
#include "runtime/base/text.h"
#include "runtime/train/run_directory.h"

#include <filesystem>
#include <fstream>

using namespace tritter;
namespace fs = std::filesystem;

// ---------------------------------------------------------------- checkpoints

/// The first bytes of every checkpoint.
static bool hasCheckpointMagic(const fs::path &path) {
  char magic[8] = {};
  std::ifstream(path, std::ios::binary).read(magic, 8);
  return std::string_view(magic, 7) == "TRITTER";
}

bool tritter::isCheckpoint(const std::string &argument) {
  fs::path path = argument;
  if (isFolder(path))
    return pathExists(path / "last.tckpt");
  return path.extension() == ".tckpt" || (isFile(path) && hasCheckpointMagic(path));
}

Status tritter::refuseHuggingFace(const std::string &argument) {
  if (!isFolder(argument) || !pathExists(fs::path(argument) / "config.json"))
    return {};
  std::error_code code;
  for (const fs::directory_entry &entry : fs::directory_iterator(argument, code))
    if (entry.path().extension() == ".safetensors")
      return error("{} is a Hugging Face checkpoint: first tritter-run import {} -o {}.tckpt", argument, argument,
                   fs::absolute(argument, code).lexically_normal().filename().string());
  return {};
}

Result<std::shared_ptr<const CheckpointReader>> tritter::openCheckpoint(const std::string &argument) {
  TRITTER_ASSIGN(std::string path, findCheckpoint(argument));
  // A run's last checkpoint is named by its own file.
  std::error_code code;
  if (isLink(path))
    path = (fs::path(path).parent_path() / fs::read_symlink(path, code)).string();
  TRITTER_RETURN_IF_ERROR(checkReachable(path));
  Result<std::unique_ptr<CheckpointReader>> opened = CheckpointReader::open(path);
  if (!opened.ok())
    return error("{}{}", opened.status().message(), goodCheckpointBeside(path));
  std::unique_ptr<CheckpointReader> reader = *std::move(opened);
  return std::shared_ptr<const CheckpointReader>(std::move(reader));
}

Status tritter::explainFailure(Status failure, const CheckpointReader &checkpoint) {
  if (failure.ok() || checkpoint.verifyAll().ok())
    return failure;
  return error("{}{}", failure.message(), goodCheckpointBeside(checkpoint.path()));
}

// ---------------------------------------------------------------- tokenizers

Result<std::shared_ptr<const Tokenizer>> tritter::tokenizerOf(const CheckpointReader &checkpoint) {
  const schema::TokenizerRecord *record = checkpoint.manifest().tokenizer();
  if (!record)
    return std::shared_ptr<const Tokenizer>();
  return createTokenizer(*record);
}

Result<std::shared_ptr<const Tokenizer>> tritter::openTokenizer(const std::string &argument) {
  if (!isCheckpoint(argument))
    return loadTokenizer(argument);
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(argument));
  TRITTER_ASSIGN(std::shared_ptr<const Tokenizer> tokenizer, tokenizerOf(*checkpoint));
  if (!tokenizer)
    return error("{} holds no tokenizer: name one with --tokenizer", argument);
  return tokenizer;
}

Status tritter::checkTokenizer(const TokenFile &file, const Tokenizer &tokenizer, const std::string &owner) {
  const TokenFileHeader &header = file.header();
  if (header.tokenizerHash.empty() || header.tokenizerHash == tokenizer.hash())
    return {};
  return error("{} was made with tokenizer {} ({} pieces), {} with {} ({}): tokenise again with --tokenizer {}",
               file.path(), shortHash(header.tokenizerHash), grouped(header.vocabulary), owner,
               shortHash(tokenizer.hash()), grouped(tokenizer.vocabulary()), owner);
}

// ---------------------------------------------------------------- data

/// Splits FILE=0.2 unless a file has that very name.
static Result<std::pair<std::string, std::optional<double>>> splitWeight(const std::string &argument) {
  size_t equals = argument.rfind('=');
  if (equals == std::string::npos || pathExists(argument))
    return std::pair(argument, std::optional<double>());
  std::string text = argument.substr(equals + 1);
  Result<double> weight = parseReal(text);
  if (!weight.ok())
    return error("--data {}: `{}` is no weight; FILE=0.2 reads a fifth of the windows from FILE", argument, text);
  return std::pair(argument.substr(0, equals), std::optional<double>(*weight));
}

Result<DataArguments> tritter::openData(const std::vector<std::string> &data, const std::string &validation,
                                        int tokenBytes) {
  DataArguments result;
  std::string validationPath = validation;
  for (const std::string &argument : data) {
    TRITTER_ASSIGN(auto split, splitWeight(argument));
    auto [path, weight] = split;
    if (isFolder(path)) {
      fs::path folder = path;
      path = (folder / "train.bin").string();
      if (!pathExists(path))
        return error("{} has no train.bin: tritter-run tokenize TEXT... -o {} makes one", folder.string(),
                     folder.string());
      if (validationPath.empty() && pathExists(folder / "val.bin"))
        validationPath = (folder / "val.bin").string();
      if (!result.tokenizer && pathExists(folder / "tokenizer.model")) {
        TRITTER_ASSIGN(result.tokenizer, loadTokenizer((folder / "tokenizer.model").string()));
      }
    }
    TRITTER_ASSIGN(std::shared_ptr<const TokenFile> tokens, TokenFile::open(path, tokenBytes));
    result.files.push_back({std::move(tokens), weight});
  }
  if (!validationPath.empty()) {
    if (isFolder(validationPath))
      validationPath = (fs::path(validationPath) / "val.bin").string();
    TRITTER_ASSIGN(result.validation, TokenFile::open(validationPath, tokenBytes));
  }
  std::shared_ptr<const Tokenizer> bytes = createByteTokenizer();
  if (!result.tokenizer && !result.files.empty() && result.files[0].tokens->header().tokenizerHash == bytes->hash())
    result.tokenizer = bytes;
  return result;
}

Status DataArguments::readFor(uint32_t vocabulary) {
  for (DataFile &file : files) {
    TRITTER_ASSIGN(file.tokens, TokenFile::forVocabulary(file.tokens, vocabulary));
  }
  if (validation) {
    TRITTER_ASSIGN(validation, TokenFile::forVocabulary(validation, vocabulary));
  }
  return {};
}

std::vector<std::string> DataArguments::layouts() const {
  std::vector<std::string> lines;
  auto add = [&](const TokenFile &file) {
    if (!file.layout().empty())
      lines.push_back(fmt::format("{}: {} tokens; {}", file.name(), grouped(file.size()), file.layout()));
  };
  for (const DataFile &file : files)
    add(*file.tokens);
  if (validation)
    add(*validation);
  return lines;
}

// ---------------------------------------------------------------- device

uint64_t tritter::memoryOf(const Executable &executable) {
  uint64_t bytes = 0;
  for (const schema::Arena *arena : *executable->arenas())
    bytes += arena->bytes();
  return bytes;
}

Status tritter::checkMemory(const Executable &executable, const Device &device, uint64_t accumulate) {
  uint64_t needed = memoryOf(executable), available = device.memory().available, batch = executable->batch();
  if (needed <= available || available == 0)
    return {};
  // What grows with the batch, and what does not.
  uint64_t activations = 0;
  for (const schema::Arena *arena : *executable->arenas())
    for (std::string_view name : {"saved", "workspace", "io"})
      if (arena->name()->string_view() == name)
        activations += arena->bytes();
  auto needs = [&](uint64_t smaller) { return needed - activations + activations / batch * smaller; };
  uint64_t fits = batch;
  while (fits > 1 && needs(fits) > available)
    fits = batch % (fits / 2) == 0 ? fits / 2 : 1;
  if (needs(fits) > available)
    return error("a step needs {}, {} are free, and no smaller batch would fit: a smaller model, or --precision bf16",
                 shortBytes(needed), shortBytes(available));
  return error(
      "a step needs {}, {} are free (activations {} at batch {} x {}): --batch {} --accumulate {} needs {} and "
      "trains the same",
      shortBytes(needed), shortBytes(available), shortBytes(activations), batch, executable->sequence_length(), fits,
      accumulate * (batch / fits), shortBytes(needs(fits)));
}
