#include "suggest.h"

#include <gtest/gtest.h>

using namespace tritter;

TEST(SuggestTest, KnowsOtherNamesAndNearSpellings) {
  std::vector<std::string> known = {"lr", "steps", "batch", "seq", "weight-decay", "eval-every"};
  EXPECT_EQ(suggest("learning-rate", known), "lr");
  EXPECT_EQ(suggest("learning_rate", known), "lr");
  EXPECT_EQ(suggest("weight_decay", known), "weight-decay");
  EXPECT_EQ(suggest("step", known), "steps");
  EXPECT_EQ(suggest("weigth-decay", known), "weight-decay");
  EXPECT_EQ(suggest("batch-size", known), "batch");
  EXPECT_EQ(suggest("frobnicate", known), "");
}
