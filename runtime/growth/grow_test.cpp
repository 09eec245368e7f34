#include "runtime/executable/upgrade.h"
#include "runtime/growth/grow.h"

#include "runtime/growth/derivation.h"
#include "runtime/growth/derivation_builder.h"
#include "runtime/growth/lineage.h"
#include "runtime/growth/random.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tritter {
namespace {

using namespace testing_support;
using schema::DType;
using schema::StateGrowth;

class GrowTest : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / fmt::format("tritter-grow-{}", getpid());
    std::filesystem::create_directories(folder);
    basePath = folder / "base.tckpt";
    grownPath = folder / "grown.tckpt";
    growth.version = executableVersion;
    growth.model_ir = "tritter.model @grown";
    growth.model_name = "grown";
    growth.config = std::make_unique<schema::ModelConfigT>();
    growth.config->layers = 2;
    growth.growth = std::make_unique<schema::GrowthT>();
    growth.growth->method = "llama-pro";
    growth.growth->pipeline = "tritter-depth-upscale{method=llama-pro}";
    growth.growth->proof = std::make_unique<schema::ProofT>();
    growth.growth->proof->verdict = schema::Verdict::Exact;
    growth.growth->proof->bitwise = true;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// Tensors of normal draws, [rows, columns], each with its moments.
  void writeBase(uint64_t rows, uint64_t columns, DType dtype = DType::F32) {
    std::map<std::string, StateGrowth> rules = {{"adam.m", StateGrowth::Adjoint},
                                                {"adam.v", StateGrowth::AdjointSquared}};
    std::vector<TensorDeclaration> declarations;
    for (const char *kind : {"value", "adam.m", "adam.v"})
      for (const char *name : {"layers.0.up.weight", "layers.0.down.weight"})
        declarations.push_back(
            {name, kind, {rows, columns}, std::string(kind) == "value" ? dtype : DType::F32, rules[kind], 400});
    auto writer = CheckpointWriter::create(basePath, declarations);
    ASSERT_TRUE(writer.ok()) << writer.status().message();
    for (size_t i = 0; i < declarations.size(); ++i) {
      PackedDerivation draws(DerivationBuilder().normal(1, 1, i, {rows, columns}));
      DerivationReader reader(draws.derivations());
      auto evaluation =
          reader.prepare(draws.tensor().derivation(), draws.tensor(), declarations[i].shape, declarations[i].dtype, {});
      std::vector<std::byte> bytes(rows * columns * (declarations[i].dtype == DType::BF16 ? 2 : 4));
      ASSERT_TRUE(evaluation.ok() && evaluation->evaluate(0, rows * columns, bytes).ok());
      ASSERT_TRUE((*writer)->write(i, bytes).ok());
    }
    schema::ManifestT manifest;
    manifest.model_ir = "tritter.model @base";
    manifest.state = std::make_unique<schema::TrainingStateT>();
    manifest.state->step = 400;
    manifest.state->tokens = 12345;
    manifest.state->flops = 7;
    manifest.state->flops_before = 1;
    manifest.state->epoch = 2;
    manifest.state->window = 9;
    manifest.state->schedule_steps = 400;
    manifest.history.push_back(std::make_unique<schema::RecordT>());
    ASSERT_TRUE((*writer)->commit(std::move(manifest)).ok());
    base = open(basePath);
  }

  std::unique_ptr<CheckpointReader> open(const std::string &path) {
    auto reader = CheckpointReader::open(path);
    EXPECT_TRUE(reader.ok()) << reader.status().message();
    return reader.ok() ? *std::move(reader) : nullptr;
  }

