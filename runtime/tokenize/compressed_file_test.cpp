#include "runtime/tokenize/compressed_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

using namespace tritter;

namespace {

std::string gzipped(const std::string &text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 1000, 0);
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
  stream.avail_in = text.size();
  stream.next_out = reinterpret_cast<Bytef *>(out.data());
  stream.avail_out = out.size();
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstandard(const std::string &text) {
  std::string out(ZSTD_compressBound(text.size()), 0);
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

class CompressedFileTest : public testing::Test {
protected:
  void TearDown() override { std::filesystem::remove(path); }
  /// What is read of a file of these bytes, and what is said at its end.
  std::pair<std::string, std::string> read(const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    auto file = CompressedFile::open(path);
    EXPECT_TRUE(file.ok());
    std::string text{std::istreambuf_iterator<char>((*file).get()), std::istreambuf_iterator<char>()};
    return {text, std::string((*file)->status().message())};
  }
  std::string path = (std::filesystem::temp_directory_path() / ("compressed_file." + std::to_string(::getpid()))).string();
};

std::string words() {
  std::string text;
  for (int i = 0; i < 40000; ++i)
    text += std::to_string(i * 7919) + " words\n";
  return text;
}

TEST_F(CompressedFileTest, ReadsWhatWasCompressedAndWhatWasNot) {
  std::string text = words();
  for (const std::string &bytes : {text, gzipped(text), zstandard(text)}) {
    auto [got, message] = read(bytes);
    EXPECT_EQ(got.size(), text.size());
    EXPECT_TRUE(got == text);
    EXPECT_EQ(message, "");
  }
  // Files put one behind the other are one.
  EXPECT_TRUE(read(gzipped("one ") + gzipped("two")).first == "one two");
  EXPECT_TRUE(read(zstandard("one ") + zstandard("two")).first == "one two");
  EXPECT_EQ(read("").first, "");
}

TEST_F(CompressedFileTest, SaysWhatIsCutShortOrDamaged) {
  for (std::string bytes : {gzipped(words()), zstandard(words())}) {
    EXPECT_NE(read(bytes.substr(0, bytes.size() / 2)).second.find("damaged or unfinished (it was cut short)"),
              std::string::npos)
        << read(bytes.substr(0, bytes.size() / 2)).second;
    for (size_t at = bytes.size() / 4; at < bytes.size() / 2; ++at)
      bytes[at] = static_cast<char>(at * 31);
    EXPECT_NE(read(bytes).second.find("damaged or unfinished"), std::string::npos);
  }
}

} // namespace
