#include "runtime/device/reference/reference_device.h"
#include "runtime/train/trainer.h"

#include "runtime/checkpoint/file_operations.h"
#include "runtime/train/groups.h"
#include "runtime/train/run_lock.h"

#include "runtime/train/bigram_executable.h"
#include "runtime/train/initial_checkpoint.h"

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <unistd.h>

using namespace tritter;
using namespace tritter::testing;
namespace fs = std::filesystem;

namespace {

struct Losses : TrainObserver {
  std::vector<double> steps, validations;
  std::atomic<bool> *stop = nullptr;
  uint64_t stopAt = 0;
  std::vector<std::string> warnings;
  std::function<void(uint64_t)> onStepDo;
  void onWarning(const std::string &text) override { warnings.push_back(text); }
  void onStart(const ValidationReport &validation) override { validations.push_back(validation.loss); }
  void onStep(const StepReport &step, const ValidationReport *validation) override {
    steps.push_back(step.loss);
    if (validation)
      validations.push_back(validation->loss);
    if (onStepDo)
      onStepDo(step.step);
    if (stop && step.step == stopAt)
      *stop = true;
  }
};

class TrainerTest : public ::testing::Test {
protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / ("trainer_test." + std::to_string(::getpid()));
    fs::create_directories(folder);
    auto writer = TokenFileWriter::create(folder / "train.bin", {"", shape.vocabulary > 256 ? 65000u : 256u, 0});
    ASSERT_TRUE(writer.ok());
    std::vector<int32_t> tokens;
    for (uint32_t i = 0, word = 7; i < 1000; ++i) {
      word = (word * 5 + (i % 3 == 0)) % 61;
      tokens.push_back(static_cast<int32_t>(word));
    }
    ASSERT_TRUE((*writer)->append(tokens).ok());
    ASSERT_TRUE((*writer)->finish().ok());
    options.steps = 12;
    options.batch = shape.batch;
    options.sequence = shape.sequence;
    options.learningRate = 0.05;
    options.data = {"train.bin"};
    options.evaluateEvery = 5;
    options.keep = 0;
  }
  void TearDown() override { fs::remove_all(folder); }

  Result<std::shared_ptr<const Executable>> executable() { return Executable::fromBytes(makeBigramExecutable(shape)); }

  /// Runs in `run`, from `from` ("" : from scratch), or resumes; stops after `stopAt` steps where that is not 0.
  Result<TrainOutcome> train(const std::string &run, const std::string &from = "", bool resume = false,
                             uint64_t stopAt = 0) {
    TRITTER_ASSIGN(std::shared_ptr<const Executable> loaded, executable());
    TrainerInputs inputs;
    inputs.options = options;
    inputs.options.resolve();
    inputs.directory = RunDirectory(folder / run);
    if (!resume)
      TRITTER_RETURN_IF_ERROR(inputs.directory.refuseRun());
    fs::create_directories(folder / run);
    std::string source = resume ? inputs.directory.last().string() : from;
    if (source.empty()) {
      source = inputs.directory.checkpoint(0);
      TRITTER_RETURN_IF_ERROR(writeInitialCheckpoint(*loaded, "bigram", std::nullopt, source));
      inputs.fromScratch = true;
    }
    inputs.resume = resume;
    TRITTER_ASSIGN(inputs.source, CheckpointReader::open(source));
    std::unique_ptr<Device> device = createReferenceDevice();
    TRITTER_ASSIGN(std::unique_ptr<Session> session, device->load(loaded));
    ModelProgram program(std::move(session));
    inputs.program = &program;
    TRITTER_ASSIGN(std::shared_ptr<const TokenFile> tokens, TokenFile::open(folder / "train.bin"));
    TRITTER_ASSIGN(std::string hash, inputs.watched.add(tokens, 256));
    inputs.dataHashes = {hash};
    TRITTER_ASSIGN(inputs.sampler,
                   Sampler::create({{tokens, {}}}, {options.batch, options.sequence, options.order, options.seed}));
    TRITTER_ASSIGN(inputs.validation, ValidationSet::create(tokens, options.batch, options.sequence, 7));
    std::atomic<bool> stop = false;
    Losses fresh;
    fresh.onStepDo = std::move(losses.onStepDo);
    losses = std::move(fresh);
    losses.stop = stopAt ? &stop : nullptr;
    losses.stopAt = stopAt;
    inputs.observers = {&losses};
    TRITTER_ASSIGN(std::unique_ptr<Trainer> trainer, Trainer::create(std::move(inputs)));
    return trainer->run(stop);
  }

