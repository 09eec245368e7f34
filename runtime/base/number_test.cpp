#include "runtime/base/number.h"

#include <gtest/gtest.h>

using namespace tritter;

namespace {

constexpr int64_t most = std::numeric_limits<int64_t>::max();

std::string refusal(std::string_view text, int64_t least = 0, int64_t largest = most) {
  auto number = parseWhole(text, least, largest);
  return number.ok() ? "read as " + std::to_string(*number) : std::string(number.status().message());
}

TEST(NumberTest, WholeNumbersAsPeopleWriteThem) {
  for (auto [text, meant] : std::initializer_list<std::pair<const char *, int64_t>>{
           {"10", 10},      {"010", 10},   {"0010", 10},     {"1e1", 10},      {"1E+1", 10},  {"10.0", 10},
           {"1_0", 10},     {" 10", 10},   {"10 ", 10},      {"+10", 10},      {"0x10", 16},  {"0XfF", 255},
           {"10k", 10000},  {"10K", 10000}, {"1.5k", 1500},  {"2M", 2000000},  {"1G", 1000000000},
           {"1B", 1000000000}, {"1T", 1000000000000}, {"4Ki", 4096}, {"0.5Ki", 512}, {"1_000_000", 1000000},
           {"1.5e3", 1500}, {"100e-2", 1}, {"0", 0},         {"000", 0},       {"-0", 0},     {"0e99999999", 0},
           {"08", 8},       {".5k", 500},  {"9223372036854775807", most}}) {
    auto number = parseWhole(text, 0, most);
    ASSERT_TRUE(number.ok()) << text << ": " << number.status().message();
    EXPECT_EQ(*number, meant) << text;
  }
  EXPECT_EQ(*parseWhole("-1e2", -1000, 1000), -100);
}

TEST(NumberTest, WhatIsNoWholeNumberIsRefused) {
  for (const char *text : {"", " ", "x", "k", "_1", "1_", "1__0", "10 k", "1e", "1e+", "e4", "0x", "0x1g", "1.5", "1e-1", "--1",
                           "10kk", "10q", "nan", "inf", "1.2.3", "0.0001k", ".", "1.0000001Ki", "0b11", "0o17", "5m", "1,0", "1,000"})
    EXPECT_TRUE(refusal(text).starts_with("a whole number was expected")) << text << ": " << refusal(text);
  EXPECT_NE(refusal("1,000").find("1_000"), std::string::npos);
  EXPECT_NE(refusal("5m").find("M is a million"), std::string::npos);
}

TEST(NumberTest, NothingWrapsAround) {
  for (const char *text : {"9223372036854775808", "18446744073709551616", "99999999999999999999999", "1e19", "10000000000T",
                           "0xffffffffffffffff", "1e1000000000000", "16777216Ti"})
    EXPECT_EQ(refusal(text), "at most 9223372036854775807 was expected") << text;
  EXPECT_EQ(refusal("-1"), "0 or more was expected");
  EXPECT_EQ(refusal("-99999999999999999999"), "0 or more was expected");
  EXPECT_EQ(refusal("3000000000", 0, 2147483647), "at most 2147483647 was expected");
  EXPECT_EQ(refusal("100", 260, 1048576), "from 260 to 1048576 was expected");
}

TEST(NumberTest, RealNumbersAreReadToTheLastBit) {
  for (auto [text, meant] : std::initializer_list<std::pair<const char *, double>>{
           {"0.1", 0.1}, {"3e-4", 3e-4}, {"3.0000000000000001e-4", 3.0000000000000001e-4}, {"1_000.5", 1000.5}, {"-2", -2},
           {"1k", 1000}, {"0x10", 16}, {"1e308", 1e308}, {"5e-324", 5e-324}, {"0e-999", 0}, {"007.5", 7.5}, {".5", 0.5}}) {
    auto number = parseReal(text);
    ASSERT_TRUE(number.ok()) << text << ": " << number.status().message();
    EXPECT_EQ(*number, meant) << text;
  }
  for (const char *text : {"", "nan", "inf", "-inf", "1e999", "1e-999", "0,1", "3e", "1e-4x"})
    EXPECT_FALSE(parseReal(text).ok()) << text;
  EXPECT_EQ(parseReal("3", 0, 1).status().message(), "from 0 to 1 was expected");
}

} // namespace
