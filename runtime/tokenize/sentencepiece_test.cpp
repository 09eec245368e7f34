#include "runtime/tokenize/sentencepiece.h"

#include <gtest/gtest.h>

using namespace tritter;

namespace {

std::vector<std::string> someLines() {
  std::vector<std::string> lines;
  for (int i = 0; i < 400; ++i) {
    lines.push_back("  if (count > " + std::to_string(i) + ") return the value of the " + std::to_string(i * 7) +
                    "th entry;");
    lines.push_back("The quick brown fox, number " + std::to_string(i) + ", jumps over the lazy dog.");
  }
  return lines;
}

std::shared_ptr<const Tokenizer> train() {
  auto model = trainSentencePiece(someLines(), 400);
  EXPECT_TRUE(model.ok()) << model.status().message();
  auto tokenizer = createSentencePieceTokenizer(*model);
  EXPECT_TRUE(tokenizer.ok());
  return *tokenizer;
}

TEST(SentencePiece, DecodesWhatItEncodedToTheSameBytes) {
  auto tokenizer = train();
  for (std::string text :
       {"  two  spaces and\n\n\ttabs\n", "unseen: \u00e9\u4e2d\U0001f600", "", "12345 the lazy dog"}) {
    std::vector<int32_t> ids;
    tokenizer->encode(text, ids);
    EXPECT_EQ(tokenizer->decode(ids), text);
    for (int32_t id : ids)
      EXPECT_LT(uint32_t(id), tokenizer->vocabulary());
  }
}

TEST(SentencePiece, ItsPiecesHaveTheBytesOfTheText) {
  auto tokenizer = train();
  for (std::string text : {"  two  spaces and\n\n\ttabs\n", "unseen: \u00e9\u4e2d\U0001f600", "12345 the lazy dog"}) {
    std::vector<int32_t> ids;
    tokenizer->encode(text, ids);
    ids.push_back(tokenizer->endOfDocument());
    uint64_t bytes = 0;
    for (size_t i = 0; i < ids.size(); ++i)
      bytes += tokenizer->textBytes(ids[i], i == 0);
    EXPECT_EQ(bytes, text.size());
  }
  EXPECT_EQ(tokenizer->textBytes(-1, false), 0u);
  EXPECT_EQ(tokenizer->textBytes(1 << 20, false), 0u);
}

TEST(SentencePiece, HasAsManyPiecesAsAskedAndFewerThanBytes) {
  auto tokenizer = train();
  EXPECT_EQ(tokenizer->vocabulary(), 400u);
  std::vector<int32_t> ids;
  tokenizer->encode(someLines()[1], ids);
  EXPECT_LT(ids.size(), someLines()[1].size() / 2);
}

TEST(SentencePiece, IsTheSameAfterACheckpoint) {
  auto tokenizer = train();
  auto record = tokenizer->record();
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::TokenizerRecord::Pack(builder, &record));
  auto again = createTokenizer(*flatbuffers::GetRoot<schema::TokenizerRecord>(builder.GetBufferPointer()));
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_EQ((*again)->hash(), tokenizer->hash());
  EXPECT_EQ((*again)->kind(), "sentencepiece");
}

TEST(SentencePiece, LongLinesAreLearntFrom) {
  // The letters of the long line stand nowhere else.
  std::vector<std::string> lines = someLines();
  std::string word = "qwzxvkj ", line;
  while (line.size() < 200000)
    line += word;
  lines.push_back(line);
  // Without a space, and with a character where it is cut.
  std::string dense;
  while (dense.size() < 100000)
    dense += "\xe4\xb8\xad";
  lines.push_back(dense);
  auto model = trainSentencePiece(lines, 420);
  ASSERT_TRUE(model.ok()) << model.status().message();
  auto tokenizer = *createSentencePieceTokenizer(*model);
  std::vector<int32_t> ids;
  tokenizer->encode(word, ids);
  EXPECT_LE(ids.size(), 3u);
  EXPECT_TRUE(trainSentencePiece(std::vector<std::string>{line}, 270).ok());
}

TEST(SentencePiece, SaysInItsOwnWordsWhyNothingCanBeTrained) {
  auto message = [](const std::vector<std::string> &lines, uint32_t pieces) {
    auto model = trainSentencePiece(lines, pieces);
    return model.ok() ? "trained" : std::string(model.status().message());
  };
  std::string few = message({"ab ab"}, 4000), many = message(someLines(), 262), none = message({" "}, 400);
  EXPECT_NE(few.find("only enough in it for a SentencePiece model of"), std::string::npos) << few;
  EXPECT_NE(many.find("has at least 303 pieces, not 262"), std::string::npos) << many;
  for (const std::string &text : {few, many, none})
    EXPECT_EQ(text.find(".cc"), std::string::npos) << text;
}

TEST(SentencePiece, CountsWhatBecomesUnknown) {
  auto tokenizer = train();
  std::map<std::string, uint64_t> lost;
  tokenizer->countUnknown("anything \n\xf0\x9f\x98\x80", lost);
  EXPECT_TRUE(lost.empty());
  EXPECT_GE(tokenizer->unknown(), 0);
}

TEST(SentencePiece, SaysWhatItCannotRead) {
  EXPECT_NE(createSentencePieceTokenizer("no model").status().message().find("no SentencePiece model"),
            std::string::npos);
  EXPECT_FALSE(trainSentencePiece({}, 400).ok());
}

} // namespace
