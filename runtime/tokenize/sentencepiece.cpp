#include "runtime/tokenize/sentencepiece.h"

#include "runtime/base/hash.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <unordered_map>

using namespace tritter;

namespace {

class SentencePieceTokenizer : public Tokenizer {
public:
  static Result<std::shared_ptr<const Tokenizer>> create(std::string model) {
    auto tokenizer = std::make_shared<SentencePieceTokenizer>();
    if (auto status = tokenizer->processor_.LoadFromSerializedProto(model); !status.ok())
      return error("the tokenizer is no SentencePiece model: {}", status.message());
    if (tokenizer->processor_.eos_id() < 0)
      return error("the SentencePiece model has no </s>, which ends a document");
    tokenizer->hash_ = hexadecimal(sha256(std::as_bytes(std::span(model))));
    tokenizer->model_ = std::move(model);
    tokenizer->countBytes();
    return std::shared_ptr<const Tokenizer>(std::move(tokenizer));
  }

  std::string_view kind() const override { return "sentencepiece"; }
  uint32_t vocabulary() const override { return processor_.GetPieceSize(); }
  const std::string &hash() const override { return hash_; }
  std::string_view data() const override { return model_; }

  void encode(std::string_view text, std::vector<int32_t> &ids) const override {
    std::vector<int> pieces;
    // Fails only where the model could not be loaded, which create() has ruled out.
    (void)processor_.Encode(text, &pieces);
    ids.insert(ids.end(), pieces.begin(), pieces.end());
  }

  std::string decode(std::span<const int32_t> ids) const override {
    std::vector<int> pieces;
    for (int32_t id : ids)
      if (id >= 0 && id < processor_.GetPieceSize())
        pieces.push_back(id);
    std::string text;
    (void)processor_.Decode(pieces, &text);
    return text;
  }

  uint64_t textBytes(int32_t id, bool beginsDocument) const override {
    if (id < 0 || static_cast<size_t>(id) >= bytes_.size())
      return 0;
    return bytes_[id] - (beginsDocument && marksBeginning_ && beginsWithSpace_[id]);
  }

  int32_t endOfDocument() const override { return processor_.eos_id(); }

private:
  /// What stands for a space in pieces.
  static constexpr std::string_view space = "\u2581";

  void countBytes() {
    for (int id = 0; id < processor_.GetPieceSize(); ++id) {
      const std::string &piece = processor_.IdToPiece(id);
      uint64_t bytes = 0;
      if (processor_.IsByte(id)) {
        bytes = 1;
      } else if (processor_.IsUnknown(id)) {
        bytes = decode(std::vector<int32_t>{id}).size();
      } else if (!processor_.IsControl(id) && !processor_.IsUnused(id)) {
        bytes = piece.size();
        for (size_t at = 0; (at = piece.find(space, at)) != std::string::npos; at += space.size())
          bytes -= space.size() - 1;
      }
      bytes_.push_back(bytes);
      beginsWithSpace_.push_back(piece.starts_with(space));
    }
    // A model may put a space before every text, which decoding takes away again.
    std::vector<int32_t> ids;
    encode("a", ids);
    marksBeginning_ = !ids.empty() && beginsWithSpace_[ids.front()];
  }

  sentencepiece::SentencePieceProcessor processor_;
  std::string model_;
  std::string hash_;
  /// Of every piece: the bytes of its text, and whether that begins with a space.
  std::vector<uint64_t> bytes_;
  std::vector<bool> beginsWithSpace_;
  bool marksBeginning_ = false;
};

/// Every `stride`-th line.
class LineIterator : public sentencepiece::SentenceIterator {
public:
  LineIterator(std::span<const std::string> lines, size_t stride) : lines_(lines), stride_(stride) {}
  bool done() const override { return at_ >= lines_.size(); }
  void Next() override { at_ += stride_; }
  const std::string &value() const override { return lines_[at_]; }
  sentencepiece::util::Status status() const override { return {}; }

private:
  std::span<const std::string> lines_;
  size_t stride_;
  size_t at_ = 0;
};

} // namespace

Result<std::shared_ptr<const Tokenizer>> tritter::createSentencePieceTokenizer(std::string model) {
  return SentencePieceTokenizer::create(std::move(model));
}

Result<std::string> tritter::trainSentencePiece(std::span<const std::string> lines, uint32_t pieces, size_t mostBytes) {
  size_t bytes = 0;
  for (const std::string &line : lines)
    bytes += line.size();
  if (bytes == 0)
    return error("there is no text to train a tokenizer on");
  LineIterator sample(lines, (bytes + mostBytes - 1) / mostBytes);
  const std::unordered_map<std::string, std::string> options = {
      {"model_type", "bpe"},
      {"vocab_size", std::to_string(pieces)},
      {"byte_fallback", "true"},
      {"character_coverage", "0.9995"},
      {"normalization_rule_name", "identity"},
      {"remove_extra_whitespaces", "false"},
      {"add_dummy_prefix", "false"},
      {"allow_whitespace_only_pieces", "true"},
      {"split_digits", "true"},
      {"max_sentence_length", "65536"},
      {"minloglevel", "2"},
  };
  std::string model;
  if (auto status = sentencepiece::SentencePieceTrainer::Train(options, &sample, &model); !status.ok())
    return error("cannot train a SentencePiece model of {} pieces: {}", pieces, status.message());
  return model;
}
