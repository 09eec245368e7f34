#ifndef TRITTER_RUNTIME_TOKENIZE_SENTENCEPIECE_H
#define TRITTER_RUNTIME_TOKENIZE_SENTENCEPIECE_H

#include "runtime/tokenize/tokenizer.h"

namespace tritter {

/// A tokenizer from the bytes of a SentencePiece model (a serialised ModelProto, the contents of a `.model` file).
/// Its document end is the model's </s>.
Result<std::shared_ptr<const Tokenizer>> createSentencePieceTokenizer(std::string model);

/// Trains a byte-pair model of `pieces` pieces on lines of text and returns its bytes. What it encodes it decodes to
/// the same bytes: nothing is normalised, runs of spaces are pieces, unseen characters (a newline among them) fall back
/// to bytes. Long lines are cut. Lines are taken evenly over all of them until they hold `mostBytes`.
Result<std::string> trainSentencePiece(std::span<const std::string> lines, uint32_t pieces, size_t mostBytes = 8 << 20);

} // namespace tritter

#endif // TRITTER_RUNTIME_TOKENIZE_SENTENCEPIECE_H