  /// `adjoint`: what its gradient is made of, if of the base's alone.
  void parameter(std::string name, std::vector<uint64_t> shape, const DerivationBuilder &builder,
                 const DerivationBuilder *adjoint = nullptr) {
    auto parameter = std::make_unique<schema::ParameterT>();
    parameter->name = std::move(name);
    parameter->shape = std::move(shape);
    parameter->derivation = builder.addTo(pool);
    if (adjoint)
      parameter->derivation->adjoint = adjoint->addTo(pool)->derivation;
    growth.parameters.push_back(std::move(parameter));
  }
  void layer(const char *name, const char *origin, bool added) {
    auto layer = std::make_unique<schema::LayerOriginT>();
    layer->name = name;
    layer->origin = origin;
    layer->added = added;
    growth.growth->layers.push_back(std::move(layer));
  }
  /// LLaMA-Pro: layer 0 as it was, and a new copy of it whose down projection is zero.
  void growByLayer(uint64_t rows, uint64_t columns) {
    DerivationBuilder up, down;
    up.source("layers.0.up.weight", {rows, columns});
    down.source("layers.0.down.weight", {rows, columns});
    parameter("layers.0.up.weight", {rows, columns}, up, &up);
    parameter("layers.0.down.weight", {rows, columns}, down, &down);
    parameter("layers.1.up.weight", {rows, columns}, up, &up);
    parameter("layers.1.down.weight", {rows, columns}, DerivationBuilder().constant(0));
    layer("layers.0", "layers.0", false);
    layer("layers.1", "layers.0", true);
  }

  const schema::Executable &packed() {
    buffer.Clear();
    growth.derivations = pool.take();
    pool = DerivationPool::from(growth.derivations.get());
    schema::FinishExecutableBuffer(buffer, schema::Executable::Pack(buffer, &growth));
    return *schema::GetExecutable(buffer.GetBufferPointer());
  }
  GrowReport grow(MomentPolicy moments = MomentPolicy::ResetNew) {
    GrowOptions options;
    options.moments = moments;
    auto report = growCheckpoint(*base, packed(), grownPath, options);
    EXPECT_TRUE(report.ok()) << report.status().message();
    return report.ok() ? *report : GrowReport();
  }

  template <typename T = float>
  static std::vector<T> values(const CheckpointReader &reader, const char *name, const char *kind = "value") {
    const schema::Tensor *tensor = reader.find(name, kind);
    EXPECT_TRUE(tensor) << name << " " << kind;
    if (!tensor)
      return {};
    std::vector<T> out(tensor->bytes() / sizeof(T));
    std::memcpy(out.data(), reader.bytes(*tensor).data(), tensor->bytes());
    return out;
  }

  std::filesystem::path folder;
  std::string basePath, grownPath;
  std::unique_ptr<CheckpointReader> base;
  schema::ExecutableT growth;
  DerivationPool pool;
  flatbuffers::FlatBufferBuilder buffer;
};

TEST_F(GrowTest, CopiesKeepBitsAndHashes) {
  writeBase(300, 700);
  growByLayer(300, 700);
  GrowReport report = grow();
  EXPECT_EQ(report.parametersBefore, 420000u);
  EXPECT_EQ(report.parameters, 840000u);
  EXPECT_EQ(report.bytes, std::filesystem::file_size(grownPath));
  EXPECT_EQ(report.verdict, "exact");
  EXPECT_TRUE(report.bitwise);
  // Values: three copies and a zero; moments: two parameters' carried, two reset, two of each.
  EXPECT_EQ(report.copied, 7u);
  EXPECT_EQ(report.zeroed, 5u);
  EXPECT_EQ(report.derived, 0u);
  EXPECT_EQ(report.momentsCarried, 4u);
  EXPECT_EQ(report.momentsReset, 4u);
  auto grown = open(grownPath);
  ASSERT_TRUE(grown);
  EXPECT_TRUE(grown->verifyAll().ok());
  EXPECT_EQ(grown->identity(), report.identity);
  for (const char *name : {"layers.0.up.weight", "layers.1.up.weight"}) {
    EXPECT_EQ(values(*grown, name), values(*base, "layers.0.up.weight"));
    auto *hash = grown->find(name)->hash(), *expected = base->find("layers.0.up.weight")->hash();
    EXPECT_TRUE(std::equal(hash->begin(), hash->end(), expected->begin()));
  }
  EXPECT_EQ(values(*grown, "layers.1.down.weight"), std::vector<float>(210000, 0));
  EXPECT_EQ(values(*grown, "layers.0.up.weight", "adam.v"), values(*base, "layers.0.up.weight", "adam.v"));
  EXPECT_EQ(values(*grown, "layers.1.up.weight", "adam.v"), std::vector<float>(210000, 0));
}

