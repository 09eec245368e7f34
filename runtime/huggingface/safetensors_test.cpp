#include "runtime/huggingface/safetensors.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <unistd.h>

namespace tritter {
namespace {

class SafetensorsTest : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / fmt::format("tritter-safetensors-{}", getpid());
    std::filesystem::create_directories(folder);
    path = folder / "model.safetensors";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string &header, size_t data) {
    // ext4 flushes a file that is cut to nothing and written again.
    std::filesystem::remove(path);
    uint64_t size = header.size();
    std::ofstream stream(path, std::ios::binary);
    stream.write(reinterpret_cast<const char *>(&size), 8) << header << std::string(data, 'x');
  }
  std::string failure() {
    auto file = SafetensorsFile::open(path);
    return file.ok() ? "" : std::string(file.status().message());
  }
  void expectFailure(const std::string &header, size_t data, const char *expected) {
    write(header, data);
    EXPECT_NE(failure().find(expected), std::string::npos) << failure() << "\nfor " << header;
  }

  std::filesystem::path folder;
  std::string path;
};

TEST_F(SafetensorsTest, ReadsWhatWasWritten) {
  std::vector<float> a(3'000'000), b = {1, 2, 3};
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = float(i);
  auto from = [](const std::vector<float> &values) {
    return [&](uint64_t offset, std::span<std::byte> out) {
      std::memcpy(out.data(), reinterpret_cast<const char *>(values.data()) + offset, out.size());
      return Status();
    };
  };
  auto size =
      writeSafetensors(path, {{"a", "F32", {3000, 1000}, from(a)}, {"b", "F32", {3}, from(b)}}, {{"format", "pt"}});
  ASSERT_TRUE(size.ok()) << size.status().message();
  EXPECT_EQ(*size, std::filesystem::file_size(path));
  auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file.ok()) << file.status().message();
  ASSERT_EQ((*file)->entries().size(), 2u);
  const SafetensorsEntry &entry = (*file)->entries().at("a");
  EXPECT_EQ(entry.shape, (std::vector<uint64_t>{3000, 1000}));
  EXPECT_EQ(entry.offset % 8, 0u);
  std::vector<float> read(a.size());
  ASSERT_TRUE((*file)->read(entry, 0, std::as_writable_bytes(std::span(read))).ok());
  EXPECT_EQ(read, a);
  ASSERT_TRUE((*file)->read((*file)->entries().at("b"), 4, std::as_writable_bytes(std::span(read).first(2))).ok());
  EXPECT_EQ(read[1], 3);
}

TEST_F(SafetensorsTest, WhatTheFormatForbidsIsSaid) {
  auto tensor = [](const char *name, const char *dtype, const char *shape, int begin, int end) {
    return fmt::format(R"("{}":{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", name, dtype, shape, begin, end);
  };
  auto object = [](std::vector<std::string> members) { return fmt::format("{{{}}}  ", fmt::join(members, ",")); };
  write(object({tensor("a", "F32", "[2]", 0, 8)}), 8);
  EXPECT_EQ(failure(), "");
  write(R"({"__metadata__":{"format":"pt"}})", 0);
  EXPECT_EQ(failure(), "");
  expectFailure(object({tensor("a", "F32", "[2]", 0, 8)}), 9, "end at byte");
  expectFailure(object({tensor("a", "F32", "[2]", 0, 8)}), 7, "outside of the file");
  expectFailure(object({tensor("a", "F32", "[3]", 0, 8)}), 8, "its shape [3] in F32 says otherwise");
  expectFailure(object({tensor("a", "F99", "[2]", 0, 8)}), 8, "dtype F99");
  expectFailure(object({tensor("a", "U8", "[-2]", 0, 8)}), 8, "tensor a lies outside");
  expectFailure(object({tensor("a", "U8", "[4294967296,4294967296,16]", 0, 0)}), 0, "says otherwise");
  expectFailure(object({tensor("a", "U8", "[4]", 0, 4), tensor("b", "U8", "[4]", 3, 7)}), 7, "overlap");
  expectFailure(object({tensor("a", "U8", "[4]", 0, 4), tensor("b", "U8", "[4]", 5, 9)}), 9, "leave a hole");
  expectFailure(object({tensor("a", "U8", "[4]", 0, 4), tensor("a", "U8", "[4]", 4, 8)}), 8, "two tensors a");
  expectFailure(R"({"a":{"shape":[1],"data_offsets":[0,1]}})", 1, "has no dtype");
  expectFailure(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1, "tensor a lies outside");
  expectFailure("[1]", 0, "no JSON object");
  expectFailure("{\"a\":", 0, "no JSON object");
  std::ofstream(path, std::ios::binary) << "abc";
  EXPECT_NE(failure().find("cut short"), std::string::npos);
  std::ofstream(path, std::ios::binary) << "\xff\xff\xff\xff\xff\xff\xff\xff{}";
  EXPECT_NE(failure().find("100000000 is the most"), std::string::npos);
  std::ofstream(path, std::ios::binary) << std::string("\x40\0\0\0\0\0\0\0{}", 10);
  EXPECT_NE(failure().find("cut short"), std::string::npos);
}

// Whatever a header says, what is accepted lies inside the file.
TEST_F(SafetensorsTest, BrokenHeadersNeverCrash) {
  std::string header = R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                       R"("b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]}})";
  std::mt19937 generator(5);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string broken = header;
    for (unsigned edits = 1 + generator() % 3; edits-- > 0;)
      broken[generator() % broken.size()] =
          char(generator() % 4 ? "0123456789[]{},\":-eE."[generator() % 21] : generator());
    write(broken, 32);
    auto file = SafetensorsFile::open(path);
    refused += !file.ok();
    if (!file.ok())
      continue;
    for (const auto &[name, entry] : (*file)->entries())
      ASSERT_LE(entry.offset + entry.bytes, std::filesystem::file_size(path));
  }
  EXPECT_GT(refused, 1000);
}

} // namespace
} // namespace tritter