  /// Every tensor's hash, by name and kind.
  std::map<std::string, std::vector<uint8_t>> tensors(const std::string &path) {
    auto reader = CheckpointReader::open(folder / path);
    EXPECT_TRUE(reader.ok()) << reader.status().message();
    std::map<std::string, std::vector<uint8_t>> hashes;
    for (const schema::Tensor *tensor : *(*reader)->manifest().tensors())
      hashes[tensor->name()->str() + " " + tensor->kind()->str()].assign(tensor->hash()->begin(),
                                                                         tensor->hash()->end());
    return hashes;
  }

  BigramShape shape;
  TrainOptions options;
  Losses losses;
  fs::path folder;
};

TEST_F(TrainerTest, TheLossFalls) {
  options.steps = 60;
  auto outcome = train("run");
  ASSERT_TRUE(outcome.ok()) << outcome.status().message();
  EXPECT_NEAR(losses.steps.front(), std::log(256.0), 0.3);
  EXPECT_LT(losses.steps.back(), 2.5);
  EXPECT_LT(losses.validations.back(), losses.validations.front() - 2);
  EXPECT_TRUE(fs::exists(folder / "run/step-000060.tckpt"));
  EXPECT_EQ(fs::read_symlink(folder / "run/last.tckpt"), "step-000060.tckpt");
  EXPECT_TRUE(fs::exists(folder / "run/best.tckpt"));
}

TEST_F(TrainerTest, AResumedRunIsTheRunUninterrupted) {
  // An epoch has 62 windows, 31 steps: the stop lies before its end, the end of the run behind.
  options.steps = 50;
  auto whole = train("whole");
  ASSERT_TRUE(whole.ok()) << whole.status().message();
  std::vector<double> expected = losses.steps;
  auto first = train("parts", "", false, 23);
  ASSERT_TRUE(first.ok()) << first.status().message();
  EXPECT_TRUE(first->stopped);
  EXPECT_EQ(first->step, 23u);
  std::vector<double> found = losses.steps;
  auto second = train("parts", "", true);
  ASSERT_TRUE(second.ok()) << second.status().message();
  EXPECT_FALSE(second->stopped);
  found.insert(found.end(), losses.steps.begin(), losses.steps.end());
  EXPECT_EQ(found, expected);
  EXPECT_TRUE(tensors("parts/last.tckpt") == tensors("whole/last.tckpt"));
  EXPECT_EQ(tensors("parts/last.tckpt").size(), 6u);
}

TEST_F(TrainerTest, ANewRunContinuesWeightsMomentsAndPosition) {
  options.steps = 10;
  options.schedule = ScheduleKind::Constant;
  options.warmup = 0;
  ASSERT_TRUE(train("first").ok());
  ASSERT_TRUE(train("second", folder / "first/last.tckpt").ok());
  auto ends = tensors("second/last.tckpt");
  options.steps = 20;
  ASSERT_TRUE(train("whole").ok());
  EXPECT_TRUE(ends == tensors("whole/last.tckpt"));

  auto reader = CheckpointReader::open(folder / "second/last.tckpt");
  ASSERT_TRUE(reader.ok());
  auto first = CheckpointReader::open(folder / "first/last.tckpt");
  ASSERT_TRUE(first.ok());
  const schema::Manifest &manifest = (*reader)->manifest();
  ASSERT_EQ(manifest.history()->size(), 3u);
  EXPECT_EQ(manifest.history()->Get(2)->parent()->str(), (*first)->identity());
  EXPECT_EQ(manifest.history()->Get(2)->steps(), 10u);
  EXPECT_EQ(manifest.state()->flops_before(), (*first)->manifest().state()->flops());
  EXPECT_FALSE(manifest.base_model_hash()->str().empty());
}

