#include "runtime/jobs/text_bytes.h"

using namespace tritter;

std::optional<double> tritter::textBytesOf(const ValidationSet &set, const Tokenizer *tokenizer) {
  if (!tokenizer) {
    uint64_t bytes = set.file().header().textBytes;
    if (bytes == 0 || !set.whole())
      return std::nullopt;
    // What is left behind the last window is less than one.
    return static_cast<double>(bytes) * static_cast<double>(set.tokens()) / static_cast<double>(set.file().size());
  }
  double bytes = 0;
  std::vector<int32_t> tokens, targets;
  for (uint64_t i = 0; i < set.size(); ++i) {
    set.read(i, tokens, targets);
    for (size_t at = 0; at < targets.size(); ++at)
      bytes += static_cast<double>(tokenizer->textBytes(targets[at], tokens[at] == tokenizer->endOfDocument()));
  }
  return bytes;
}
