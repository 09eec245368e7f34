// Files that are wrong in ways nobody thought of: a reader of bytes from outside says no or gives what it promises, and
// touches nothing that is not its own (which the asan preset watches).
#include "runtime/checkpoint/checkpoint.h"
#include "runtime/checkpoint/format.h"
#include "runtime/base/hash.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <unistd.h>

namespace tritter {
namespace {

class CheckpointFuzzTest : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / fmt::format("tritter-checkpoint-fuzz-{}", getpid());
    std::filesystem::create_directories(folder);
    std::string path = folder / "good.tckpt";
    auto writer = CheckpointWriter::create(path, {{"layers.0.large", "value", {30, 4}, schema::DType::F32},
                                                  {"layers.0.large", "adam.m", {30, 4}, schema::DType::F32},
                                                  {"layers.0.small", "value", {3, 4}, schema::DType::BF16}});
    ASSERT_TRUE(writer.ok());
    std::vector<std::byte> bytes(480, std::byte(7));
    ASSERT_TRUE((*writer)->write(0, bytes).ok() && (*writer)->zero(1).ok());
    ASSERT_TRUE((*writer)->write(2, std::span(bytes).first(24)).ok());
    schema::ManifestT manifest;
    manifest.model_ir = "tritter.model @m";
    manifest.config = std::make_unique<schema::ModelConfigT>();
    manifest.config->layers = 1;
    manifest.state = std::make_unique<schema::TrainingStateT>();
    manifest.state->data_hashes = {"abc", "def"};
    manifest.history.push_back(std::make_unique<schema::RecordT>());
    ASSERT_TRUE((*writer)->commit(std::move(manifest)).ok());
    std::ifstream stream(path, std::ios::binary);
    good.assign(std::istreambuf_iterator<char>(stream), {});
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// Opens a file of these bytes, and if that works reads all that it offers.
  bool opens(const std::vector<char> &bytes) {
    std::string path = folder / "bad.tckpt";
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
    auto reader = CheckpointReader::open(path);
    if (!reader.ok()) {
      EXPECT_NE(std::string(reader.status().message()).find("bad.tckpt"), std::string::npos);
      return false;
    }
    size_t sum = 0;
    for (const schema::Tensor *tensor : *(*reader)->manifest().tensors()) {
      for (std::byte byte : (*reader)->bytes(*tensor))
        sum += static_cast<size_t>(byte);
      sum += (*reader)->verify(*tensor).ok();
    }
    EXPECT_GE(sum, 0u);
    return true;
  }

  /// Makes the header's hashes those of what is there.
  static void sign(std::vector<char> &bytes) {
    CheckpointHeader header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    header.manifest_hash =
        sha256(std::as_bytes(std::span(bytes)).subspan(header.manifest_offset, header.manifest_bytes));
    header.check = checkOf(header);
    std::memcpy(bytes.data(), &header, sizeof(header));
  }

  std::filesystem::path folder;
  std::vector<char> good;
};

TEST_F(CheckpointFuzzTest, AnyChangeOfTheHeaderOrTheManifestIsRefused) {
  ASSERT_TRUE(opens(good));
  std::mt19937 random(1);
  CheckpointHeader header;
  std::memcpy(&header, good.data(), sizeof(header));
  int accepted = 0;
  for (int turn = 0; turn < 2000; ++turn) {
    std::vector<char> bytes = good;
    size_t begin = turn % 2 ? 0 : header.manifest_offset, size = turn % 2 ? 96 : header.manifest_bytes;
    size_t at = begin + random() % size;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 + random() % 255));
    if (turn % 7 == 0)
      bytes.resize(random() % bytes.size());
    accepted += opens(bytes);
  }
  EXPECT_EQ(accepted, 0);
}

/// The hashes agree, as whoever writes a malicious file would have them do: only the checks of what the manifest says
/// are left.
TEST_F(CheckpointFuzzTest, ManifestsThatLieAboutPlacesStayInsideTheFile) {
  std::mt19937 random(2);
  CheckpointHeader header;
  std::memcpy(&header, good.data(), sizeof(header));
  int accepted = 0;
  for (int turn = 0; turn < 3000; ++turn) {
    std::vector<char> bytes = good;
    for (int change = 0; change <= turn % 4; ++change) {
      size_t at = header.manifest_offset + random() % header.manifest_bytes;
      bytes[at] = static_cast<char>(turn % 3 ? random() : bytes[at] ^ (1 << random() % 8));
    }
    sign(bytes);
    accepted += opens(bytes);
  }
  // Numbers such as the step may be anything.
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, 3000);
}

} // namespace
} // namespace tritter
