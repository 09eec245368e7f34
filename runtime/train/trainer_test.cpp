#include "runtime/device/reference/reference_device.h"
#include "runtime/train/trainer.h"

#include "runtime/train/groups.h"

#include "runtime/train/bigram_executable.h"
#include "runtime/train/initial_checkpoint.h"

#include <cmath>
#include <filesystem>
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
  void onStart(const ValidationReport &validation) override { validations.push_back(validation.loss); }
  void onStep(const StepReport &step, const ValidationReport *validation) override {
    steps.push_back(step.loss);
    if (validation)
      validations.push_back(validation->loss);
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
      TRITTER_RETURN_IF_ERROR(inputs.directory.create());
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
    TRITTER_ASSIGN(std::string hash, tokens->check(256));
    inputs.dataHashes = {hash};
    TRITTER_ASSIGN(inputs.sampler,
                   Sampler::create({{tokens, {}}}, {options.batch, options.sequence, options.order, options.seed}));
    TRITTER_ASSIGN(inputs.validation, ValidationSet::create(tokens, options.batch, options.sequence, 4));
    std::atomic<bool> stop = false;
    losses = {};
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

} // namespace
