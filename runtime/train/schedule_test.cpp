#include "runtime/train/schedule.h"

#include <gtest/gtest.h>

using namespace tritter;

TEST(ScheduleTest, WarmsUpToThePeakAndEndsAtTheMinimum) {
  for (ScheduleKind kind : {ScheduleKind::Linear, ScheduleKind::Cosine, ScheduleKind::Wsd}) {
    Schedule schedule{.kind = kind, .peak = 1.0, .minimum = 0.1, .warmup = 10, .steps = 100};
    EXPECT_DOUBLE_EQ(schedule.at(1), 0.1);
    EXPECT_DOUBLE_EQ(schedule.at(5), 0.5);
    EXPECT_DOUBLE_EQ(schedule.at(10), 1.0);
    EXPECT_NEAR(schedule.at(100), 0.1, 1e-12);
    EXPECT_NEAR(schedule.at(150), 0.1, 1e-12);
    for (uint64_t step = 11; step <= 100; ++step)
      EXPECT_LE(schedule.at(step), schedule.at(step - 1));
  }
}

TEST(ScheduleTest, HasTheShapeOfItsName) {
  Schedule schedule{.peak = 1.0, .minimum = 0.0, .warmup = 0, .steps = 100, .decay = 0.2};
  schedule.kind = ScheduleKind::Constant;
  EXPECT_EQ(schedule.at(1), 1.0);
  EXPECT_EQ(schedule.at(100), 1.0);
  schedule.kind = ScheduleKind::Linear;
  EXPECT_DOUBLE_EQ(schedule.at(25), 0.75);
  schedule.kind = ScheduleKind::Cosine;
  EXPECT_NEAR(schedule.at(50), 0.5, 1e-12);
  EXPECT_NEAR(schedule.at(25), 0.853553390593, 1e-9);
  schedule.kind = ScheduleKind::Wsd;
  EXPECT_EQ(schedule.at(80), 1.0);
  EXPECT_DOUBLE_EQ(schedule.at(90), 0.5);
}

TEST(ScheduleTest, SaysWhatDoesNotFitTheRun) {
  auto misfits = [](Schedule schedule, uint64_t steps) {
    std::string all;
    for (const std::string &sentence : schedule.misfits(steps))
      all += sentence + "|";
    return all;
  };
  EXPECT_EQ(misfits({.warmup = 10, .steps = 10}, 10), "");
  EXPECT_EQ(misfits({.warmup = 10, .steps = 100}, 40), "");
  EXPECT_NE(misfits({.warmup = 11, .steps = 10}, 10).find("the warm-up of 11 steps is longer than the schedule, of 10"),
            std::string::npos);
  EXPECT_NE(misfits({.warmup = 30, .steps = 100}, 20).find("the warm-up of 30 steps is longer than the run, of 20"),
            std::string::npos);
  EXPECT_NE(misfits({.kind = ScheduleKind::Wsd, .warmup = 6, .steps = 10, .decay = 0.8}, 10).find("the last 4"),
            std::string::npos);
  EXPECT_NE(misfits({.steps = 10}, 20).find("the schedule ends with step 10"), std::string::npos);
  EXPECT_EQ(misfits({.kind = ScheduleKind::Constant, .steps = 10}, 20), "");
  EXPECT_EQ(misfits({.warmup = 5, .steps = 1}, 0), "");
}

TEST(ScheduleTest, WarmupWithConstantRate) {
  Schedule schedule{.kind = ScheduleKind::Constant, .peak = 2.0, .warmup = 4, .steps = 8};
  EXPECT_EQ(schedule.at(1), 0.5);
  EXPECT_EQ(schedule.at(4), 2.0);
  EXPECT_EQ(schedule.at(8), 2.0);
}