TEST_F(TrainerTest, AccumulationAddsUpToTheLargerBatch) {
  options.steps = 6;
  options.order = Order::Sequential;
  options.accumulate = 2;
  ASSERT_TRUE(train("accumulated").ok());
  std::vector<double> accumulated = losses.steps;
  shape.batch = options.batch = 2 * options.batch;
  options.accumulate = 1;
  ASSERT_TRUE(train("large").ok());
  ASSERT_EQ(losses.steps.size(), accumulated.size());
  for (size_t i = 0; i < accumulated.size(); ++i)
    EXPECT_NEAR(accumulated[i], losses.steps[i], 1e-4);
}

TEST_F(TrainerTest, NothingIsAppliedOrOverwrittenWhereTheLossIsNaN) {
  options.steps = 4;
  options.evaluateEvery = 10;
  ASSERT_TRUE(train("run").ok());
  auto good = tensors("run/last.tckpt");
  options.steps = 20;
  options.learningRate = std::numeric_limits<double>::infinity();
  auto outcome = train("run", "", true);
  ASSERT_FALSE(outcome.ok());
  EXPECT_TRUE(outcome.status().message().starts_with("loss is nan at step 6 ")) << outcome.status().message();
  EXPECT_NE(outcome.status().message().find("(train.bin, tokens "), std::string::npos) << outcome.status().message();
  EXPECT_NE(outcome.status().message().find("not applied; last good: step-000004.tckpt"), std::string::npos)
      << outcome.status().message();
  EXPECT_TRUE(tensors("run/last.tckpt") == good);
}

TEST_F(TrainerTest, ReadingSeldomChangesNothing) {
  options.steps = 11;
  ASSERT_TRUE(train("often").ok());
  std::vector<double> all = losses.steps;
  options.logEvery = 4;
  options.evaluateEvery = 10;
  ASSERT_TRUE(train("seldom").ok());
  EXPECT_EQ(losses.steps, (std::vector<double>{all[3], all[7], all[9], all[10]}));
  EXPECT_TRUE(tensors("seldom/last.tckpt") == tensors("often/last.tckpt"));
}

TEST_F(TrainerTest, ANumberThatIsNotFiniteIsFoundAtTheNextReading) {
  options.steps = 20;
  options.evaluateEvery = options.saveEvery = 9;
  options.logEvery = 5;
  options.schedule = ScheduleKind::Constant;
  options.warmup = 0;
  options.learningRate = 1e38;
  auto outcome = train("run");
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(outcome.status().message().find("in one of the steps 1 to 5: that one and those after it were not applied; "
                                            "last good: step-000000.tckpt; --log-every 1 says which"),
            std::string::npos)
      << outcome.status().message();
}

