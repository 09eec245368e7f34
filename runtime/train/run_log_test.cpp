#include "runtime/train/run_log.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include "runtime/checkpoint/file_operations.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
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
  for (std::optional<uint64_t> resumed : {std::optional<uint64_t>(), std::optional<uint64_t>(2)}) {
    auto log = RunLog::open(folder, resumed);
    ASSERT_TRUE(log.ok()) << log.status().message();
    ValidationReport validation{.step = 4, .loss = 1.5, .bitsPerByte = 2.0};
    for (uint64_t step = resumed.value_or(0) + 1; step <= 4; ++step)
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
    auto events = TensorBoardWriter::create(folder.string(), 200);
    ASSERT_TRUE(events.ok());
    ASSERT_TRUE((*events)->scalar("train/loss", 300, 0.5).ok());
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
  ASSERT_EQ(payloads.size(), 3u);
  EXPECT_NE(payloads[0].find("brain.Event:2"), std::string::npos);
  // A session starts at step 200: what a reader has of it and of later steps is forgotten.
  EXPECT_EQ(payloads[1].substr(9), std::string("\x10\xc8\x01\x3a\x02\x08\x01", 7));
  // step 300 as a varint, then the summary with its tag and 0.5f.
  std::string expected("\x10\xac\x02\x2a\x13\x0a\x11\x0a\x0atrain/loss\x15\x00\x00\x00\x3f", 24);
  EXPECT_EQ(payloads[2].substr(9), expected);
}

TEST_F(RunLogTest, EventsOfALaterSessionAreReadLater) {
  std::vector<std::string> names;
  for (int session = 0; session < 4; ++session) {
    auto events = TensorBoardWriter::create(folder.string(), session);
    ASSERT_TRUE(events.ok());
    names.push_back((*events)->file().path());
  }
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

/// A disk that is full while `full` is set, and takes half of what comes first.
struct FullDisk : FileOperations {
  bool full = false;
  ssize_t write(int descriptor, const void *bytes, size_t size, uint64_t offset) override {
    if (!full)
      return FileOperations::write(descriptor, bytes, size, offset);
    if (size > 1 && !tore) {
      tore = true;
      return FileOperations::write(descriptor, bytes, size / 2, offset);
    }
    tore = false;
    errno = ENOSPC;
    return -1;
  }
  bool tore = false;
};

TEST_F(RunLogTest, ADiskThatIsFullForAWhileIsSaidAndTearsNoLine) {
  FullDisk disk;
  FileOperations::replace(&disk);
  std::vector<std::string> warnings;
  auto log = RunLog::open(folder, std::nullopt, [&](const std::string &text) { warnings.push_back(text); });
  ASSERT_TRUE(log.ok()) << log.status().message();
  for (uint64_t step = 1; step <= 6; ++step) {
    disk.full = step == 3 || step == 4;
    (*log)->onStep({.step = step, .loss = 10.0 - step}, nullptr);
    std::string text = read(folder / "log.jsonl");
    EXPECT_TRUE(text.ends_with("\n"));
    EXPECT_EQ(lines("log.jsonl").size(), disk.full ? 2 : step);
  }
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_NE(warnings[0].find("No space left on device"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[1].find("nothing of the logs is missing"), std::string::npos) << warnings[1];
  EXPECT_TRUE((*log)->finish().ok());
  disk.full = true;
  (*log)->onStep({.step = 7, .loss = 3}, nullptr);
  Status status = (*log)->finish(std::chrono::milliseconds(10));
  EXPECT_NE(status.message().find("the last 1 lines of it are missing"), std::string::npos) << status.message();
  disk.full = false;
  log = error("closed");
  EXPECT_EQ(lines("log.jsonl").size(), 7u);
  FileOperations::replace(nullptr);
}

TEST_F(RunLogTest, ALineThatWasCutShortIsWrittenAnew) {
  std::ofstream(folder / "log.jsonl") << "{\"step\":1,\"loss\":2.0}\n{\"step\":2,\"loss\":1.0}\n{\"step\":3}";
  auto log = RunLog::open(folder, 3);
  ASSERT_TRUE(log.ok());
  (*log)->onStep({.step = 4}, nullptr);
  ASSERT_EQ(lines("log.jsonl").size(), 3u);
  EXPECT_EQ(lines("log.jsonl")[2]["step"], 4);
}

} // namespace
