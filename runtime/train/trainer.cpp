#include "runtime/train/trainer.h"

#include "runtime/train/diagnose.h"
#include "runtime/train/operations.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

using namespace tritter;

static double secondsNow() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Result<std::unique_ptr<Trainer>> Trainer::create(TrainerInputs inputs) {
  std::unique_ptr<Trainer> trainer(new Trainer(std::move(inputs)));
  TRITTER_RETURN_IF_ERROR(trainer->start());
  return trainer;
}

Status Trainer::start() {
  const TrainOptions &options = inputs_.options;
  Executable const &executable = inputs_.program->executable();
  schedule_ = options.makeSchedule();
  operationsPerToken_ = operationsPerToken(executable);
  tokens_.resize(inputs_.program->batch() * inputs_.program->sequence());
  targets_.resize(tokens_.size());

  inputs_.source->manifest().UnPackTo(&base_);
  base_.tensors.clear();
  if (!base_.tokenizer && inputs_.tokenizer)
    base_.tokenizer = std::make_unique<schema::TokenizerRecordT>(*inputs_.tokenizer);
  parent_ = inputs_.source->identity();
  bool keepsMoments = inputs_.resume || options.moments == Moments::Carry;
  TRITTER_ASSIGN(LoadedParameters loaded, loadParameters(inputs_.program->session(), *inputs_.source, keepsMoments));
  carriedMoments_ = loaded.states;
  updates_ = std::move(loaded.updates);
  takeUp(base_.state ? *base_.state : schema::TrainingStateT());
  return writeConstants();
}

static nlohmann::json extraOf(const schema::TrainingStateT &stored) {
  nlohmann::json extra = nlohmann::json::parse(stored.extra, nullptr, false);
  return extra.is_object() ? extra : nlohmann::json::object();
}

void Trainer::takeUp(const schema::TrainingStateT &stored) {
  const TrainOptions &options = inputs_.options;
  if (inputs_.resume) {
    state_ = stored;
    // The record of this run in the history is written anew by every save.
    if (!base_.history.empty() && base_.history.back()->kind == schema::RecordKind::Train && state_.step > 0) {
      parent_ = base_.history.back()->parent;
      base_.history.pop_back();
    }
    savedStep_ = state_.step;
    identity_ = inputs_.source->identity();
  } else {
    base_.metrics.clear();
    state_.flops_before = stored.flops_before + stored.flops;
    state_.best_loss = std::numeric_limits<double>::infinity();
  }
  if (base_.base_model_hash.empty() && !inputs_.fromScratch)
    base_.base_model_hash = inputs_.source->identity();
  if (inputs_.sampler)
    takeUpPosition(stored);
  state_.seed = options.seed;
  state_.data_hashes = inputs_.dataHashes;
  state_.schedule_steps = schedule_.steps;
  if (const flatbuffers::String *fingerprint = inputs_.program->executable()->fingerprint())
    state_.executable = fingerprint->str();
  state_.config = toToml(options);
}

/// What a position in the data means something with.
static nlohmann::json readingOf(const TrainOptions &options) {
  // Where the files lie does not matter, their hashes are compared beside this; their shares do.
  std::vector<std::string> shares;
  for (const std::string &argument : options.data)
    shares.push_back(argument.find('=') == std::string::npos ? "" : argument.substr(argument.rfind('=')));
  return {{"shares", shares},
          {"sequence", options.sequence},
          {"order", options.order == Order::Shuffled ? "shuffled" : "sequential"},
          {"seed", options.seed}};
}

void Trainer::takeUpPosition(const schema::TrainingStateT &stored) {
  bool same = stored.data_hashes == inputs_.dataHashes &&
              extraOf(stored).value("reading", nlohmann::json()) == readingOf(inputs_.options);
  if (inputs_.resume || same)
    inputs_.sampler->seek({stored.epoch, stored.window});
  carriedPosition_ = same && (stored.epoch || stored.window);
  state_.epoch = inputs_.sampler->position().epoch;
  state_.window = inputs_.sampler->position().window;
}

Status Trainer::writeConstants() {
  const TrainOptions &options = inputs_.options;
  ModelProgram &program = *inputs_.program;
  TRITTER_RETURN_IF_ERROR(program.writeScalar("beta1", options.beta1));
  TRITTER_RETURN_IF_ERROR(program.writeScalar("beta2", options.beta2));
  TRITTER_RETURN_IF_ERROR(program.writeScalar("epsilon", options.epsilon));
  TRITTER_RETURN_IF_ERROR(program.writeScalar("weight_decay", options.weightDecay));
  TRITTER_RETURN_IF_ERROR(program.writeScalar("clip", options.clip));
  // The update sets it to 0 at the first number that is not, and does nothing from then on.
  TRITTER_RETURN_IF_ERROR(program.writeScalar("finite", 1));
  return program.writeScalar("loss_scale", 1.0 / static_cast<double>(options.accumulate));
}