TEST_F(TrainerTest, EveryStateSaysHowItGrowsAndWhatItHasSeen) {
  options.steps = 5;
  ASSERT_TRUE(train("base").ok());
  shape.trainEmbedding = false;
  options.steps = 3;
  ASSERT_TRUE(train("frozen", folder / "base/last.tckpt").ok());
  auto reader = CheckpointReader::open(folder / "frozen/last.tckpt");
  ASSERT_TRUE(reader.ok());
  const schema::Tensor *first = (*reader)->find("embed.weight", "adam.m"), *second = nullptr;
  EXPECT_EQ(first->growth(), schema::StateGrowth::Adjoint);
  EXPECT_EQ(first->updates(), 5u);
  second = (*reader)->find("head.weight", "adam.v");
  EXPECT_EQ(second->growth(), schema::StateGrowth::AdjointSquared);
  EXPECT_EQ(second->updates(), 8u);
  EXPECT_EQ(groupsByUpdates((*reader)->manifest()), "since-3:embed.*");

  // One count cannot serve both.
  shape.trainEmbedding = true;
  auto together = train("together", folder / "frozen/last.tckpt");
  ASSERT_FALSE(together.ok());
  EXPECT_NE(together.status().message().find("the states of embed.weight have seen 5 updates and those of head.weight "
                                             "8, but the executable counts them together: compile it with --groups "
                                             "since-3:embed.*, or begin anew with --moments reset"),
            std::string::npos)
      << together.status().message();
  options.moments = Moments::Reset;
  EXPECT_TRUE(train("reset", folder / "frozen/last.tckpt").ok());
}

TEST_F(TrainerTest, WhatIsFrozenStaysAsItWas) {
  options.steps = 5;
  ASSERT_TRUE(train("base").ok());
  auto before = tensors("base/last.tckpt");
  shape.trainEmbedding = false;
  ASSERT_TRUE(train("frozen", folder / "base/last.tckpt").ok());
  auto after = tensors("frozen/last.tckpt");
  EXPECT_EQ(after.size(), before.size());
  for (auto &[name, hash] : before)
    EXPECT_EQ(after[name] == hash, name.starts_with("embed.weight")) << name;
}

TEST_F(TrainerTest, RefusesACheckpointOfAnotherShapeAndATakenFolder) {
  options.steps = 2;
  ASSERT_TRUE(train("run").ok());
  auto again = train("run");
  ASSERT_FALSE(again.ok());
  EXPECT_NE(again.status().message().find("already holds a run at step 2: --resume"), std::string::npos);
  shape.width = 8;
  auto other = train("other", folder / "run/last.tckpt");
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.status().message().find("embed.weight is [256, 16], the model's is [256, 8]"), std::string::npos)
      << other.status().message();
}

TEST_F(TrainerTest, KeepsTheNewestAndTheBest) {
  options.steps = 12;
  options.evaluateEvery = options.saveEvery = 2;
  options.keep = 2;
  ASSERT_TRUE(train("run").ok());
  std::vector<std::string> names;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder / "run"))
    if (!entry.is_symlink())
      names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"step-000010.tckpt", "step-000012.tckpt"}));
}

TEST_F(TrainerTest, AFailedSaveOnTheWayIsTriedAgain) {
  /// No checkpoint of step 5 can be made.
  struct Refusing : FileOperations {
    int open(const char *path, int flags, mode_t mode) override {
      if (std::string_view(path).find("step-000005") == std::string_view::npos)
        return FileOperations::open(path, flags, mode);
      errno = ENOSPC;
      return -1;
    }
  } refusing;
  FileOperations::replace(&refusing);
  auto outcome = train("run");
  FileOperations::replace(nullptr);
  ASSERT_TRUE(outcome.ok()) << outcome.status().message();
  ASSERT_EQ(losses.warnings.size(), 1u);
  EXPECT_NE(losses.warnings[0].find("step 5 is not saved"), std::string::npos) << losses.warnings[0];
  EXPECT_EQ(RunDirectory(folder / "run").steps(), (std::vector<uint64_t>{12, 10, 0}));
}

