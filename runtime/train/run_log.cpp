#include "runtime/train/run_log.h"

#include "runtime/checkpoint/atomic_file.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

using namespace tritter;
using nlohmann::ordered_json;

/// Drops the lines of steps after `step` (nothing: all), and a last line that was cut short.
static Status truncateAfter(const std::filesystem::path &path, std::optional<uint64_t> step) {
  std::ifstream in(path);
  if (!in)
    return {};
  std::string kept;
  bool dropped = false;
  for (std::string line; std::getline(in, line);) {
    nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
    bool keeps = step && !in.eof() && object.is_object() && object.value("step", *step + 1) <= *step;
    if (keeps)
      kept.append(line).append("\n");
    dropped |= !keeps;
  }
  return dropped ? writeFileAtomically(path.string(), std::string_view(kept)) : Status();
}

Result<std::unique_ptr<RunLog>> RunLog::open(const std::filesystem::path &folder, std::optional<uint64_t> resumed,
                                             std::function<void(const std::string &)> warn) {
  std::unique_ptr<RunLog> log(new RunLog);
  log->warn_ = std::move(warn);
  auto openOne = [&](std::unique_ptr<AppendFile> &file, const char *name) -> Status {
    std::filesystem::path path = folder / name;
    TRITTER_RETURN_IF_ERROR(truncateAfter(path, resumed));
    TRITTER_ASSIGN(file, AppendFile::open(path.string()));
    return {};
  };
  TRITTER_RETURN_IF_ERROR(openOne(log->steps_, "log.jsonl"));
  TRITTER_RETURN_IF_ERROR(openOne(log->validations_, "val.jsonl"));
  TRITTER_ASSIGN(log->events_, TensorBoardWriter::create(folder.string(), resumed ? *resumed + 1 : 0));
  return log;
}

void RunLog::note(Status status) {
  if (!status.ok() && !failing_ && warn_)
    warn_(fmt::format("{}: what the run logs waits until it can be", status.message()));
  if (status.ok() && failing_ && warn_)
    warn_(fmt::format("{}: can be written again; nothing of the logs is missing", steps_->path()));
  failing_ = !status.ok();
}

Status RunLog::flush() {
  Status first;
  for (AppendFile *file : {steps_.get(), validations_.get(), &events_->file()})
    if (Status status = file->flush(); first.ok())
      first = std::move(status);
  return first;
}

Status RunLog::finish(std::chrono::milliseconds patience) {
  auto end = std::chrono::steady_clock::now() + patience;
  Status status = flush();
  while (!status.ok() && std::chrono::steady_clock::now() < end) {
    note(std::move(status));
    std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(patience, std::chrono::milliseconds(500)));
    status = flush();
  }
  if (!status.ok())
    return error("{}: the last {} lines of it are missing", status.message(), steps_->waiting());
  note({});
  return {};
}

void RunLog::writeValidation(const ValidationReport &validation) {
  ordered_json object = {{"step", validation.step},
                         {"loss", validation.loss},
                         {"perplexity", validation.perplexity},
                         {"tokens", validation.tokens},
                         {"flops", validation.operations}};
  if (validation.bitsPerByte)
    object["bits_per_byte"] = *validation.bitsPerByte;
  object["seconds"] = validation.seconds;
  // What could not be written is seen by flush().
  (void)validations_->append(object.dump() + "\n");
  (void)events_->scalar("val/loss", validation.step, validation.loss);
  if (validation.bitsPerByte)
    (void)events_->scalar("val/bits_per_byte", validation.step, *validation.bitsPerByte);
}

void RunLog::onStart(const ValidationReport &validation) {
  writeValidation(validation);
  note(flush());
}

void RunLog::onStep(const StepReport &step, const ValidationReport *validation) {
  ordered_json object = {{"step", step.step},
                         {"loss", step.loss},
                         {"grad_norm", step.gradientNorm},
                         {"lr", step.learningRate},
                         {"tokens", step.tokens},
                         {"seconds", step.seconds},
                         {"tokens_per_s", step.tokensPerSecond},
                         {"flops", step.operations}};
  for (const auto &[name, value] : step.terms) {
    object["terms"][name] = value;
    (void)events_->scalar("train/terms/" + name, step.step, value);
  }
  if (validation) {
    object["val_loss"] = validation->loss;
    writeValidation(*validation);
  }
  // Written line by line: people and tools follow the file.
  (void)steps_->append(object.dump() + "\n");
  (void)events_->scalar("train/loss", step.step, step.loss);
  (void)events_->scalar("train/grad_norm", step.step, step.gradientNorm);
  (void)events_->scalar("train/lr", step.step, step.learningRate);
  (void)events_->scalar("train/tokens_per_s", step.step, step.tokensPerSecond);
  note(flush());
}
