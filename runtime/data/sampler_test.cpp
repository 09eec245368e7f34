#include "runtime/data/sampler.h"

#include "runtime/data/permutation.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <set>
#include <unistd.h>

using namespace tritter;

namespace {

/// A token file whose token i is `first` + i, so that a window tells where it came from.
std::shared_ptr<const TokenFile> count(int32_t first, size_t size) {
  std::string path = std::filesystem::temp_directory_path() / fmt::format("sampler_test.{}.{}", ::getpid(), first);
  auto writer = TokenFileWriter::create(path, {"", 1u << 20, 0});
  EXPECT_TRUE(writer.ok());
  std::vector<int32_t> tokens(size);
  std::iota(tokens.begin(), tokens.end(), first);
  EXPECT_TRUE((*writer)->append(tokens).ok());
  EXPECT_TRUE((*writer)->finish().ok());
  auto file = TokenFile::open(path);
  EXPECT_TRUE(file.ok());
  std::filesystem::remove(path);
  return *file;
}

Sampler make(std::vector<DataFile> files, const SamplerOptions &options) {
  auto sampler = Sampler::create(std::move(files), options);
  EXPECT_TRUE(sampler.ok()) << sampler.status().message();
  return *std::move(sampler);
}

struct Batch {
  std::vector<int32_t> tokens, targets;
};

Batch take(Sampler &sampler, const SamplerOptions &options) {
  Batch batch{std::vector<int32_t>(options.batch * options.sequence),
              std::vector<int32_t>(options.batch * options.sequence)};
  sampler.next(batch.tokens, batch.targets);
  return batch;
}

TEST(PermutationTest, IsAPermutationAtOddSizes) {
  for (uint64_t size : {1ull, 2ull, 3ull, 17ull, 256ull, 1000ull, 4099ull}) {
    Permutation permutation(size, 42);
    std::set<uint64_t> seen;
    for (uint64_t i = 0; i < size; ++i) {
      EXPECT_LT(permutation(i), size);
      seen.insert(permutation(i));
    }
    EXPECT_EQ(seen.size(), size);
  }
}

TEST(PermutationTest, DependsOnItsKey) {
  Permutation a(1000, 1), b(1000, 2);
  int fixed = 0, equal = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    fixed += a(i) == i;
    equal += a(i) == b(i);
  }
  EXPECT_LT(fixed, 10);
  EXPECT_LT(equal, 10);
}

TEST(SamplerTest, SequentialTakesTheTokensAsTheyStand) {
  SamplerOptions options{.batch = 2, .sequence = 4, .order = Order::Sequential};
  // 29 tokens: 7 windows, three whole batches an epoch.
  Sampler sampler = make({{count(100, 29), {}}}, options);
  EXPECT_EQ(sampler.windows(), 6u);
  for (int epoch = 0; epoch < 2; ++epoch)
    for (int step = 0; step < 3; ++step) {
      Batch batch = take(sampler, options);
      for (int i = 0; i < 8; ++i) {
        EXPECT_EQ(batch.tokens[i], 100 + step * 8 + i);
        EXPECT_EQ(batch.targets[i], batch.tokens[i] + 1);
      }
    }
  EXPECT_NE(sampler.lastBatch().find(", tokens 16-23"), std::string::npos) << sampler.lastBatch();
}

TEST(SamplerTest, AnEpochReadsEveryWindowOnceInAnOrderOfItsOwn) {
  SamplerOptions options{.batch = 3, .sequence = 4, .seed = 9};
  Sampler sampler = make({{count(0, 4 * 20 + 1), {}}, {count(1000, 4 * 10 + 3), {}}}, options);
  ASSERT_EQ(sampler.windows(), 30u);
  std::vector<std::vector<int32_t>> epochs(2);
  for (auto &epoch : epochs)
    for (int step = 0; step < 10; ++step) {
      Batch batch = take(sampler, options);
      for (int b = 0; b < 3; ++b) {
        epoch.push_back(batch.tokens[4 * b]);
        EXPECT_EQ(batch.tokens[4 * b + 3] + 1, batch.targets[4 * b + 3]);
      }
    }
  EXPECT_NE(epochs[0], epochs[1]);
  std::set<int32_t> first(epochs[0].begin(), epochs[0].end()), second(epochs[1].begin(), epochs[1].end());
  EXPECT_EQ(first.size(), 30u);
  EXPECT_EQ(first, second);
}

