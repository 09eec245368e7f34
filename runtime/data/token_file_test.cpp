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

TEST_F(TokenFileTest, AVocabularyThat16BitsDoNotHoldReads32) {
  std::vector<uint32_t> tokens(40, 70000);
  tokens[3] = 5;
  std::string path = write("raw.bin", tokens);
  auto file = TokenFile::open(path);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->size(), 80u);
  auto wider = TokenFile::forVocabulary(*file, 70001);
  ASSERT_TRUE(wider.ok()) << wider.status().message();
  EXPECT_EQ((*wider)->size(), 40u);
  EXPECT_EQ((**wider)[39], 70000);
  EXPECT_NE((*wider)->layout().find("does not hold a vocabulary of 70,001"), std::string::npos);
  EXPECT_EQ(*TokenFile::forVocabulary(*file, 65536), *file);
  // Whoever said 2 is believed.
  auto said = TokenFile::open(path, 2);
  ASSERT_TRUE(said.ok());
  EXPECT_EQ(*TokenFile::forVocabulary(*said, 70001), *said);
  auto odd = TokenFile::open(write("odd.bin", std::vector<uint16_t>(41, 5)));
  EXPECT_NE(TokenFile::forVocabulary(*odd, 70001).status().message().find("82 bytes are no multiple"), std::string::npos);
  // 16 bits taken for 32: the first id says how to ask for them.
  auto narrow = TokenFile::forVocabulary(*TokenFile::open(write("n.bin", std::vector<uint16_t>(40, 500))), 70001);
  ASSERT_TRUE(narrow.ok());
  EXPECT_NE((*narrow)->check(70001).status().message().find("--token-bytes 2"), std::string::npos);
}

TEST_F(TokenFileTest, TokensThatAreWiderThanTheyNeedToBeAreSeen) {
  auto four = TokenFile::open(write("four.bin", std::vector<uint32_t>(40, 7)));
  ASSERT_TRUE(four.ok());
  EXPECT_EQ((*four)->tokenBytes(), 4);
  EXPECT_NE((*four)->layout().find("read as uint32"), std::string::npos);
  auto eight = TokenFile::open(write("eight.bin", std::vector<uint64_t>(40, 7)));
  ASSERT_TRUE(eight.ok());
  EXPECT_EQ((*eight)->tokenBytes(), 8);
  EXPECT_EQ(all(**eight), std::vector<int32_t>(40, 7));
  auto two = TokenFile::open(write("two.bin", std::vector<uint16_t>(40, 7)));
  ASSERT_TRUE(two.ok());
  EXPECT_EQ((*two)->tokenBytes(), 2);
  EXPECT_NE((*two)->layout().find("if it holds uint32 say --token-bytes 4"), std::string::npos);
}

template <typename Token>
std::vector<char> numPy(std::string descr, std::string shape, const std::vector<Token> &tokens, int version = 1,
                        std::string fortran = "False") {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
  header += std::string(64 - (header.size() + 11) % 64, ' ') + "\n";
  std::string bytes = std::string("\x93NUMPY") + char(version) + '\0' + char(header.size() & 255) + char(header.size() >> 8);
  if (version > 1)
    bytes += std::string(2, '\0');
  bytes += header;
  std::vector<char> file(bytes.begin(), bytes.end());
  const char *from = reinterpret_cast<const char *>(tokens.data());
  file.insert(file.end(), from, from + tokens.size() * sizeof(Token));
  return file;
}

TEST_F(TokenFileTest, ReadsArraysOfNumPy) {
  auto expect = [&](const std::vector<char> &bytes, std::vector<int32_t> tokens, std::string_view layout) {
    auto file = TokenFile::open(write("a.npy", bytes));
    ASSERT_TRUE(file.ok()) << file.status().message();
    EXPECT_EQ(all(**file), tokens);
    EXPECT_EQ((*file)->layout(), layout);
    EXPECT_TRUE((*file)->check(100001).ok());
  };
  expect(numPy<uint16_t>("<u2", "(3,)", {1, 2, 65535}), {1, 2, 65535}, "a NumPy array of uint16");
  expect(numPy<int32_t>("<i4", "(2,)", {1, 100000}, 2), {1, 100000}, "a NumPy array of int32");
  expect(numPy<int64_t>("<i8", "(2,)", {1, 100000}, 3), {1, 100000}, "a NumPy array of int64");
  expect(numPy<uint8_t>("|u1", "(2,)", {1, 255}), {1, 255}, "a NumPy array of uint8");
  expect(numPy<uint16_t>("<u2", "(2, 2)", {1, 2, 3, 4}), {1, 2, 3, 4},
         "a NumPy array of uint16, its 2 rows one after another");
  // A negative id is none, whatever its width.
  for (auto &bytes : {numPy<int16_t>("<i2", "(2,)", {1, -100}), numPy<int64_t>("<i8", "(2,)", {1, int64_t(1) << 40})}) {
    auto file = TokenFile::open(write("n.npy", bytes));
    ASSERT_TRUE(file.ok());
    EXPECT_NE((*file)->check(50000).status().message().find("token 1 is"), std::string::npos);
  }
}

