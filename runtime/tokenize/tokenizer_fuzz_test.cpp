// A tokenizer's model from a file or a checkpoint may be anything; so may the text and the ids that it is given.
#include "runtime/tokenize/tokenizer.h"

#include "runtime/tokenize/sentencepiece.h"

#include <gtest/gtest.h>
#include <random>

using namespace tritter;

namespace {

Result<std::shared_ptr<const Tokenizer>> fromData(const std::string &kind, std::span<const char> data) {
  schema::TokenizerRecordT record;
  record.kind = kind;
  record.data.assign(data.begin(), data.end());
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::CreateTokenizerRecord(builder, &record));
  return createTokenizer(*flatbuffers::GetRoot<schema::TokenizerRecord>(builder.GetBufferPointer()));
}

std::string randomText(std::mt19937 &random, size_t most) {
  std::string text(random() % most, 0);
  for (char &byte : text)
    byte = static_cast<char>(random());
  return text;
}

TEST(TokenizerFuzzTest, ModelsThatAreNoneAreRefused) {
  std::mt19937 random(1);
  for (int turn = 0; turn < 2000; ++turn)
    EXPECT_FALSE(fromData("sentencepiece", randomText(random, 200)).ok());
  EXPECT_FALSE(fromData("words", {}).ok());
}

TEST(TokenizerFuzzTest, AnyTextIsEncodedAndAnyIdsDecoded) {
  std::mt19937 random(2);
  auto bytes = createByteTokenizer();
  for (int turn = 0; turn < 2000; ++turn) {
    std::string text = randomText(random, 100);
    // Byte 0 ends documents, and is left out of them.
    std::erase(text, 0);
    std::vector<int32_t> ids;
    bytes->encode(text, ids);
    EXPECT_EQ(bytes->decode(ids), text);
    for (int32_t &id : ids)
      id = static_cast<int32_t>(random());
    (void)bytes->decode(ids);
  }
}

} // namespace
