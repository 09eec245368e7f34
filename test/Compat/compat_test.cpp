// What released versions wrote (test/Inputs/compat), read by the runtime alone.

#include "runtime/checkpoint/checkpoint.h"
#include "runtime/data/token_file.h"
#include "runtime/device/device.h"
#include "runtime/device/reference/reference_device.h"
#include "runtime/growth/grow.h"
#include "runtime/train/model_program.h"
#include "runtime/train/parameters.h"

#include <filesystem>
#include <gtest/gtest.h>

using namespace tritter;
namespace fs = std::filesystem;

namespace {

std::string compat(const std::string &name) { return std::string(TRITTER_COMPAT_DIR) + "/" + name; }

std::unique_ptr<CheckpointReader> openCheckpoint(const std::string &name) {
  Result<std::unique_ptr<CheckpointReader>> reader = CheckpointReader::open(compat(name));
  EXPECT_TRUE(reader.ok()) << reader.status().message();
  return reader.ok() ? *std::move(reader) : nullptr;
}

/// Runs `entry` on the first batch of llmc.bin with the checkpoint's parameters; the loss.
double lossOf(const std::string &executableName, const std::string &checkpointName, const std::string &entry) {
  Result<std::shared_ptr<const Executable>> executable = Executable::load(compat(executableName));
  std::unique_ptr<CheckpointReader> checkpoint = openCheckpoint(checkpointName);
  Result<std::shared_ptr<const TokenFile>> file = TokenFile::open(compat("1/llmc.bin"));
  if (!executable.ok() || !checkpoint || !file.ok()) {
    ADD_FAILURE() << executable.status().message() << file.status().message();
    return 0;
  }
  Result<std::unique_ptr<Session>> session = createReferenceDevice()->load(*executable);
  EXPECT_TRUE(session.ok()) << session.status().message();
  Status loaded = loadParameters(**session, *checkpoint, /*states=*/false).status();
  EXPECT_TRUE(loaded.ok()) << loaded.message();
  ModelProgram program(*std::move(session));
  std::vector<int32_t> tokens(32), targets(32);
  for (uint64_t row = 0; row < 2; ++row) {
    (*file)->read(16 * row, std::span(tokens).subspan(16 * row, 16));
    (*file)->read(16 * row + 1, std::span(targets).subspan(16 * row, 16));
  }
  Status written = program.writeBatch(tokens, targets);
  EXPECT_TRUE(written.ok()) << written.message();
  Status run = program.run(entry);
  EXPECT_TRUE(run.ok()) << run.message();
  Result<double> loss = program.readScalar("loss");
  EXPECT_TRUE(loss.ok()) << loss.status().message();
  return loss.ok() ? *loss : 0;
}

} // namespace

TEST(Version1, CheckpointsAreWhole) {
  for (const char *name : {"trained", "trained-bf16", "trained-gpt", "grown-trained", "imported"}) {
    std::unique_ptr<CheckpointReader> checkpoint = openCheckpoint("1/" + std::string(name) + ".tckpt");
    ASSERT_NE(checkpoint, nullptr) << name;
    Status whole = checkpoint->verifyAll();
    EXPECT_TRUE(whole.ok()) << name << ": " << whole.message();
    EXPECT_NE(checkpoint->find("embed.weight"), nullptr) << name;
    EXPECT_GT(checkpoint->manifest().model_ir()->size(), 100u) << name;
    EXPECT_GT(checkpoint->manifest().history()->size(), 0u) << name;
  }
}

TEST(Version1, ExecutablesRun) {
  EXPECT_NEAR(lossOf("1/step.texe", "1/trained.tckpt", "evaluate"), 4.1361231803894043, 1e-5);
  EXPECT_NEAR(lossOf("1/step.texe", "1/trained.tckpt", "step"), 4.1361231803894043, 1e-5);
  EXPECT_NEAR(lossOf("1/step-native.texe", "1/trained-bf16.tckpt", "evaluate"), 4.1469268798828125, 1e-4);
}

TEST(Version1, GrowthsAreExecuted) {
  Result<std::shared_ptr<const Executable>> growth = Executable::load(compat("1/growth.texe"));
  ASSERT_TRUE(growth.ok()) << growth.status().message();
  std::unique_ptr<CheckpointReader> base = openCheckpoint("1/trained.tckpt");
  ASSERT_NE(base, nullptr);
  fs::path output = fs::temp_directory_path() / fs::path("tritter-compat-" + std::to_string(::getpid()) + ".tckpt");
  Result<GrowReport> grown = growCheckpoint(*base, ***growth, output.string());
  ASSERT_TRUE(grown.ok()) << grown.status().message();
  EXPECT_EQ(grown->verdict, "exact");
  EXPECT_EQ(grown->parametersBefore, 6736u);
  EXPECT_EQ(grown->parameters, 9072u);
  Result<std::unique_ptr<CheckpointReader>> reader = CheckpointReader::open(output.string());
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  // A copied layer, and what is zero in the new one.
  auto bytesOf = [](const CheckpointReader &checkpoint, std::string_view name) {
    std::span<const std::byte> bytes = checkpoint.bytes(*checkpoint.find(name));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  };
  EXPECT_EQ(bytesOf(**reader, "layers.2.attn.q.weight"), bytesOf(*base, "layers.1.attn.q.weight"));
  EXPECT_EQ(bytesOf(**reader, "layers.2.mlp.down.weight"), std::vector<std::byte>(16 * 32 * 4));
  fs::remove(output);
}

TEST(Version1, TokenFilesAreRead) {
  Result<std::shared_ptr<const TokenFile>> plain = TokenFile::open(compat("1/llmc.bin"));
  ASSERT_TRUE(plain.ok()) << plain.status().message();
  EXPECT_EQ((*plain)->size(), 2000u);
  EXPECT_EQ((*plain)->header().vocabulary, 0u);
  EXPECT_TRUE((*plain)->check(64).ok());
  Result<std::shared_ptr<const TokenFile>> ours = TokenFile::open(compat("1/tokenized.bin"));
  ASSERT_TRUE(ours.ok()) << ours.status().message();
  EXPECT_EQ((*ours)->header().vocabulary, 256u);
  EXPECT_EQ((*ours)->header().textBytes, (*ours)->size() - 1);
  EXPECT_EQ((*ours)->header().tokenizerHash.size(), 64u);
}