TEST_F(TokenFileTest, RefusesArraysThatAreNoTokens) {
  auto message = [&](const std::vector<char> &bytes) {
    auto file = TokenFile::open(write("a.npy", bytes));
    return file.ok() ? "read" : std::string(file.status().message());
  };
  EXPECT_NE(message(numPy<float>("<f4", "(1,)", {1})).find("a NumPy array of `<f4`; token ids are integers"), std::string::npos);
  EXPECT_NE(message(numPy<uint16_t>(">u2", "(1,)", {1})).find("big-endian"), std::string::npos);
  EXPECT_NE(message(numPy<uint16_t>("<u2", "(2, 2)", {1, 2, 3, 4}, 1, "True")).find("Fortran"), std::string::npos);
  EXPECT_NE(message(numPy<uint16_t>("<u2", "(5,)", {1})).find("promises 5 tokens, 1 are there"), std::string::npos);
  EXPECT_NE(message(numPy<uint16_t>("<u2", "(0,)", {})).find("holds no tokens"), std::string::npos);
  EXPECT_NE(message(numPy<uint16_t>("<u2", "()", {1})).find("shape `()`"), std::string::npos);
  EXPECT_NE(message(numPy<uint16_t>("<u2", "(9999999999999999, 9999999999)", {1})).find("shape"), std::string::npos);
  auto cut = numPy<uint16_t>("<u2", "(1,)", {1});
  cut.resize(40);
  EXPECT_NE(message(cut).find("cut short in its header"), std::string::npos);
}

TEST_F(TokenFileTest, FilesOfOtherToolsAndTextAreRefusedByName) {
  auto message = [&](std::string start) {
    start.resize(200, '\1');
    auto file = TokenFile::open(write("x.bin", std::vector<char>(start.begin(), start.end())));
    return file.ok() ? "read" : std::string(file.status().message());
  };
  for (auto [start, name] : std::initializer_list<std::pair<const char *, const char *>>{
           {"PK\x03\x04", "is a zip archive"}, {"\x1f\x8b\x08", "is gzip"}, {"PAR1", "is a Parquet file"},
           {"ARROW1", "read"}, {"\x89HDF\r\n\x1a\n", "is an HDF5 file"}, {"\xc6\xd7\x34\x01", "read"}})
    EXPECT_NE(message(start).find(name), std::string::npos) << name << ": " << message(start);
  EXPECT_NE(message(std::string("ARROW1\0\0", 8)).find("is an Arrow file"), std::string::npos);
  std::string text = "Some words of text that somebody took for tokens.";
  auto file = TokenFile::open(write("t.txt", std::vector<char>(text.begin(), text.end())));
  EXPECT_NE(file.status().message().find("is text, and no token file: tritter-run tokenize"), std::string::npos);
  std::vector<int32_t> head = {20240520, 1};
  EXPECT_NE(TokenFile::open(write("h.bin", head)).status().message().find("cut short"), std::string::npos);
}

TEST_F(TokenFileTest, AnIndexOfMegatronSaysHowWideTheTokensAre) {
  std::string path = write<uint32_t>("m.bin", {7, 70000});
  std::string index = std::string("MMIDIDX\0\0\1\0\0\0\0\0\0\0\4", 18);
  write("m.idx", std::vector<char>(index.begin(), index.end()));
  auto file = TokenFile::open(path);
  ASSERT_TRUE(file.ok()) << file.status().message();
  EXPECT_EQ(all(**file), (std::vector<int32_t>{7, 70000}));
  EXPECT_EQ((*file)->layout(), "tokens of Megatron, int32 as m.idx says");
  EXPECT_NE(TokenFile::open(folder / "m.idx").status().message().find("a Megatron index"), std::string::npos);
  index[17] = 6;
  write("m.idx", std::vector<char>(index.begin(), index.end()));
  EXPECT_NE(TokenFile::open(path).status().message().find("none of integers"), std::string::npos);
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
