// A safetensors header with anything in it is refused, or describes tensors that lie in the file.
#include "runtime/huggingface/safetensors.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <unistd.h>

namespace tritter {
namespace {

TEST(SafetensorsFuzzTest, MutatedFilesAreRefusedOrRead) {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("tritter-st-fuzz-{}", getpid());
  std::filesystem::create_directories(folder);
  std::string path = folder / "model.safetensors";
  std::string header = R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                       R"("b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]}})";
  uint64_t size = header.size();
  std::string good = std::string(reinterpret_cast<const char *>(&size), 8) + header + std::string(32, 'x');
  // Words that a random byte would rarely make.
  const std::vector<std::string> words = {
      "18446744073709551615", "-1", "1e300", "[", "{", "\"", "null", "24", "[[[[", "\\u0000"};
  std::mt19937 random(1);
  int accepted = 0;
  constexpr int turns = 4000;
  for (int turn = 0; turn < turns; ++turn) {
    std::string bytes = good;
    for (int change = 0; change <= turn % 3; ++change) {
      size_t at = random() % bytes.size();
      switch (random() % 4) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
      case 2:
        bytes.insert(at, words[random() % words.size()]);
        break;
      default:
        bytes.erase(at, random() % 30);
      }
    }
    if (turn % 2 && bytes.size() > 40) {
      // The length agrees, so that the parser sees what is wrong.
      size = bytes.size() - 40;
      bytes.replace(0, 8, reinterpret_cast<const char *>(&size), 8);
    }
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary) << bytes;
    auto file = SafetensorsFile::open(path);
    if (!file.ok()) {
      EXPECT_NE(std::string(file.status().message()).find("model.safetensors"), std::string::npos);
      continue;
    }
    ++accepted;
    for (auto &[name, entry] : (*file)->entries()) {
      ASSERT_LE(entry.offset + entry.bytes, bytes.size());
      std::vector<std::byte> data(entry.bytes);
      EXPECT_TRUE((*file)->read(entry, 0, data).ok());
    }
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, turns);
  std::filesystem::remove_all(folder);
}

} // namespace
} // namespace tritter