TEST_F(TrainerTest, GoesBackToAnEarlierCheckpointAndKeepsTheLaterOnes) {
  ASSERT_TRUE(train("run").ok());
  auto before = tensors("run/step-000012.tckpt");
  std::ofstream(folder / "run" / "log.jsonl") << "a line\n";
  RunDirectory directory(folder / "run");
  auto aside = directory.goBack(5);
  ASSERT_TRUE(aside.ok()) << aside.status().message();
  EXPECT_EQ(directory.lastStep(), 5u);
  EXPECT_EQ(directory.steps(), (std::vector<uint64_t>{5, 0}));
  EXPECT_EQ(RunDirectory(*aside).steps(), (std::vector<uint64_t>{12, 10}));
  EXPECT_TRUE(fs::exists(*aside / "log.jsonl"));
  auto again = train("run", "", true);
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_EQ(tensors("run/step-000012.tckpt"), before);
  // Twice is no obstacle.
  auto second = directory.goBack(5);
  ASSERT_TRUE(second.ok()) << second.status().message();
  EXPECT_NE(*second, *aside);
  EXPECT_EQ(directory.goBack(5).status().message(), "");
}

TEST_F(TrainerTest, ARunWithoutItsLastCheckpointNamesTheNewestGoodOne) {
  ASSERT_TRUE(train("run").ok());
  fs::path run = folder / "run";
  auto said = [&] { return std::string(findCheckpoint(run.string()).status().message()); };
  EXPECT_EQ(said(), "");
  fs::resize_file(run / "step-000010.tckpt", 3000);
  fs::remove(run / "step-000012.tckpt");
  EXPECT_NE(said().find("step-000012.tckpt, is not there; the newest good one there is"), std::string::npos) << said();
  EXPECT_NE(said().find("step-000005.tckpt goes on from it"), std::string::npos) << said();
  fs::remove(run / "last.tckpt");
  EXPECT_NE(said().find("no last.tckpt that says which is the last; the newest good one there is"), std::string::npos);
  EXPECT_FALSE(RunDirectory(run).refuseRun().ok());
}

TEST_F(TrainerTest, ARunIsOneProcesss) {
  fs::create_directories(folder / "run");
  {
    auto lock = RunLock::take(folder / "run");
    ASSERT_TRUE(lock.ok()) << lock.status().message();
    auto second = RunLock::take(folder / "run");
    ASSERT_FALSE(second.ok());
    EXPECT_NE(second.status().message().find(fmt::format("(process {})", ::getpid())), std::string::npos)
        << second.status().message();
  }
  EXPECT_TRUE(RunLock::take(folder / "run").ok());
}

TEST_F(TrainerTest, StopsWhereItsDataAreWrittenTo) {
  losses.onStepDo = [&](uint64_t step) {
    if (step != 3)
      return;
    std::fstream file(folder / "train.bin", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(1500);
    file.write("\x01\x00\x02\x00", 4);
  };
  auto outcome = train("run");
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(outcome.status().message().find("train.bin was written to while this run reads it"), std::string::npos)
      << outcome.status().message();
  EXPECT_EQ(RunDirectory(folder / "run").lastStep(), 3u);
}

TEST_F(TrainerTest, StopsWhereItsDataAreCutShort) {
  losses.onStepDo = [&](uint64_t step) {
    if (step == 5)
      fs::resize_file(folder / "train.bin", 1100);
  };
  auto outcome = train("run");
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(outcome.status().message().find("train.bin was cut short while this run reads it: stopped after step 5"),
            std::string::npos)
      << outcome.status().message();
}

TEST_F(TrainerTest, DataThatWereOnlyTouchedOrReplacedDoNotStopIt) {
  losses.onStepDo = [&](uint64_t step) {
    if (step == 2)
      fs::last_write_time(folder / "train.bin", fs::file_time_type::clock::now() + std::chrono::hours(1));
    if (step == 4) {
      fs::copy_file(folder / "train.bin", folder / "other.bin");
      fs::rename(folder / "other.bin", folder / "train.bin");
    }
  };
  auto outcome = train("run");
  ASSERT_TRUE(outcome.ok()) << outcome.status().message();
  ASSERT_EQ(losses.warnings.size(), 1u);
  EXPECT_NE(losses.warnings[0].find("is another file"), std::string::npos) << losses.warnings[0];
}

} // namespace