TEST_F(GrowTest, TheLineageIsKept) {
  writeBase(4, 4);
  growByLayer(4, 4);
  grow();
  auto grown = open(grownPath);
  ASSERT_TRUE(grown);
  schema::ManifestT manifest;
  grown->manifest().UnPackTo(&manifest);
  EXPECT_EQ(manifest.model_ir, "tritter.model @grown");
  EXPECT_EQ(manifest.config->layers, 2u);
  EXPECT_EQ(manifest.base_model_hash, base->identity());
  ASSERT_EQ(manifest.history.size(), 2u);
  const schema::RecordT &record = *manifest.history[1];
  EXPECT_EQ(record.kind, schema::RecordKind::Grow);
  EXPECT_EQ(record.parent, base->identity());
  EXPECT_EQ(record.method, "llama-pro");
  EXPECT_EQ(record.verdict, "exact");
  EXPECT_TRUE(record.bitwise);
  EXPECT_EQ(record.parameters, 64u);
  EXPECT_EQ(record.added_layers, (std::vector<std::string>{"layers.1"}));
  EXPECT_EQ(manifest.state->step, 0u);
  EXPECT_EQ(manifest.state->schedule_steps, 0u);
  EXPECT_EQ(manifest.state->tokens, 12345u);
  EXPECT_EQ(manifest.state->flops_before, 8);
  EXPECT_EQ(manifest.state->epoch, 2u);
  EXPECT_EQ(manifest.state->window, 9u);
  EXPECT_EQ(grown->find("layers.0.up.weight", "adam.m")->updates(), 400u);
  EXPECT_EQ(grown->find("layers.1.up.weight", "adam.m")->updates(), 0u);

  // The record holds all that is needed to do the growth again.
  flatbuffers::DetachedBuffer bytes = growthOf(grown->manifest(), *grown->manifest().history()->Get(1));
  std::string again = folder / "again.tckpt";
  ASSERT_TRUE(growCheckpoint(*base, *schema::GetExecutable(bytes.data()), again).ok());
  EXPECT_EQ(values(*open(again), "layers.1.up.weight"), values(*grown, "layers.1.up.weight"));

  // A growth of the grown: the first checkpoint stays the base model.
  std::string firstIdentity = base->identity();
  base = open(grownPath);
  grownPath = folder / "twice.tckpt";
  grow(MomentPolicy::Reset);
  auto twice = open(grownPath);
  EXPECT_EQ(twice->manifest().base_model_hash()->str(), firstIdentity);
  EXPECT_EQ(twice->manifest().history()->size(), 3u);
  EXPECT_FALSE(twice->find("layers.0.up.weight", "adam.m"));
}

TEST_F(GrowTest, MomentsFollowTheirPolicyAndMaps) {
  writeBase(2, 3);
  growByLayer(2, 3);
  // Rows copied twice with shares of 1/3 and 2/3: gradients of the shares are whole. Then a row that is zero.
  auto rows = [](int64_t a, int64_t b, int64_t denominator) {
    return std::vector<Runs>{{run(2, 0, 1, a, denominator), run(2, 0, 1, b, denominator), zeros(1)}, {}};
  };
  DerivationBuilder weights, gradients, sums, sumsOfGradients, huge;
  weights.source("layers.0.up.weight", {2, 3}, rows(1, 2, 3));
  gradients.source("layers.0.up.weight", {2, 3}, rows(4, 5, 1));
  parameter("final.weight", {5, 3}, weights, &gradients);
  // What has no squares is begun anew, averages of gradients too.
  sums.source("layers.0.up.weight", {2, 3}).source("layers.0.down.weight", {2, 3});
  parameter("sum.weight", {2, 3}, sums, &sums);
  huge.source("layers.0.up.weight", {2, 3}, {{run(2, 0, 1, int64_t(1) << 40)}, {}});
  parameter("huge.weight", {2, 3}, huge, &huge);
  GrowReport report = grow(MomentPolicy::Carry);
  EXPECT_EQ(report.resets,
            (std::vector<std::string>{
                "sum.weight (adam.v): squares of sums are no sums of squares",
                "huge.weight (adam.v): an axis map has a mean, or a coefficient whose square exceeds 63 bits"}));
  auto grown = open(grownPath);
  ASSERT_TRUE(grown);
  EXPECT_EQ(values(*grown, "layers.1.up.weight", "adam.m"), values(*base, "layers.0.up.weight", "adam.m"));
  auto first = values(*base, "layers.0.up.weight", "adam.m"), second = values(*base, "layers.0.up.weight", "adam.v");
  auto grownFirst = values(*grown, "final.weight", "adam.m"), grownSecond = values(*grown, "final.weight", "adam.v");
  ASSERT_EQ(grownFirst.size(), 15u);
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(grownFirst[i], 4 * first[i]);
    EXPECT_EQ(grownFirst[i + 6], 5 * first[i]);
    EXPECT_EQ(grownSecond[i], 16 * second[i]);
    EXPECT_EQ(grownSecond[i + 6], 25 * second[i]);
  }
  EXPECT_EQ(grownSecond[14], 0);
  for (const char *kind : {"adam.m", "adam.v"}) {
    EXPECT_EQ(values(*grown, "sum.weight", kind), std::vector<float>(6, 0));
    EXPECT_EQ(grown->find("sum.weight", kind)->updates(), 0u);
    EXPECT_EQ(grown->find("final.weight", kind)->updates(), 400u);
    EXPECT_EQ(grown->find("final.weight", kind)->growth(), base->find("layers.0.up.weight", kind)->growth());
  }
}

