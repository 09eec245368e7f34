#include "runtime/tokenize/sentencepiece.h"

#include "runtime/base/hash.h"
#include "runtime/base/text.h"
#include "runtime/tokenize/encoding.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <cstdlib>
#include <unordered_map>
#include <vector>

using namespace tritter;

/// SentencePiece's words without the line of its source and the condition there that they begin with; "damaged, or of
/// another kind" where there are no others.
static std::string_view withoutPlace(std::string_view words) {
  if (size_t place = words.find(".cc("); place != std::string_view::npos) {
    size_t end = words.rfind("] ");
    words = end == std::string_view::npos ? std::string_view() : words.substr(end + 2);
  }
  while (words.ends_with(' ') || words.ends_with('.'))
    words.remove_suffix(1);
  return words.empty() ? "damaged, or of another kind" : words;
}

/// Why no model could be trained, and what helps.
static Status explainTraining(uint32_t pieces, std::string_view words) {
  auto numberAfter = [&](std::string_view mark) {
    size_t at = words.find(mark);
    return at == std::string_view::npos ? 0 : std::strtoull(std::string(words.substr(at + mark.size())).c_str(), nullptr, 10);
  };
  if (uint64_t most = numberAfter("value <= "))
    return error("the text has only enough in it for a SentencePiece model of {} pieces, not of {}: --train-spm {}, or more "
                 "text",
                 grouped(most), grouped(pieces), most);
  if (uint64_t least = numberAfter(" vs "))
    return error("the text has so many different characters that a SentencePiece model of them has at least {} pieces, not "
                 "{}: --train-spm {} or more",
                 grouped(least), grouped(pieces), least);
  std::string_view reason = withoutPlace(words);
  return error("no SentencePiece model of {} pieces can be trained on the text ({}): fewer pieces, or more text",
               grouped(pieces), reason.starts_with("damaged") ? "there is nothing in it to learn from" : reason);
}

/// Adds a line to `lines` in parts that SentencePiece learns from: it leaves out what is long, and would not say so. Words
/// stay whole where there are any.
static void cutLine(std::string_view line, std::vector<std::string_view> &lines) {
  constexpr size_t most = 4096;
  while (line.size() > most) {
    size_t end = line.rfind(' ', most);
    if (end == std::string_view::npos || end == 0)
      for (end = most; end > 1 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80;)
        --end;
    lines.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  if (!line.empty())
    lines.push_back(line);
}

namespace {

class SentencePieceTokenizer : public Tokenizer {
public:
  static Result<std::shared_ptr<const Tokenizer>> create(std::string model) {
    auto tokenizer = std::make_shared<SentencePieceTokenizer>();
    if (auto status = tokenizer->processor_.LoadFromSerializedProto(model); !status.ok())
      return error("the tokenizer is no SentencePiece model ({})", withoutPlace(status.message()));
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

  bool needsUtf8() const override { return true; }
  int32_t unknown() const override { return processor_.unk_id(); }

  void countUnknown(std::string_view text, std::map<std::string, uint64_t> &characters) const override {
    sentencepiece::ImmutableSentencePieceText pieces = processor_.EncodeAsImmutableProto(text);
    for (size_t i = 0; i < pieces.pieces_size(); ++i) {
      auto piece = pieces.pieces(static_cast<int>(i));
      if (static_cast<int32_t>(piece.id()) != unknown())
        continue;
      // Neighbours are one piece.
      std::string_view surface = piece.surface();
      while (!surface.empty()) {
        size_t bytes = std::max<size_t>(1, characterBytes(surface));
        ++characters[std::string(surface.substr(0, bytes))];
        surface.remove_prefix(bytes);
      }
    }
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
  LineIterator(std::span<const std::string_view> lines, size_t stride) : lines_(lines), stride_(stride) { take(); }
  bool done() const override { return at_ >= lines_.size(); }
  void Next() override {
    at_ += stride_;
    take();
  }
  const std::string &value() const override { return line_; }
  sentencepiece::util::Status status() const override { return {}; }

private:
  void take() {
    if (!done())
      line_ = lines_[at_];
  }

  std::span<const std::string_view> lines_;
  size_t stride_;
  size_t at_ = 0;
  std::string line_;
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
  std::vector<std::string_view> shortLines;
  for (const std::string &line : lines)
    cutLine(line, shortLines);
  LineIterator sample(shortLines, (bytes + mostBytes - 1) / mostBytes);
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
    return explainTraining(pieces, status.message());
  return model;
}
