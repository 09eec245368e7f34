// eval: loss, perplexity and bits per byte of a checkpoint on text.
#include "../command.h"
#include "../program_options.h"
#include "../sources.h"
#include "runtime/base/text.h"
#include "runtime/checkpoint/atomic_file.h"

#include <cmath>

using namespace tritter;

namespace {

struct EvalArguments {
  std::string model, checkpoint, logits;
  std::vector<std::string> data;
  int tokenBytes = 0;
  uint64_t windows = 0;
  ProgramRequest request{.batch = 8, .sequence = 256, .precision = "f32", .entry = "evaluate"};
};

} // namespace

/// Bytes of the text that the targets of a pass stand for: from the file's header, or by decoding.
static std::optional<double> textBytes(const ValidationSet &set, const Tokenizer *tokenizer, std::span<int32_t> tokens,
                                       std::span<int32_t> targets) {
  if (uint64_t bytes = set.file().header().textBytes)
    return static_cast<double>(bytes) * static_cast<double>(set.tokens()) / static_cast<double>(set.file().size());
  if (!tokenizer)
    return std::nullopt;
  double bytes = 0;
  for (uint64_t i = 0; i < set.size(); ++i) {
    set.read(i, tokens, targets);
    bytes += static_cast<double>(tokenizer->decode(targets).size());
  }
  return bytes;
}

/// Writes the logits of every position that was evaluated, as raw f32, in order.
static Status writeLogits(const EvalArguments &arguments, std::shared_ptr<const CheckpointReader> checkpoint,
                          std::span<const std::shared_ptr<const TokenFile>> files, Output &out) {
  ProgramRequest request = arguments.request;
  request.entry = "logits";
  TRITTER_ASSIGN(std::unique_ptr<LoadedModel> model, LoadedModel::load(checkpoint, request));
  ModelProgram &program = model->program();
  std::vector<int32_t> tokens(program.batch() * program.sequence()), targets(tokens.size());
  TRITTER_ASSIGN(std::unique_ptr<AtomicFile> file, AtomicFile::create(arguments.logits));
  uint64_t bytes = 0;
  for (const auto &data : files) {
    uint64_t batches = (arguments.windows + program.batch() - 1) / program.batch();
    TRITTER_ASSIGN(ValidationSet set, ValidationSet::create(data, program.batch(), program.sequence(), batches));
    for (uint64_t i = 0; i < set.size(); ++i) {
      set.read(i, tokens, targets);
      TRITTER_RETURN_IF_ERROR(program.writeBatch(tokens, targets));
      TRITTER_RETURN_IF_ERROR(program.run("logits"));
      TRITTER_ASSIGN(std::vector<float> values, program.readFloats("logits"));
      TRITTER_RETURN_IF_ERROR(file->write(bytes, std::as_bytes(std::span(values))));
      bytes += values.size() * sizeof(float);
    }
  }
  TRITTER_RETURN_IF_ERROR(file->commit());
  out.line("logits", "{} as raw f32, {} of each position -> {}", shortBytes(static_cast<double>(bytes)),
           grouped(model->vocabulary()), arguments.logits);
  return {};
}

static Result<ExitCode> runEval(EvalArguments arguments, Output &out) {
  std::string argument = arguments.checkpoint.empty() ? arguments.model : arguments.checkpoint;
  if (argument.empty())
    return error("nothing to evaluate: name a checkpoint or a run");
  if (arguments.data.empty())
    return error("--data FILE is missing: the token file to evaluate on, or a folder (its val.bin)");
  TRITTER_RETURN_IF_ERROR(refuseHuggingFace(argument));
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(argument));
  TRITTER_ASSIGN(std::shared_ptr<const Tokenizer> tokenizer, tokenizerOf(*checkpoint));
  TRITTER_ASSIGN(DataArguments data, openData(arguments.data, "", arguments.tokenBytes));
  std::vector<std::shared_ptr<const TokenFile>> files;
  if (data.validation)
    files.push_back(data.validation);
  else
    for (const DataFile &file : data.files)
      files.push_back(file.tokens);

  TRITTER_ASSIGN(std::unique_ptr<LoadedModel> model, LoadedModel::load(checkpoint, arguments.request));
  ModelProgram &program = model->program();
  std::vector<int32_t> tokens(program.batch() * program.sequence()), targets(tokens.size());
  double sum = 0, bytes = 0;
  uint64_t count = 0;
  bool bytesKnown = true;
  std::string names;
  for (const auto &file : files) {
    if (tokenizer)
      TRITTER_RETURN_IF_ERROR(checkTokenizer(*file, *tokenizer, argument));
    TRITTER_ASSIGN(std::string hash, file->check(static_cast<uint32_t>(model->vocabulary())));
    uint64_t batches = (arguments.windows + program.batch() - 1) / program.batch();
    TRITTER_ASSIGN(ValidationSet set, ValidationSet::create(file, program.batch(), program.sequence(), batches));
    for (uint64_t i = 0; i < set.size(); ++i) {
      set.read(i, tokens, targets);
      TRITTER_ASSIGN(double loss, evaluateBatch(program, tokens, targets));
      sum += loss * static_cast<double>(tokens.size());
    }
    count += set.tokens();
    std::optional<double> here = textBytes(set, tokenizer.get(), tokens, targets);
    bytesKnown = bytesKnown && here;
    bytes += here.value_or(0);
    names += (names.empty() ? "" : ", ") + file->name();
  }
  double loss = sum / static_cast<double>(count);
  std::string line = fmt::format("{:.4f} | ppl {:.2f}", loss, std::exp(loss));
  out.object["checkpoint"] = checkpoint->path();
  out.object["loss"] = jsonNumber(loss);
  out.object["perplexity"] = jsonNumber(std::exp(loss));
  if (bytesKnown && bytes > 0) {
    double bitsPerByte = sum / std::log(2.0) / bytes;
    line += fmt::format(" | {:.4f} bits/byte", bitsPerByte);
    out.object["bits_per_byte"] = jsonNumber(bitsPerByte);
  }
  out.object["tokens"] = count;
  out.line("loss", "{}   ({} tokens of {}, {})", line, grouped(count), names, arguments.request.precision);
  if (!arguments.logits.empty())
    TRITTER_RETURN_IF_ERROR(writeLogits(arguments, checkpoint, files, out));
  return 0;
}

void tritter::addEval(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("eval", "Loss, perplexity and bits per byte of a checkpoint");
  auto arguments = std::make_shared<EvalArguments>();
  command->add_option("model", arguments->model, "a checkpoint, or a run, meaning its last one");
  command->add_option("--checkpoint", arguments->checkpoint, "the same");
  command->add_option("--data", arguments->data, "token file, or a folder (its val.bin)");
  command->add_option("--token-bytes", arguments->tokenBytes, "2 or 4 bytes a token in files without llm.c's header")
      ->check(CLI::IsMember({2, 4}));
  command->add_option("--windows", arguments->windows, "windows that are read; 0: all");
  command->add_option("--logits", arguments->logits, "file to write every position's logits to, as raw f32");
  command->add_option("--executable", arguments->request.executable, "a .texe with the entry evaluate");
  addProgramOptions(*command, arguments->request);
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runEval(*arguments, invocation.output); }; });
}
