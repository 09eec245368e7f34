#include "runtime/checkpoint/checkpoint.h"
#include "runtime/checkpoint/format.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <unistd.h>

namespace tritter {
namespace {

std::vector<std::byte> randomBytes(size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<std::byte> bytes(size);
  for (std::byte &byte : bytes)
    byte = std::byte(generator());
  return bytes;
}

std::vector<char> readFile(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void writeFile(const std::string &path, const std::vector<char> &bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}

class CheckpointTest : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / fmt::format("tritter-checkpoint-{}", getpid());
    std::filesystem::create_directories(folder);
    path = folder / "model.tckpt";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// Two values and a state; `large` spans several chunks of the hash.
  std::string writeSample() {
    large = randomBytes(9'000'000, 1);
    small = randomBytes(24, 2);
    moment = randomBytes(48, 3);
    auto writer = CheckpointWriter::create(path, {{"layers.0.large", "value", {2250000}, schema::DType::F32},
                                                  {"layers.0.small", "value", {3, 4}, schema::DType::BF16},
                                                  {"layers.0.small", "adam.m", {3, 4}, schema::DType::F32}});
    EXPECT_TRUE(writer.ok()) << writer.status().message();
    auto produce = [&](uint64_t offset, std::span<std::byte> out) {
      std::copy_n(large.begin() + ptrdiff_t(offset), out.size(), out.begin());
      return Status();
    };
    EXPECT_TRUE((*writer)->write(0, produce).ok());
    EXPECT_TRUE((*writer)->write(1, small).ok());
    EXPECT_TRUE((*writer)->write(2, moment).ok());
    schema::ManifestT manifest;
    manifest.model_ir = "tritter.model @m";
    manifest.model_name = "m";
    auto identity = (*writer)->commit(std::move(manifest));
    EXPECT_TRUE(identity.ok()) << identity.status().message();
    return *identity;
  }

  std::string openError() {
    auto reader = CheckpointReader::open(path);
    return reader.ok() ? "" : std::string(reader.status().message());
  }

  std::filesystem::path folder;
  std::string path;
  std::vector<std::byte> large, small, moment;
};

TEST_F(CheckpointTest, AManifestTooLargeIsRefusedBeforeAFileIsBegun) {
  writeSample();
  auto reader = CheckpointReader::open(path);
  ASSERT_TRUE(reader.ok());
  CheckpointHeader header;
  std::FILE *file = std::fopen(path.c_str(), "rb");
  ASSERT_EQ(std::fread(&header, sizeof(header), 1, file), 1u);
  std::fclose(file);
  schema::ManifestT manifest;
  (*reader)->manifest().UnPackTo(&manifest);
  std::vector<TensorDeclaration> tensors;
  for (const schema::Tensor *tensor : *(*reader)->manifest().tensors())
    tensors.push_back({tensor->name()->str(), tensor->kind()->str(), {tensor->shape()->begin(), tensor->shape()->end()},
                       tensor->dtype()});
  // To the byte.
  EXPECT_TRUE(checkManifestSize(manifest, tensors, header.manifest_bytes).ok());
  std::string message(checkManifestSize(manifest, tensors, header.manifest_bytes - 1).message());
  EXPECT_NE(message.find(fmt::format("would have {} bytes, {} are the most", header.manifest_bytes,
                                     header.manifest_bytes - 1)),
            std::string::npos)
      << message;
  // What is far too large is not packed at all.
  manifest.derivations = std::make_unique<schema::DerivationsT>();
  for (int i = 0; i < 2; ++i) {
    manifest.derivations->maps.push_back(std::make_unique<schema::AxisMapT>());
    manifest.derivations->maps.back()->runs.resize((1 << 30) / sizeof(schema::Run) / 100);
  }
  EXPECT_NE(checkManifestSize(manifest, tensors, 1 << 20).message().find("the axis maps of its growths take"),
            std::string::npos);
}

TEST_F(CheckpointTest, ReadsWhatWasWritten) {
  std::string identity = writeSample();
  auto reader = CheckpointReader::open(path);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  EXPECT_EQ((*reader)->identity(), identity);
  EXPECT_EQ(identity.size(), 64u);
  EXPECT_EQ((*reader)->manifest().model_ir()->str(), "tritter.model @m");
  const schema::Tensor *tensor = (*reader)->find("layers.0.large");
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->offset() % 4096, 0u);
  auto bytes = (*reader)->bytes(*tensor);
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), large.begin(), large.end()));
  tensor = (*reader)->find("layers.0.small", "adam.m");
  ASSERT_TRUE(tensor);
  bytes = (*reader)->bytes(*tensor);
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), moment.begin(), moment.end()));
  EXPECT_FALSE((*reader)->find("layers.0.large", "adam.m"));
  EXPECT_TRUE((*reader)->verifyAll().ok());
  EXPECT_TRUE((*reader)->verifyAll(1).ok());
}

