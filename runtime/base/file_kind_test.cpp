#include "runtime/base/file_kind.h"

#include <gtest/gtest.h>
#include <string>

using namespace tritter;
using namespace std::string_view_literals;

namespace {

TEST(FileKindTest, FilesOfOtherToolsAreNamed) {
  for (auto [start, kind] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"\x93NUMPY\x01\0"sv, "a NumPy array"},
           {"PK\x03\x04rest"sv, "a zip archive (as .npz and PyTorch's files are)"},
           {"\x1f\x8b\x08"sv, "gzip-compressed"},
           {"PAR1...."sv, "a Parquet file"},
           {"\x10\0\0\0\0\0\0\0{\"a\":1}"sv, "a safetensors file"},
           {"\x80\x04\x95\x10\0\0\0\0\0\0\0]"sv, "a Python pickle"},
           {"\xff\xff\xff\xff\x10\0\0\0\0\0\0\0\0\0\0\0"sv, "an Arrow stream (as Hugging Face datasets keeps)"},
           {"\x07\0\x07\0\x07\0\x07\0\x07\0\x07\0\x07\0\x07\0"sv, ""},
           {"plain words"sv, ""},
           {""sv, ""}})
    EXPECT_EQ(knownFileKind(start), kind);
  std::string tar(512, '\0');
  tar.replace(257, 5, "ustar");
  EXPECT_EQ(knownFileKind(tar), "a tar archive");
}

TEST(FileKindTest, PlainText) {
  EXPECT_TRUE(isPlainText("words,\n\tand \xc3\xa9 \xf0\x9f\x98\x80"sv));
  EXPECT_TRUE(isPlainText("cut \xf0\x9f"sv));
  for (std::string_view other : {"\0"sv, "latin \xe9 here"sv, "\xff\xfe"sv, "\xc0\x80"sv, ""sv, "\x01"sv})
    EXPECT_FALSE(isPlainText(other));
}

} // namespace
