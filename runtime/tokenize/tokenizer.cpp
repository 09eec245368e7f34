#include "runtime/tokenize/tokenizer.h"

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
  return error("the checkpoint's tokenizer is of kind `{}`, which this tritter-run does not know", kind);
}

Result<std::shared_ptr<const Tokenizer>> tritter::loadTokenizer(const std::string &name) {
  if (name == "bytes")
    return createByteTokenizer();
  return error("--tokenizer {}: `bytes` was expected", name);
}