// ---------------------------------------------------------------- one step

Status Trainer::notApplied(std::string_view what) {
  std::string good = savedStep_ ? inputs_.directory.checkpoint(*savedStep_).filename().string() : "none";
  if (unread_ > 1)
    return error("{} in one of the steps {} to {}: that one and those after it were not applied; last good: {}; "
                 "--log-every 1 says which",
                 what, state_.step - unread_ + 1, state_.step, good);
  std::unique_ptr<ModelProgram> forward;
  if (inputs_.makeForward)
    if (Result<std::unique_ptr<ModelProgram>> made = inputs_.makeForward(); made.ok())
      forward = std::move(*made);
  // What cannot be found out is left out: the run has failed either way.
  Result<std::string> place = firstNotFinite(*inputs_.program, forward.get(), tokens_);
  std::string first = place.ok() && !place->empty() ? ", first in " + *place : "";
  return error("{} at step {} ({}){}: not applied; last good: {}", what, state_.step, inputs_.sampler->lastBatch(),
               first, good);
}

/// A scalar of a group of parameters: bias_correction1, or bias_correction1.GROUP.
Status Trainer::writeGroup(std::string_view scalar, const std::string &group, double value) {
  return inputs_.program->writeScalar(group.empty() ? std::string(scalar) : fmt::format("{}.{}", scalar, group), value);
}

/// Whether the data are those that the run began with.
Status Trainer::checkData() {
  dataFailure_ = inputs_.watched.check([this](const std::string &text) { warn(text); });
  if (!dataFailure_.ok())
    return error("{}", dataFailure_.message());
  return {};
}

/// The next batch. What was written to meanwhile is not trained on, and what was cut off is not touched.
Status Trainer::readNextBatch() {
  TRITTER_RETURN_IF_ERROR(checkData());
  inputs_.sampler->next(tokens_, targets_);
  return checkData();
}

/// Has the device do a step, and waits for nothing.
Status Trainer::queueStep(uint64_t step) {
  const TrainOptions &options = inputs_.options;
  ModelProgram &program = *inputs_.program;
  double begin = secondsNow();

  for (uint64_t part = 0; part < options.accumulate; ++part) {
    TRITTER_RETURN_IF_ERROR(readNextBatch());
    TRITTER_RETURN_IF_ERROR(program.writeBatch(tokens_, targets_));
    TRITTER_RETURN_IF_ERROR(program.run(part == 0 ? "step" : "accumulate"));
  }
  learningRate_ = schedule_.at(step);
  for (auto &[group, updates] : updates_) {
    double count = static_cast<double>(++updates);
    TRITTER_RETURN_IF_ERROR(writeGroup("learning_rate", group, learningRate_));
    TRITTER_RETURN_IF_ERROR(writeGroup("bias_correction1", group, 1 - std::pow(options.beta1, count)));
    TRITTER_RETURN_IF_ERROR(writeGroup("bias_correction2", group, 1 - std::pow(options.beta2, count)));
  }
  TRITTER_RETURN_IF_ERROR(program.run("update"));

  uint64_t tokens = tokens_.size() * options.accumulate;
  state_.step = step;
  state_.tokens += tokens;
  state_.flops += operationsPerToken_ * static_cast<double>(tokens);
  state_.epoch = inputs_.sampler->position().epoch;
  state_.window = inputs_.sampler->position().window;
  ++unread_;
  unreadSeconds_ += secondsNow() - begin;
  return {};
}

/// The terms of a loss that is a sum of several.
static Result<std::vector<std::pair<std::string, double>>> readTerms(ModelProgram &program) {
  constexpr std::string_view prefix = "term.";
  std::vector<std::pair<std::string, double>> terms;
  for (const schema::Binding *binding : elements(program.executable()->bindings()))
    if (std::string_view name = binding->name()->string_view(); name.starts_with(prefix)) {
      TRITTER_ASSIGN(double value, program.readScalar(name));
      terms.emplace_back(name.substr(prefix.size()), value);
    }
  return terms;
}