TEST(SamplerTest, AnyPositionCanBeSought) {
  SamplerOptions options{.batch = 4, .sequence = 8, .seed = 3};
  std::vector<DataFile> files = {{count(0, 1000), {}}, {count(10000, 2000), 0.25}, {count(50000, 300), 0.1}};
  Sampler one = make(files, options);
  for (int step = 0; step < 300; ++step) {
    DataPosition before = one.position();
    Batch expected = take(one, options);
    if (step % 37)
      continue;
    Sampler other = make(files, options);
    other.seek(before);
    EXPECT_EQ(take(other, options).tokens, expected.tokens) << "at step " << step;
    EXPECT_EQ(other.position(), one.position());
  }
  EXPECT_GT(one.position().epoch, 1u);
}

TEST(SamplerTest, WeightsAreExact) {
  SamplerOptions options{.batch = 1, .sequence = 4, .seed = 3};
  Sampler sampler = make({{count(0, 4001), {}}, {count(10000, 2001), 0.25}, {count(50000, 401), 0.1}}, options);
  std::map<int, int> counts;
  for (int step = 0; step < 2000; ++step) {
    int32_t first = take(sampler, options).tokens[0];
    ++counts[first >= 50000 ? 2 : first >= 10000 ? 1 : 0];
  }
  EXPECT_EQ(counts[0], 1300);
  EXPECT_EQ(counts[1], 500);
  EXPECT_EQ(counts[2], 200);
}

TEST(SamplerTest, RefusesWeightsThatMakeNoSense) {
  SamplerOptions options{.batch = 1, .sequence = 4};
  auto message = [&](std::vector<DataFile> files) {
    auto sampler = Sampler::create(std::move(files), options);
    return sampler.ok() ? std::string() : std::string(sampler.status().message());
  };
  EXPECT_NE(message({{count(0, 100), 0.5}}).find("must add up to 1"), std::string::npos);
  EXPECT_NE(message({{count(0, 100), 1.0}, {count(0, 100), {}}}).find("leave something"), std::string::npos);
  EXPECT_NE(message({{count(0, 100), -1.0}}).find("above 0"), std::string::npos);
  EXPECT_NE(message({{count(0, 4), {}}}).find("less than one window"), std::string::npos);
  EXPECT_NE(message({}).find("no training data"), std::string::npos);
}

TEST(ValidationSetTest, IsTheFirstWindowsWhateverTheBatch) {
  std::vector<int32_t> tokens, targets;
  for (uint64_t batch : {1, 2, 5, 12, 100})
    for (uint64_t wanted : {0, 1, 7, 12, 1000}) {
      auto set = ValidationSet::create(count(7, 100), batch, 8, wanted);
      ASSERT_TRUE(set.ok()) << set.status().message();
      uint64_t expected = wanted == 0 || wanted > 12 ? 12 : wanted, next = 7, windows = 0;
      EXPECT_EQ(set->windows(), expected);
      EXPECT_EQ(set->tokens(), 8 * expected);
      EXPECT_EQ(set->whole(), expected == 12);
      for (uint64_t i = 0; i < set->size(); ++i) {
        set->read(i, tokens, targets);
        ASSERT_EQ(tokens.size(), targets.size());
        EXPECT_LE(tokens.size(), batch * 8);
        windows += tokens.size() / 8;
        for (size_t at = 0; at < tokens.size(); ++at, ++next) {
          EXPECT_EQ(tokens[at], static_cast<int32_t>(next));
          EXPECT_EQ(targets[at], static_cast<int32_t>(next + 1));
        }
      }
      EXPECT_EQ(windows, expected);
    }
  EXPECT_TRUE(ValidationSet::create(count(7, 9), 2, 8, 0).ok());
  EXPECT_FALSE(ValidationSet::create(count(7, 8), 2, 8, 0).ok());
}

} // namespace
