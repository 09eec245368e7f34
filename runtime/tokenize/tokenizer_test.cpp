#include "runtime/tokenize/tokenizer.h"

#include <gtest/gtest.h>

using namespace tritter;

TEST(ByteTokenizerTest, GivesBackAnyText) {
  auto tokenizer = createByteTokenizer();
  std::string text = "int main() { return 0; }\n\xc3\xa9 \xff";
  std::vector<int32_t> ids;
  tokenizer->encode(text, ids);
  EXPECT_EQ(ids.size(), text.size());
  ids.push_back(tokenizer->endOfDocument());
  EXPECT_EQ(tokenizer->decode(ids), text);
}

TEST(ByteTokenizerTest, ComesBackFromItsRecord) {
  auto tokenizer = createByteTokenizer();
  flatbuffers::FlatBufferBuilder builder;
  schema::TokenizerRecordT record = tokenizer->record();
  builder.Finish(schema::TokenizerRecord::Pack(builder, &record));
  auto again = createTokenizer(*flatbuffers::GetRoot<schema::TokenizerRecord>(builder.GetBufferPointer()));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->hash(), tokenizer->hash());
  EXPECT_EQ(record.hash, "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9");
}

TEST(ByteTokenizerTest, UnknownKindsAreRefused) {
  flatbuffers::FlatBufferBuilder builder;
  schema::TokenizerRecordT record;
  record.kind = "runes";
  builder.Finish(schema::TokenizerRecord::Pack(builder, &record));
  auto made = createTokenizer(*flatbuffers::GetRoot<schema::TokenizerRecord>(builder.GetBufferPointer()));
  EXPECT_FALSE(made.ok());
}