TEST_F(CheckpointTest, HashOfAbcIsTheStandards) {
  EXPECT_EQ(hexadecimal(sha256(std::as_bytes(std::span("abc", 3)))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// The hash is defined by chunks of 4 MiB alone: written by chunks, from memory, copied or as zeros, it is the same.
TEST_F(CheckpointTest, EveryWayOfWritingGivesTheSameHash) {
  writeSample();
  auto base = CheckpointReader::open(path);
  ASSERT_TRUE(base.ok());
  std::string other = folder / "other.tckpt";
  auto writer = CheckpointWriter::create(other, {{"a", "value", {2250000}, schema::DType::F32},
                                                 {"b", "value", {2250000}, schema::DType::F32},
                                                 {"c", "value", {2250000}, schema::DType::F32},
                                                 {"d", "value", {2250000}, schema::DType::F32}});
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->write(0, large).ok());
  ASSERT_TRUE((*writer)->copy(1, **base, *(*base)->find("layers.0.large")).ok());
  ASSERT_TRUE((*writer)->zero(2).ok());
  ASSERT_TRUE((*writer)->write(3, std::vector<std::byte>(9'000'000)).ok());
  ASSERT_TRUE((*writer)->commit({}).ok());
  auto reader = CheckpointReader::open(other);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  EXPECT_TRUE((*reader)->verifyAll().ok());
  auto hash = [](CheckpointReader &from, const char *name) {
    auto *bytes = from.find(name)->hash();
    return std::vector<uint8_t>(bytes->begin(), bytes->end());
  };
  EXPECT_EQ(hash(**reader, "a"), hash(**base, "layers.0.large"));
  EXPECT_EQ(hash(**reader, "a"), hash(**reader, "b"));
  EXPECT_EQ(hash(**reader, "c"), hash(**reader, "d"));
  EXPECT_NE(hash(**reader, "a"), hash(**reader, "c"));
  auto zeros = (*reader)->bytes(*(*reader)->find("c"));
  EXPECT_TRUE(std::all_of(zeros.begin(), zeros.end(), [](std::byte byte) { return byte == std::byte(0); }));
  auto wrong = CheckpointWriter::create(folder / "wrong.tckpt", {{"a", "value", {12}, schema::DType::BF16}});
  Status status = (*wrong)->copy(0, **base, *(*base)->find("layers.0.small"));
  EXPECT_NE(status.message().find("shapes or types differ"), std::string::npos) << status.message();
}

TEST_F(CheckpointTest, NothingIsSeenBeforeCommit) {
  {
    auto writer = CheckpointWriter::create(path, {{"a", "value", {1000}, schema::DType::F32}});
    ASSERT_TRUE(writer.ok());
    EXPECT_FALSE(std::filesystem::exists(path));
    auto second = CheckpointWriter::create(path, {});
    EXPECT_NE(second.status().message().find("another process"), std::string::npos) << second.status().message();
    auto identity = (*writer)->commit({});
    EXPECT_EQ(identity.status().message(), fmt::format("tensor a (value) of {} was never written", path));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST_F(CheckpointTest, AFlippedPayloadByteNamesTheTensor) {
  writeSample();
  std::vector<char> bytes = readFile(path);
  uint64_t begin, size;
  {
    auto reader = CheckpointReader::open(path);
    const schema::Tensor *tensor = (*reader)->find("layers.0.large");
    begin = tensor->offset(), size = tensor->bytes();
  }
  for (uint64_t at : {uint64_t(0), uint64_t(4194303), uint64_t(4194304), uint64_t(6000000), size - 1}) {
    bytes[begin + at] ^= 0x10;
    writeFile(path, bytes);
    bytes[begin + at] ^= 0x10;
    auto reader = CheckpointReader::open(path);
    ASSERT_TRUE(reader.ok());
    Status status = (*reader)->verifyAll();
    EXPECT_NE(status.message().find("tensor layers.0.large do not match"), std::string::npos) << status.message();
    EXPECT_TRUE((*reader)->verify(*(*reader)->find("layers.0.small")).ok());
  }
}

TEST_F(CheckpointTest, EveryFlippedHeaderOrManifestByteIsAnError) {
  writeSample();
  std::vector<char> bytes = readFile(path);
  CheckpointHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  std::vector<size_t> places;
  for (size_t i = 0; i < sizeof(header); ++i)
    places.push_back(i);
  for (size_t i = header.manifest_offset; i < bytes.size(); ++i)
    places.push_back(i);
  ASSERT_GT(places.size(), 400u);
  for (size_t place : places) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(std::streamoff(place)).put(char(bytes[place] ^ 0x40)).flush();
    EXPECT_NE(openError().find(path), std::string::npos) << "byte " << place;
    file.seekp(std::streamoff(place)).put(bytes[place]).flush();
  }
  EXPECT_EQ(openError(), "");
}

// An adversary can make the hashes agree: what is left must never crash, and every tensor must lie inside the file.
TEST_F(CheckpointTest, ForgedManifestsAreErrorsOrHarmless) {
  writeSample();
  std::vector<char> bytes = readFile(path);
  CheckpointHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  std::mt19937 generator(7);
  int refused = 0;
  for (size_t place = header.manifest_offset; place < bytes.size(); ++place) {
    std::vector<char> manifest(bytes.begin() + ptrdiff_t(header.manifest_offset), bytes.end());
    manifest[place - header.manifest_offset] ^= char(1 + generator() % 255);
    CheckpointHeader forged = header;
    forged.manifest_hash = sha256(std::as_bytes(std::span(manifest)));
    forged.check = checkOf(forged);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.write(reinterpret_cast<char *>(&forged), sizeof(forged));
    file.seekp(std::streamoff(header.manifest_offset)).write(manifest.data(), std::streamsize(manifest.size()));
    file.flush();
    auto reader = CheckpointReader::open(path);
    refused += !reader.ok();
    if (!reader.ok())
      continue;
    for (const schema::Tensor *tensor : *(*reader)->manifest().tensors())
      ASSERT_LE(tensor->offset() + tensor->bytes(), bytes.size());
  }
  EXPECT_GT(refused, 100);
}

TEST_F(CheckpointTest, CutShortIsSaid) {
  writeSample();
  for (uint64_t size : {uint64_t(40), uint64_t(5000), std::filesystem::file_size(path) - 1}) {
    writeSample();
    std::filesystem::resize_file(path, size);
    EXPECT_NE(openError().find("is cut short"), std::string::npos) << openError();
  }
  std::filesystem::resize_file(path, 0);
  EXPECT_NE(openError().find("is empty"), std::string::npos);
}

TEST_F(CheckpointTest, OtherFilesAndVersionsAreSaid) {
  writeFile(path, std::vector<char>(10000, 'x'));
  EXPECT_NE(openError().find("is not a Tritter checkpoint"), std::string::npos);
  writeSample();
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(8).put(formatVersion + 1);
  EXPECT_EQ(openError(), fmt::format("{} was written by a newer version of Tritter (format {}, this program reads up to "
                                     "{}): use that version",
                                     path, formatVersion + 1, formatVersion));
  path = folder;
  EXPECT_NE(openError().find("is not a file"), std::string::npos);
  path = folder / "none.tckpt";
  EXPECT_NE(openError().find("No such file"), std::string::npos);
}

} // namespace
} // namespace tritter