// Bits do not depend on tiles, threads or the way through a file.
TEST_F(GrowTest, StreamingEqualsMemory) {
  writeBase(1100, 1300, DType::BF16);
  std::vector<uint64_t> shape = {1500, 1301};
  auto derivation = [&] {
    DerivationBuilder builder;
    builder
        .source("layers.0.up.weight", {1100, 1300},
                {{run(1100, 0), run(400, 1099, -2, 1, 7)}, {run(1300, 0, 1, 1, 2), zeros(1)}})
        .normal(0.1, 5, 6, shape);
    return builder;
  };
  parameter("wide.weight", shape, derivation());
  grow(MomentPolicy::Reset);
  auto grown = open(grownPath);
  ASSERT_TRUE(grown);
  // The base's type, not the model's.
  ASSERT_EQ(grown->find("wide.weight")->dtype(), DType::BF16);
  std::vector<uint16_t> expected(1500 * 1301);
  const schema::Tensor *tensor = base->find("layers.0.up.weight");
  auto lookup = [&](std::string_view) {
    return Result<SourceTensor>({DType::BF16, {1100, 1300}, base->bytes(*tensor)});
  };
  PackedDerivation packed(derivation());
  DerivationReader reader(packed.derivations());
  auto evaluation = reader.prepare(packed.tensor().derivation(), packed.tensor(), shape, DType::BF16, lookup);
  ASSERT_TRUE(evaluation.ok());
  ASSERT_TRUE(evaluation->evaluate(0, expected.size(), std::as_writable_bytes(std::span(expected))).ok());
  EXPECT_EQ(values<uint16_t>(*grown, "wide.weight"), expected);
  EXPECT_TRUE(grown->verifyAll().ok());
}

TEST_F(GrowTest, NewZerosAreOfTheBasesType) {
  writeBase(3, 5, DType::BF16);
  growByLayer(3, 5);
  grow();
  auto grown = open(grownPath);
  ASSERT_TRUE(grown);
  for (const char *name : {"layers.0.down.weight", "layers.1.up.weight", "layers.1.down.weight"})
    EXPECT_EQ(grown->find(name)->dtype(), DType::BF16) << name;
  EXPECT_EQ(values<uint16_t>(*grown, "layers.1.down.weight"), std::vector<uint16_t>(15));
}

TEST_F(GrowTest, AnotherArchitectureIsNamedBeforeAnythingIsWritten) {
  writeBase(4, 4);
  growByLayer(5, 4);
  auto report = growCheckpoint(*base, packed(), grownPath);
  EXPECT_NE(report.status().message().find(
                "layers.0.up.weight (value): source layers.0.up.weight has shape [4, 4], [5, 4] is expected"),
            std::string::npos)
      << report.status().message();
  EXPECT_FALSE(std::filesystem::exists(grownPath));
  growth.parameters.clear();
  parameter("x", {4, 4}, std::move(DerivationBuilder().source("layers.7.up.weight", {4, 4})));
  report = growCheckpoint(*base, packed(), grownPath);
  EXPECT_NE(report.status().message().find("has no tensor layers.7.up.weight"), std::string::npos);
  growth.growth.reset();
  report = growCheckpoint(*base, packed(), grownPath);
  EXPECT_NE(report.status().message().find("is no growth"), std::string::npos);
}

