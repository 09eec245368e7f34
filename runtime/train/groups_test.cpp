#include "runtime/train/groups.h"

#include <gtest/gtest.h>
#include <memory>

using namespace tritter;

namespace {

struct Entry {
  const char *name;
  const char *kind;
  uint64_t updates = 0;
};

std::string groups(std::initializer_list<Entry> tensors) {
  schema::ManifestT manifest;
  for (const Entry &entry : tensors) {
    auto tensor = std::make_unique<schema::TensorT>();
    tensor->name = entry.name;
    tensor->kind = entry.kind;
    tensor->updates = entry.updates;
    manifest.tensors.push_back(std::move(tensor));
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Manifest::Pack(builder, &manifest));
  return groupsByUpdates(*flatbuffers::GetRoot<schema::Manifest>(builder.GetBufferPointer()));
}

TEST(Groups, OneCountNeedsNone) {
  EXPECT_EQ(groups({{"embed.weight", "value"}, {"layers.0.up.weight", "value"}}), "");
  EXPECT_EQ(groups({{"embed.weight", "value"}, {"embed.weight", "adam.m", 7}, {"embed.weight", "adam.v", 7}}), "");
}

TEST(Groups, WholeSubtreesAreOnePattern) {
  EXPECT_EQ(groups({{"layers.0.up.weight", "adam.m", 9},
                    {"layers.1.up.weight", "adam.m", 4},
                    {"layers.1.down.weight", "adam.m", 4},
                    {"layers.10.up.weight", "adam.m", 9},
                    {"norm.weight", "adam.m", 9}}),
            "since-5:layers.1.*");
}

TEST(Groups, WithinALayerEachParameterMayHaveItsOwn) {
  // A parameter without states has seen nothing.
  EXPECT_EQ(groups({{"layers.0.attn.k.weight", "adam.m", 9},
                    {"layers.0.attn.q.weight", "adam.m", 6},
                    {"layers.0.norm.weight", "value"},
                    {"scale", "adam.m", 6}}),
            "since-3:layers.0.attn.q.*,since-9:layers.0.norm.*,since-3:scale");
}

TEST(Groups, CharactersOfPatternsStandForThemselves) {
  EXPECT_EQ(groups({{"a*b", "adam.m", 1}, {"a+b", "adam.m", 2}}), "since-1:a\\*b");
}

} // namespace
