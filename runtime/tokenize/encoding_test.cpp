#include "runtime/tokenize/encoding.h"

#include <gtest/gtest.h>

using namespace tritter;
using namespace std::string_view_literals;

namespace {

TEST(EncodingTest, ByteOrderMarksSayWhatTextIs) {
  for (auto [bytes, encoding] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"\xef\xbb\xbfh\xc3\xa9\xf0\x9f\x98\x80"sv, "UTF-8"},
           {"\xff\xfeh\0\xe9\0\x3d\xd8\x00\xde"sv, "UTF-16LE"},
           {"\xfe\xff\0h\0\xe9\xd8\x3d\xde\x00"sv, "UTF-16BE"},
           {"\xff\xfe\0\0h\0\0\0\xe9\0\0\0\x00\xf6\x01\0"sv, "UTF-32LE"},
           {"\0\0\xfe\xff\0\0\0h\0\0\0\xe9\0\x01\xf6\x00"sv, "UTF-32BE"}}) {
    EXPECT_EQ(markedEncoding(bytes), encoding);
    EXPECT_EQ(toUtf8(bytes, encoding), "h\xc3\xa9\xf0\x9f\x98\x80") << encoding;
  }
  EXPECT_EQ(markedEncoding("plain"), "");
  // Half a pair, and half a unit.
  EXPECT_EQ(toUtf8("\xff\xfe\x3d\xd8h\0"sv, "UTF-16LE"), "\xef\xbf\xbdh");
  EXPECT_EQ(toUtf8("\xff\xfeh\0\x41"sv, "UTF-16LE"), "h\xef\xbf\xbd");
}

TEST(EncodingTest, BytesThatAreNoUtf8AreLatin1) {
  std::string latin = "caf\xe9 au lait";
  EXPECT_EQ(readRestAsLatin1(latin), 1u);
  EXPECT_EQ(latin, "caf\xc3\xa9 au lait");
  for (std::string good : {"caf\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80", "", "plain"}) {
    std::string before = good;
    EXPECT_EQ(readRestAsLatin1(good), 0u);
    EXPECT_EQ(good, before);
  }
  // Too long, a surrogate, beyond the last, cut at the end.
  for (auto [bad, count] : std::initializer_list<std::pair<std::string, uint64_t>>{
           {"\xc0\x80", 2}, {"\xed\xa0\x80", 3}, {"\xf4\x90\x80\x80", 4}, {"a\xe4\xb8", 2}, {"\xff", 1}})
    EXPECT_EQ(readRestAsLatin1(bad), count);
}

TEST(EncodingTest, CodePoints) {
  EXPECT_EQ(codePoint("A"), 0x41u);
  EXPECT_EQ(codePoint("\xc3\xa9"), 0xe9u);
  EXPECT_EQ(codePoint("\xe4\xb8\xad"), 0x4e2du);
  EXPECT_EQ(codePoint("\xf0\x9f\x98\x80"), 0x1f600u);
}

} // namespace
