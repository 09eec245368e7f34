#include "runtime/base/hash.h"
#include "runtime/tokenize/tokenizer.h"

using namespace tritter;

namespace {

class ByteTokenizer : public Tokenizer {
public:
  std::string_view kind() const override { return "bytes"; }
  uint32_t vocabulary() const override { return 256; }
  const std::string &hash() const override { return hash_; }
  std::string_view data() const override { return {}; }

  void encode(std::string_view text, std::vector<int32_t> &ids) const override {
    for (unsigned char byte : text)
      ids.push_back(byte);
  }
  std::string decode(std::span<const int32_t> ids) const override {
    std::string text;
    for (int32_t id : ids)
      if (id > 0 && id < 256)
        text += static_cast<char>(id);
    return text;
  }
  uint64_t textBytes(int32_t id, bool) const override { return id > 0 && id < 256; }
  bool needsUtf8() const override { return false; }
  int32_t unknown() const override { return -1; }
  void countUnknown(std::string_view, std::map<std::string, uint64_t> &) const override {}
  int32_t endOfDocument() const override { return 0; }

private:
  std::string hash_ = hexadecimal(sha256(std::as_bytes(std::span("bytes", 5))));
};

} // namespace

std::shared_ptr<const Tokenizer> tritter::createByteTokenizer() { return std::make_shared<ByteTokenizer>(); }
