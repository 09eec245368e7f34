#include "runtime/data/token_file.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace tritter;

namespace {

class TokenFileTest : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / ("token_file_test." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  template <typename Word> std::string write(const std::string &name, const std::vector<Word> &words) {
    std::string path = folder / name;
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char *>(words.data()), words.size() * sizeof(Word));
    return path;
  }
  /// A file as llm.c writes it, with nothing in the spare words.
  template <typename Token>
  std::string writeLlmc(const std::string &name, const std::vector<Token> &tokens, int promised) {
    std::vector<char> bytes(1024 + tokens.size() * sizeof(Token));
    int32_t head[3] = {sizeof(Token) == 2 ? 20240520 : 20240801, sizeof(Token) == 2 ? 1 : 7, promised};
    std::memcpy(bytes.data(), head, sizeof(head));
    std::memcpy(bytes.data() + 1024, tokens.data(), tokens.size() * sizeof(Token));
    return write(name, bytes);
  }
  static std::vector<int32_t> all(const TokenFile &file) {
    std::vector<int32_t> tokens(file.size());
    file.read(0, tokens);
    return tokens;
  }

  std::filesystem::path folder;
};

TEST_F(TokenFileTest, ReadsBothVersionsOfLlmc) {
  auto narrow = TokenFile::open(writeLlmc<uint16_t>("a.bin", {1, 2, 65535}, 3));
  ASSERT_TRUE(narrow.ok()) << narrow.status().message();
  EXPECT_EQ(all(**narrow), (std::vector<int32_t>{1, 2, 65535}));
  auto broad = TokenFile::open(writeLlmc<uint32_t>("b.bin", {1, 100000}, 2));
  ASSERT_TRUE(broad.ok()) << broad.status().message();
  EXPECT_EQ(all(**broad), (std::vector<int32_t>{1, 100000}));
}

TEST_F(TokenFileTest, ReadsRawTokensOfEitherWidth) {
  std::string path = write<uint32_t>("raw.bin", {7, 70000});
  auto broad = TokenFile::open(path, 4);
  ASSERT_TRUE(broad.ok());
  EXPECT_EQ(all(**broad), (std::vector<int32_t>{7, 70000}));
  auto narrow = TokenFile::open(path);
  ASSERT_TRUE(narrow.ok());
  EXPECT_EQ(all(**narrow), (std::vector<int32_t>{7, 0, 70000 - 65536, 1}));
}

TEST_F(TokenFileTest, ABadIdIsNamedWithFileAndPosition) {
  std::vector<uint16_t> tokens(3000, 5);
  tokens[2118] = 65211;
  tokens[2500] = 65000;
  auto file = TokenFile::open(write("old.bin", tokens));
  ASSERT_TRUE(file.ok());
  auto checked = (*file)->check(2048);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.status().message(),
            "old.bin: no llm.c header; read as uint16, token 2,118 is 65,211, beyond vocabulary 2,048; if it holds "
            "uint32 say --token-bytes 4");
  EXPECT_TRUE((*file)->check(65212).ok());
}

TEST_F(TokenFileTest, RefusesEmptyMissingAndShortFiles) {
  auto message = [](const Result<std::shared_ptr<const TokenFile>> &result) {
    return std::string(result.status().message());
  };
  EXPECT_NE(message(TokenFile::open(write<char>("empty.bin", {}))).find("is empty"), std::string::npos);
  EXPECT_NE(message(TokenFile::open(folder / "none.bin")).find("cannot be read"), std::string::npos);
  EXPECT_NE(message(TokenFile::open(writeLlmc<uint16_t>("cut.bin", {1, 2}, 5))).find("promises 5 tokens, 2 are there"),
            std::string::npos);
  EXPECT_NE(message(TokenFile::open(folder)).find("is not a token file"), std::string::npos);
}

TEST_F(TokenFileTest, WritesWhatItReads) {
  for (uint32_t vocabulary : {300u, 100000u}) {
    std::string path = folder / "written.bin";
    std::string hash = std::string(60, 'a') + "0123";
    auto writer = TokenFileWriter::create(path, {hash, vocabulary, 0});
    ASSERT_TRUE(writer.ok());
    std::vector<int32_t> tokens = {0, 1, 299, static_cast<int32_t>(vocabulary) - 1};
    ASSERT_TRUE((*writer)->append(tokens).ok());
    ASSERT_TRUE((*writer)->append(tokens).ok());
    (*writer)->addTextBytes(17);
    EXPECT_FALSE(std::filesystem::exists(path) && vocabulary == 300u) << "seen before it is finished";
    ASSERT_TRUE((*writer)->finish().ok());
    auto file = TokenFile::open(path);
    ASSERT_TRUE(file.ok()) << file.status().message();
    EXPECT_EQ((*file)->tokenBytes(), vocabulary == 300u ? 2 : 4);
    EXPECT_EQ((*file)->size(), 8u);
    EXPECT_EQ((**file)[7], static_cast<int32_t>(vocabulary) - 1);
    EXPECT_EQ((*file)->header().tokenizerHash, hash);
    EXPECT_EQ((*file)->header().vocabulary, vocabulary);
    EXPECT_EQ((*file)->header().textBytes, 17u);
  }
}

} // namespace
