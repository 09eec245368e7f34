#include "runtime/train/run_log.h"

#include <nlohmann/json.hpp>
#include <sstream>

using namespace tritter;
using nlohmann::ordered_json;

/// Drops the lines of steps after `step`, and a last line that was cut short.
static Status truncateAfter(const std::filesystem::path &path, uint64_t step) {
  std::ifstream in(path);
  if (!in)
    return {};
  std::ostringstream kept;
  for (std::string line; std::getline(in, line);) {
    nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
    if (object.is_object() && object.value("step", step + 1) <= step)
      kept << line << "\n";
  }
  in.close();
  std::filesystem::path fresh = path.string() + ".new";
  std::ofstream(fresh) << kept.str();
  std::error_code code;
  std::filesystem::rename(fresh, path, code);
  if (code)
    return error("{}: cannot be written ({})", path.string(), code.message());
  return {};
}

Result<std::unique_ptr<RunLog>> RunLog::open(const std::filesystem::path &folder, uint64_t step) {
  std::unique_ptr<RunLog> log(new RunLog);
  auto openOne = [&](std::ofstream &file, const char *name) -> Status {
    std::filesystem::path path = folder / name;
    TRITTER_RETURN_IF_ERROR(truncateAfter(path, step));
    file.open(path, std::ios::app);
    if (!file)
      return error("{}: cannot be written", path.string());
    return {};
  };
  TRITTER_RETURN_IF_ERROR(openOne(log->steps_, "log.jsonl"));
  TRITTER_RETURN_IF_ERROR(openOne(log->validations_, "val.jsonl"));
  TRITTER_ASSIGN(log->events_, TensorBoardWriter::create(folder.string()));
  return log;
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
  validations_ << object.dump() << std::endl;
  events_->scalar("val/loss", validation.step, validation.loss);
  if (validation.bitsPerByte)
    events_->scalar("val/bits_per_byte", validation.step, *validation.bitsPerByte);
}

void RunLog::onStart(const ValidationReport &validation) { writeValidation(validation); }

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
    events_->scalar("train/terms/" + name, step.step, value);
  }
  if (validation) {
    object["val_loss"] = validation->loss;
    writeValidation(*validation);
  }
  // Flushed line by line: people and tools follow the file.
  steps_ << object.dump() << std::endl;
  events_->scalar("train/loss", step.step, step.loss);
  events_->scalar("train/grad_norm", step.step, step.gradientNorm);
  events_->scalar("train/lr", step.step, step.learningRate);
  events_->scalar("train/tokens_per_s", step.step, step.tokensPerSecond);
}

void RunLog::onSave(const SaveReport &) { events_->flush(); }