/// Waits for the steps queued since the last call, and reads the numbers of the last of them.
Result<StepReport> Trainer::readSteps() {
  ModelProgram &program = *inputs_.program;
  double begin = secondsNow(), norm = 0, finite = 1;
  TRITTER_ASSIGN(double loss, program.readScalar("loss"));
  TRITTER_ASSIGN(auto terms, readTerms(program));
  if (program.has("grad_norm")) {
    TRITTER_ASSIGN(norm, program.readScalar("grad_norm"));
  }
  if (program.has("finite")) {
    TRITTER_ASSIGN(finite, program.readScalar("finite"));
  }
  if (!std::isfinite(loss))
    return notApplied(std::isnan(loss) ? "loss is nan" : "loss is infinite");
  if (finite == 0)
    return notApplied(std::isfinite(norm) ? "a number was not finite"
                                          : fmt::format("the gradient's norm is {} (loss {:.4f})",
                                                        std::isnan(norm) ? "nan" : "infinite", loss));
  state_.last_loss = loss;
  double steps = static_cast<double>(std::exchange(unread_, 0));
  double seconds = (std::exchange(unreadSeconds_, 0) + secondsNow() - begin) / steps;
  return StepReport{state_.step,
                    inputs_.options.steps,
                    loss,
                    norm,
                    learningRate_,
                    state_.tokens,
                    state_.flops_before + state_.flops,
                    seconds,
                    static_cast<double>(tokens_.size() * inputs_.options.accumulate) / seconds,
                    std::move(terms)};
}

// ---------------------------------------------------------------- validation and checkpoints

/// Nothing where `stop` was set before the end.
Result<std::optional<ValidationReport>> Trainer::validate(const std::atomic<bool> &stop) {
  double begin = secondsNow(), sum = 0;
  const ValidationSet &set = *inputs_.validation;
  std::vector<int32_t> tokens, targets;
  for (uint64_t i = 0; i < set.size(); ++i) {
    if (stop)
      return std::optional<ValidationReport>();
    TRITTER_RETURN_IF_ERROR(checkData());
    set.read(i, tokens, targets);
    TRITTER_ASSIGN(double losses, evaluateWindows(*inputs_.program, tokens, targets));
    sum += losses;
  }
  ValidationReport report;
  report.step = state_.step;
  report.steps = inputs_.options.steps;
  report.tokens = state_.tokens;
  report.operations = state_.flops_before + state_.flops;
  report.loss = sum / static_cast<double>(set.windows());
  report.perplexity = std::exp(report.loss);
  if (inputs_.validationBytes && *inputs_.validationBytes > 0)
    report.bitsPerByte = report.loss / std::log(2.0) * static_cast<double>(set.tokens()) / *inputs_.validationBytes;
  report.seconds = secondsNow() - begin;
  report.best = report.loss < state_.best_loss;
  if (report.best) {
    state_.best_loss = report.loss;
    bestStep_ = state_.step;
  }
  validationLoss_ = report.loss;
  auto metric = std::make_unique<schema::MetricT>();
  metric->name = "val_loss";
  metric->step = report.step;
  metric->value = report.loss;
  base_.metrics.push_back(std::move(metric));
  return std::optional(report);
}

