#include "runtime/tokenize/tokenizer.h"

#include "runtime/tokenize/sentencepiece.h"

#include <fstream>
#include <iterator>

using namespace tritter;

schema::TokenizerRecordT Tokenizer::record() const {
  schema::TokenizerRecordT record;
  record.kind = kind();
  record.vocabulary = vocabulary();
  record.hash = hash();
  record.data.assign(data().begin(), data().end());
  return record;
}

Result<std::shared_ptr<const Tokenizer>> tritter::createTokenizer(const schema::TokenizerRecord &record) {
  std::string kind = record.kind() ? record.kind()->str() : "";
  if (kind == "bytes")
    return createByteTokenizer();
  if (kind == "sentencepiece" && record.data())
    return createSentencePieceTokenizer(std::string(record.data()->begin(), record.data()->end()));
  return error("the checkpoint's tokenizer is of kind `{}`, which this tritter-run does not know", kind);
}

Result<std::shared_ptr<const Tokenizer>> tritter::loadTokenizer(const std::string &name) {
  if (name == "bytes")
    return createByteTokenizer();
  std::ifstream file(name, std::ios::binary);
  if (!file)
    return error("--tokenizer {}: `bytes` or a readable SentencePiece model was expected", name);
  auto tokenizer = createSentencePieceTokenizer(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!tokenizer.ok())
    return std::move(tokenizer).status().within(name);
  return tokenizer;
}
