#ifndef TRITTER_RUNTIME_TOKENIZE_TOKENIZER_H
#define TRITTER_RUNTIME_TOKENIZE_TOKENIZER_H

#include "runtime/base/status.h"
#include "runtime/schema/checkpoint_generated.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tritter {

/// Text to token ids and back. Immutable, and safe to use from several threads at once.
class Tokenizer {
public:
  virtual ~Tokenizer() = default;

  /// "bytes" or "sentencepiece".
  virtual std::string_view kind() const = 0;
  /// Ids are below it.
  virtual uint32_t vocabulary() const = 0;
  /// 64 hexadecimal digits: SHA-256 of data(), or of kind() where there is no data. Token files carry it.
  virtual const std::string &hash() const = 0;
  /// What has to be kept to make the same tokenizer again: the bytes of a SentencePiece model; empty for bytes.
  virtual std::string_view data() const = 0;

  /// Appends the ids of `text`, which needs not be valid UTF-8.
  virtual void encode(std::string_view text, std::vector<int32_t> &ids) const = 0;
  /// The text of the ids; ids beyond the vocabulary are left out. decode(encode(text)) is text for bytes, and may
  /// differ in spaces where a SentencePiece model normalises.
  virtual std::string decode(std::span<const int32_t> ids) const = 0;
  /// Bytes of the text that one id stands for, where `beginsDocument` says that the id before it ended one; 0 of ids that
  /// stand for none. Over a document they add up to what decode() gives.
  virtual uint64_t textBytes(int32_t id, bool beginsDocument) const = 0;
  /// Whether text that is not valid UTF-8 loses something in encode().
  virtual bool needsUtf8() const = 0;
  /// The id of text that no piece stands for; -1 where there is none.
  virtual int32_t unknown() const = 0;
  /// Adds the characters of `text` that become unknown(), each as often as it does.
  virtual void countUnknown(std::string_view text, std::map<std::string, uint64_t> &characters) const = 0;
  /// The id that ends a document, which tokenize writes after every file; no text encodes to it.
  virtual int32_t endOfDocument() const = 0;

  /// As a checkpoint holds it.
  schema::TokenizerRecordT record() const;
};

/// One id a byte, 256 in all; byte 0, which no text has, ends a document.
std::shared_ptr<const Tokenizer> createByteTokenizer();

/// The tokenizer that a checkpoint holds.
Result<std::shared_ptr<const Tokenizer>> createTokenizer(const schema::TokenizerRecord &record);
/// `name` is "bytes" or the path of a SentencePiece model.
Result<std::shared_ptr<const Tokenizer>> loadTokenizer(const std::string &name);

} // namespace tritter

#endif // TRITTER_RUNTIME_TOKENIZE_TOKENIZER_H
