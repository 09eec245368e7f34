#include "runtime/train/run_log.h"

#include <bit>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <unistd.h>

using namespace tritter;
namespace fs = std::filesystem;

namespace {

class RunLogTest : public testing::Test {
protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / ("run_log_test." + std::to_string(::getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  static std::string read(const fs::path &path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  std::vector<nlohmann::json> lines(const char *name) {
    std::vector<nlohmann::json> objects;
    std::istringstream text(read(folder / name));
    for (std::string line; std::getline(text, line);)
      objects.push_back(nlohmann::json::parse(line));
    return objects;
  }
  fs::path folder;
};

TEST_F(RunLogTest, CyclicRedundancyCheckIsCastagnolis) { EXPECT_EQ(crc32c("123456789"), 0xe3069283u); }

TEST_F(RunLogTest, OneObjectAStepAndNoneTwiceAfterAResume) {
  for (uint64_t resumed : {0, 2}) {
    auto log = RunLog::open(folder, resumed);
    ASSERT_TRUE(log.ok()) << log.status().message();
    ValidationReport validation{.step = 4, .loss = 1.5, .bitsPerByte = 2.0};
    for (uint64_t step = resumed + 1; step <= 4; ++step)
      (*log)->onStep({.step = step, .loss = 10.0 - step}, step == 4 ? &validation : nullptr);
  }
  auto steps = lines("log.jsonl");
  ASSERT_EQ(steps.size(), 4u);
  for (size_t i = 0; i < 4; ++i)
    EXPECT_EQ(steps[i]["step"], i + 1);
  EXPECT_EQ(steps[3]["val_loss"], 1.5);
  EXPECT_FALSE(steps[2].contains("val_loss"));
  for (const char *key : {"loss", "grad_norm", "lr", "tokens", "seconds", "tokens_per_s"})
    EXPECT_TRUE(steps[0].contains(key)) << key;
  ASSERT_EQ(lines("val.jsonl").size(), 1u);
}

TEST_F(RunLogTest, EventsAreFramedRecords) {
  {
    auto events = TensorBoardWriter::create(folder.string());
    ASSERT_TRUE(events.ok());
    (*events)->scalar("train/loss", 300, 0.5);
  }
  std::string bytes = read(fs::directory_iterator(folder)->path());
  std::vector<std::string> payloads;
  for (size_t at = 0; at < bytes.size();) {
    uint64_t length;
    uint32_t lengthCheck, check;
    std::memcpy(&length, &bytes[at], 8);
    std::memcpy(&lengthCheck, &bytes[at + 8], 4);
    payloads.push_back(bytes.substr(at + 12, length));
    std::memcpy(&check, &bytes[at + 12 + length], 4);
    EXPECT_EQ(lengthCheck, std::rotr(crc32c(bytes.substr(at, 8)), 15) + 0xa282ead8u);
    EXPECT_EQ(check, std::rotr(crc32c(payloads.back()), 15) + 0xa282ead8u);
    at += 16 + length;
  }
  ASSERT_EQ(payloads.size(), 2u);
  EXPECT_NE(payloads[0].find("brain.Event:2"), std::string::npos);
  // step 300 as a varint, then the summary with its tag and 0.5f.
  std::string expected("\x10\xac\x02\x2a\x13\x0a\x11\x0a\x0atrain/loss\x15\x00\x00\x00\x3f", 24);
  EXPECT_EQ(payloads[1].substr(9), expected);
}

} // namespace