TEST_F(GrowTest, ADamagedBaseIsNeverGrown) {
  writeBase(4, 4);
  growByLayer(4, 4);
  std::FILE *file = std::fopen(basePath.c_str(), "r+b");
  std::fseek(file, long(base->find("layers.0.down.weight")->offset()) + 5, SEEK_SET);
  std::fputc(0x55, file);
  std::fclose(file);
  auto report = growCheckpoint(*base, packed(), grownPath);
  EXPECT_NE(report.status().message().find("tensor layers.0.down.weight do not match"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(grownPath));
  GrowOptions options;
  options.verifyBase = false;
  EXPECT_TRUE(growCheckpoint(*base, packed(), grownPath, options).ok());
}

// A file of 240 MB is grown to 400 MB, part of it by evaluation, in a process that may not hold 90 MB.
TEST_F(GrowTest, MemoryIsBounded) {
  uint64_t rows = 2000, columns = 5000;
  writeBase(rows, columns);
  growByLayer(rows, columns);
  parameter("wide.weight", {rows, 2 * columns},
            std::move(DerivationBuilder().source("layers.0.up.weight", {rows, columns},
                                                 {{}, {run(columns, 0, 1, 1, 2), run(columns, 0, 1, 1, 2)}})));
  base.reset();
  packed();
  // In a child: the peak of this process includes what made the base.
  pid_t child = fork();
  if (child == 0) {
    char *arguments[] = {const_cast<char *>("grow_test"), const_cast<char *>("--gtest_filter=GrowChild.*"), nullptr};
    std::string file = folder / "growth.texe";
    std::FILE *stream = std::fopen(file.c_str(), "wb");
    std::fwrite(buffer.GetBufferPointer(), 1, buffer.GetSize(), stream);
    std::fclose(stream);
    setenv("TRITTER_GROW_CHILD", folder.c_str(), 1);
    execv("/proc/self/exe", arguments);
    _exit(127);
  }
  int status = 0;
  struct rusage usage;
  ASSERT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
#ifndef __SANITIZE_ADDRESS__ // whose shadow and quarantine count too
  EXPECT_LT(usage.ru_maxrss, 90 * 1024) << "kilobytes";
#endif
  auto grown = open(grownPath);
  ASSERT_TRUE(grown);
  EXPECT_TRUE(grown->verifyAll().ok());
}

// The child of the test above.
TEST(GrowChild, Grows) {
  const char *folder = std::getenv("TRITTER_GROW_CHILD");
  if (!folder)
    GTEST_SKIP() << "run by GrowTest.MemoryIsBounded";
  std::string path = folder;
  std::FILE *stream = std::fopen((path + "/growth.texe").c_str(), "rb");
  std::vector<char> bytes(std::filesystem::file_size(path + "/growth.texe"));
  ASSERT_EQ(std::fread(bytes.data(), 1, bytes.size(), stream), bytes.size());
  std::fclose(stream);
  auto base = CheckpointReader::open(path + "/base.tckpt");
  ASSERT_TRUE(base.ok());
  auto report = growCheckpoint(**base, *schema::GetExecutable(bytes.data()), path + "/grown.tckpt");
  EXPECT_TRUE(report.ok()) << report.status().message();
}

TEST_F(GrowTest, InitialisesWithoutSources) {
  parameter("a", {300, 500}, std::move(DerivationBuilder().normal(0.02, 7, 8, {300, 500})));
  parameter("b", {5}, std::move(DerivationBuilder().constant(1)));
  parameter("c", {5}, std::move(DerivationBuilder().source("x", {5})));
  const schema::Executable &executable = packed();
  std::vector<float> a(150000), b(5);
  ASSERT_TRUE(initialise(executable, *executable.parameters()->Get(0), std::as_writable_bytes(std::span(a))).ok());
  EXPECT_EQ(a[0], float(0.02 * standardNormal(7, 8, 0)));
  EXPECT_EQ(a[149999], float(0.02 * standardNormal(7, 8, 149999)));
  ASSERT_TRUE(initialise(executable, *executable.parameters()->Get(1), std::as_writable_bytes(std::span(b))).ok());
  EXPECT_EQ(b, std::vector<float>(5, 1));
  EXPECT_EQ(initialise(executable, *executable.parameters()->Get(2), std::as_writable_bytes(std::span(b))).message(),
            "parameter c: it derives from x, which only a checkpoint has");
}

} // namespace
} // namespace tritter
