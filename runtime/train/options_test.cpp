#include "runtime/train/options.h"

#include "runtime/base/number.h"

#include <gtest/gtest.h>

using namespace tritter;

TEST(OptionsTest, ComeBackFromToml) {
  TrainOptions options;
  options.model = "examples/tiny.mlir";
  options.data = {"a \"quoted\".bin", "b.bin=0.25"};
  options.steps = 1234;
  options.learningRate = 3.0000000000000001e-4;
  options.epsilon = 1e-8;
  options.schedule = ScheduleKind::Wsd;
  options.order = Order::Sequential;
  options.noNative = true;
  options.resolve();
  std::string text = toToml(options);
  TrainOptions again;
  Status status = fromToml(text, "config.toml", again);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(toToml(again), text);
  EXPECT_EQ(again.data, options.data);
  EXPECT_EQ(again.learningRate, options.learningRate);
  EXPECT_EQ(again.epsilon, options.epsilon);
  EXPECT_EQ(again.schedule, ScheduleKind::Wsd);
  EXPECT_EQ(again.order, Order::Sequential);
  EXPECT_EQ(again.warmup, 61);
  EXPECT_EQ(again.minimumRate, options.learningRate / 10);
}

TEST(OptionsTest, RefuseNamesThatAConfigurationCannotHold) {
  TrainOptions options;
  options.model = "caf\xc3\xa9 \"quoted\"\n.mlir";
  options.data = {"data"};
  EXPECT_EQ(options.check().message(), "");
  options.data = {"data", "odd-\xff"};
  EXPECT_NE(options.check().message().find("is not UTF-8"), std::string_view::npos) << options.check().message();
}

TEST(OptionsTest, RefuseWhatTheyDoNotKnow) {
  TrainOptions options;
  auto message = [&](std::string_view text) { return std::string(fromToml(text, "c.toml", options).message()); };
  EXPECT_EQ(message("learning-rate = 3\n").substr(0, 39), "c.toml: unknown option `learning-rate`;");
  EXPECT_EQ(message("steps = -1\n"), "c.toml: `steps` is not an integer from 0");
  EXPECT_EQ(message("schedule = \"step\"\n"), "c.toml: `schedule` is not one of constant, linear, cosine, wsd");
  EXPECT_EQ(message("steps = \n").substr(0, 14), "c.toml: line 1");
  EXPECT_EQ(message("lr = 1\ndata = \"x.bin\"\n"), "");
  EXPECT_EQ(options.learningRate, 1.0);
  EXPECT_EQ(options.data, std::vector<std::string>{"x.bin"});
  EXPECT_EQ(message("steps = \"10q\"\n"), "c.toml: `steps` is 10q: a whole number was expected");
  EXPECT_EQ(message("steps = 2.5\n"), "c.toml: `steps` is 2.5: a whole number was expected");
  EXPECT_EQ(message("threads = 4294967297\n"), "c.toml: `threads` is not an integer up to 2147483647");
  EXPECT_EQ(message("lr = nan\n"), "c.toml: `lr` is not a finite number");
  EXPECT_EQ(message("lr = true\n"), "c.toml: `lr` is not a finite number");
}

TEST(OptionsTest, NumbersAreReadAsOnTheCommandLine) {
  TrainOptions options;
  Status status = fromToml("steps = \"10k\"\nbatch = 1e1\nseq = \"010\"\nlr = \"3e-4\"\nclip = 1\n", "c.toml", options);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(options.steps, 10000u);
  EXPECT_EQ(options.batch, 10u);
  EXPECT_EQ(options.sequence, 10u);
  EXPECT_EQ(options.learningRate, 3e-4);
  EXPECT_EQ(options.clip, 1.0);
}

TEST(OptionsTest, MoreTokensThanCanBeCountedAreRefused) {
  TrainOptions options;
  options.steps = largestWhole<uint64_t>;
  EXPECT_NE(options.check().message().find("more tokens than"), std::string::npos);
  options.steps = 10;
  options.batch = options.sequence = uint64_t(1) << 40;
  EXPECT_FALSE(options.check().ok());
}
