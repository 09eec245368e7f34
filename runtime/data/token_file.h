#ifndef TRITTER_RUNTIME_DATA_TOKEN_FILE_H
#define TRITTER_RUNTIME_DATA_TOKEN_FILE_H

#include "runtime/base/status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace tritter {

/// What stands in the header of a token file: llm.c's 256 words of 32 bits (word 0 the magic number, 1 the version, 2
/// the number of tokens), whose spare words hold what llm.c leaves out:
///
///   3      "TTOK": the words below are ours
///   4      pieces of the tokenizer
///   5-12   SHA-256 of the tokenizer
///   13-14  tokens as 64 bits, low word first (word 2 holds as many as it can)
///   15-16  bytes of the text that the tokens stand for, low word first
///
/// llm.c reads such a file as it reads its own.
struct TokenFileHeader {
  /// 64 hexadecimal digits; empty where it is not known.
  std::string tokenizerHash;
  /// 0 where it is not known.
  uint32_t vocabulary = 0;
  /// 0 where it is not known.
  uint64_t textBytes = 0;
};

/// Tokens on disk, memory-mapped: llm.c's files of both versions (20240520 with 16 bits a token, 20240801 with 32),
/// NumPy arrays of integers, Megatron's `.bin` with its `.idx` beside it, and raw tokens of 1, 2, 4 or 8 bytes, as
/// nanoGPT writes them. What is of another known format, or text, is refused by its name.
class TokenFile {
public:
  /// `tokenBytes` (1, 2, 4 or 8) is the width of a file without a header; 0: what the file looks like, as layout() says.
  static Result<std::shared_ptr<const TokenFile>> open(const std::string &path, int tokenBytes = 0);
  /// The file read for a model of `vocabulary` tokens: itself, or the same in 32 bits where its width was guessed and 16
  /// cannot hold the vocabulary.
  static Result<std::shared_ptr<const TokenFile>> forVocabulary(std::shared_ptr<const TokenFile> file,
                                                                uint32_t vocabulary);
  ~TokenFile();
  TokenFile(const TokenFile &) = delete;
  TokenFile &operator=(const TokenFile &) = delete;

  const std::string &path() const { return path_; }
  /// The last component of path(), for messages.
  std::string name() const;
  uint64_t size() const { return size_; }
  int tokenBytes() const { return tokenBytes_; }
  const TokenFileHeader &header() const { return header_; }
  /// How it is read, and why, where that is not in an llm.c header: "a NumPy array of int32", "no header: read as uint16".
  const std::string &layout() const { return layout_; }

  /// An id that int32 does not hold is -1; check() has refused it.
  int32_t operator[](uint64_t index) const;
  /// Copies tokens [begin, begin + out.size()), which must be inside the file.
  void read(uint64_t begin, std::span<int32_t> out) const;

  /// One pass over the whole file: every id below `vocabulary` (the error names the file and the position), and the
  /// SHA-256 over the SHA-256 of every MiB of tokens, 64 hexadecimal digits.
  Result<std::string> check(uint32_t vocabulary) const;

private:
  TokenFile() = default;
  static Result<std::shared_ptr<TokenFile>> map(const std::string &path);
  std::span<const char> bytes() const { return {reinterpret_cast<const char *>(mapping_), mappedBytes_}; }
  Status readLlmc(int tokenBytes);
  Status readNumPy(int tokenBytes);
  Status readRaw(int tokenBytes);
  /// Tokens of `tokenBytes` from `offset` to the end.
  Status layOut(int tokenBytes, size_t offset);
  uint64_t at(uint64_t position) const;
  Status beyond(uint64_t position, uint32_t vocabulary) const;

  std::string path_;
  const std::byte *mapping_ = nullptr;
  size_t mappedBytes_ = 0;
  const std::byte *tokens_ = nullptr;
  uint64_t size_ = 0;
  int tokenBytes_ = 2;
  bool raw_ = false;
  /// Whether the width is a guess.
  bool guessed_ = false;
  std::string layout_;
  TokenFileHeader header_;
};

/// Writes a token file piece by piece, through a temporary beside it that finish() renames. 16 bits a token where the
/// vocabulary allows it, else 32.
class TokenFileWriter {
public:
  static Result<std::unique_ptr<TokenFileWriter>> create(const std::string &path, TokenFileHeader header);
  ~TokenFileWriter();

  Status append(std::span<const int32_t> tokens);
  void addTextBytes(uint64_t bytes) { header_.textBytes += bytes; }
  uint64_t size() const { return size_; }
  Status finish();

private:
  TokenFileWriter() = default;
  Status writeAll(const void *data, size_t bytes);

  std::string path_;
  std::string temporary_;
  int file_ = -1;
  int tokenBytes_ = 2;
  uint64_t size_ = 0;
  TokenFileHeader header_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_DATA_TOKEN_FILE_H