schema::ManifestT Trainer::manifest() const {
  schema::ManifestT manifest = base_;
  manifest.state = std::make_unique<schema::TrainingStateT>(state_);
  manifest.state->extra = nlohmann::json{{"reading", readingOf(inputs_.options)}}.dump(
      -1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (state_.step > 0) {
    auto record = std::make_unique<schema::RecordT>();
    record->kind = schema::RecordKind::Train;
    record->parent = parent_;
    record->time =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    record->method = inputs_.options.trainOnly.empty() ? "train" : "train " + inputs_.options.trainOnly;
    record->steps = state_.step;
    record->tokens = state_.tokens;
    record->flops = state_.flops;
    record->parameters = countParameters(inputs_.program->executable());
    record->val_loss = validationLoss_.value_or(std::numeric_limits<double>::quiet_NaN());
    manifest.history.push_back(std::move(record));
  }
  return manifest;
}

Status Trainer::save() {
  double begin = secondsNow();
  std::string path = inputs_.directory.checkpoint(state_.step).string();
  TRITTER_ASSIGN(identity_, saveParameters(inputs_.program->session(), *inputs_.source, updates_, manifest(), path));
  TRITTER_RETURN_IF_ERROR(inputs_.directory.point(inputs_.directory.last(), state_.step));
  if (std::isfinite(state_.best_loss) && bestStep_ == state_.step)
    TRITTER_RETURN_IF_ERROR(inputs_.directory.point(inputs_.directory.best(), state_.step));
  inputs_.directory.prune(inputs_.options.keep);
  savedStep_ = state_.step;
  if (inputs_.fromScratch && state_.step == 0)
    parent_ = base_.base_model_hash = identity_;
  SaveReport report{path, std::filesystem::file_size(path), secondsNow() - begin};
  for (TrainObserver *observer : inputs_.observers)
    observer->onSave(report);
  return {};
}

void Trainer::warn(const std::string &text) {
  for (TrainObserver *observer : inputs_.observers)
    observer->onWarning(text);
}

/// Saves on the way. What fails (a disk that is full for a while) costs the run nothing yet.
void Trainer::trySave() {
  Status status = save();
  bool said = failedSave_ != 0;
  failedSave_ = status.ok() ? 0 : secondsNow();
  if (!status.ok() && !said)
    warn(fmt::format("step {} is not saved: {}; the run goes on, and tries again soon", state_.step, status.message()));
}

/// Saves what the run ends with, trying for some seconds.
Status Trainer::saveAtLast() {
  Status status = save();
  for (int tries = 0; !status.ok() && tries < 5; ++tries) {
    if (tries == 0)
      warn(fmt::format("step {} is not saved: {}; trying again for some seconds", state_.step, status.message()));
    std::this_thread::sleep_for(std::chrono::seconds(1));
    status = save();
  }
  return status;
}

/// Keeps what was trained before the data changed.
Status Trainer::endEarly() {
  if (unread_ > 0) {
    TRITTER_ASSIGN(StepReport report, readSteps());
    for (TrainObserver *observer : inputs_.observers)
      observer->onStep(report, nullptr);
  }
  if (savedStep_ != state_.step)
    TRITTER_RETURN_IF_ERROR(saveAtLast());
  return error("{}: stopped after step {}, which is saved; with the data as they were, tritter-run train --resume {} "
               "goes on",
               dataFailure_.message(), state_.step, inputs_.directory.path().string());
}

// ---------------------------------------------------------------- the run

/// Seconds until a save that failed is tried again.
static constexpr double saveAgainAfter = 5;

Result<TrainOutcome> Trainer::run(const std::atomic<bool> &stop) {
  const TrainOptions &options = inputs_.options;
  if (inputs_.validation && !inputs_.resume) {
    TRITTER_ASSIGN(std::optional<ValidationReport> report, validate(stop));
    if (report)
      for (TrainObserver *observer : inputs_.observers)
        observer->onStart(*report);
  }
  // A run can be resumed from its first moment.
  if (!savedStep_)
    TRITTER_RETURN_IF_ERROR(save());

  while (state_.step < options.steps && !stop) {
    uint64_t step = state_.step + 1;
    if (Status status = queueStep(step); !status.ok())
      return dataFailure_.ok() ? std::move(status) : endEarly();
    bool last = step == options.steps;
    bool validates = inputs_.validation && (last || step % options.evaluateEvery == 0);
    bool saves = last || step % options.saveEvery == 0 || (failedSave_ && secondsNow() - failedSave_ > saveAgainAfter);
    if (!validates && !saves && step % options.logEvery != 0)
      continue;
    TRITTER_ASSIGN(StepReport report, readSteps());
    std::optional<ValidationReport> validation;
    if (validates) {
      Result<std::optional<ValidationReport>> measured = validate(stop);
      if (!measured.ok() && dataFailure_.ok())
        return std::move(measured).status();
      if (!measured.ok()) {
        for (TrainObserver *observer : inputs_.observers)
          observer->onStep(report, nullptr);
        return endEarly();
      }
      validation = *std::move(measured);
    }
    for (TrainObserver *observer : inputs_.observers)
      observer->onStep(report, validation ? &*validation : nullptr);
    if (saves && !last)
      trySave();
  }
  if (unread_ > 0) {
    TRITTER_ASSIGN(StepReport report, readSteps());
    for (TrainObserver *observer : inputs_.observers)
      observer->onStep(report, nullptr);
  }
  if (state_.step < options.steps)
    for (TrainObserver *observer : inputs_.observers)
      observer->onStop(state_.step);
  if (savedStep_ != state_.step)
    TRITTER_RETURN_IF_ERROR(saveAtLast());

  TrainOutcome outcome;
  outcome.step = state_.step;
  outcome.loss = state_.last_loss;
  outcome.validationLoss = validationLoss_;
  if (std::isfinite(state_.best_loss))
    outcome.bestLoss = state_.best_loss;
  outcome.checkpoint = inputs_.directory.checkpoint(state_.step).string();
  outcome.identity = identity_;
  outcome.stopped = state_.step < options.steps;
  return outcome;
}
