#ifndef TRITTER_RUNTIME_TOKENIZE_COMPRESSED_FILE_H
#define TRITTER_RUNTIME_TOKENIZE_COMPRESSED_FILE_H

#include "runtime/base/status.h"

#include <memory>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>

namespace tritter {

/// A file as a stream of what is in it: what gzip or zstd compressed, as its first bytes say, decompressed, anything else
/// as it is. Once the stream has ended, status() says whether it was whole.
class CompressedFile : public std::streambuf {
public:
  static Result<std::unique_ptr<CompressedFile>> open(const std::string &path);

  /// "gzip", "zstd", or empty.
  virtual std::string_view compression() const = 0;
  const Status &status() const { return status_; }
  /// The same, once.
  Status takeStatus() { return std::exchange(status_, Status()); }

protected:
  explicit CompressedFile(std::string path) : path_(std::move(path)), buffer_(1 << 16, 0) {}
  int_type underflow() override;
  /// Puts the next bytes into `out`: how many, 0 at the end and after an error.
  virtual size_t fill(char *out, size_t most) = 0;
  /// The file is cut short or damaged.
  void fail(std::string_view why);

  std::string path_;

private:
  std::string buffer_;
  Status status_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_TOKENIZE_COMPRESSED_FILE_H
