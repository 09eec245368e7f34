// A token file with anything in it is refused, or holds as many tokens as it says.
#include "runtime/data/token_file.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <unistd.h>

using namespace tritter;

namespace {

TEST(TokenFileFuzzTest, MutatedFilesAreRefusedOrRead) {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("token_file_fuzz.{}", ::getpid());
  std::filesystem::create_directories(folder);
  std::string path = folder / "tokens.bin";
  auto writer = TokenFileWriter::create(path, {std::string(64, 'a'), 300, 500});
  ASSERT_TRUE(writer.ok());
  std::vector<int32_t> tokens(100);
  for (size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = static_cast<int32_t>(3 * i);
  ASSERT_TRUE((*writer)->append(tokens).ok() && (*writer)->finish().ok());
  std::ifstream stream(path, std::ios::binary);
  std::string good(std::istreambuf_iterator<char>(stream), {});
  std::mt19937 random(1);
  int accepted = 0;
  constexpr int turns = 1500;
  for (int turn = 0; turn < turns; ++turn) {
    std::string bytes = good;
    for (int change = 0; change <= turn % 3; ++change)
      bytes[random() % (turn % 2 ? 80 : bytes.size())] = static_cast<char>(random());
    if (turn % 5 == 0)
      bytes.resize(random() % bytes.size());
    // Raw words of every kind in the header.
    if (turn % 7 == 0) {
      uint32_t word = turn % 2 ? 0xffffffffu : 0x7fffffffu;
      if (bytes.size() >= 80)
        std::memcpy(bytes.data() + 4 * (random() % 18), &word, 4);
    }
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary) << bytes;
    for (int width : {0, 2, 4}) {
      auto file = TokenFile::open(path, width);
      if (!file.ok()) {
        EXPECT_NE(std::string(file.status().message()).find("tokens.bin"), std::string::npos);
        continue;
      }
      ++accepted;
      std::vector<int32_t> all((*file)->size());
      (*file)->read(0, all);
      // The ids may be anything; check() says which is the first beyond the vocabulary, and where.
      if (!(*file)->check(300).ok()) {
        EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](int32_t id) { return id < 0 || id >= 300; }));
      }
    }
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, 3 * turns);
  std::filesystem::remove_all(folder);
}

} // namespace
