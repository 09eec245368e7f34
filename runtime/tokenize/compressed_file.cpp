#include "runtime/tokenize/compressed_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <zlib.h>
#include <zstd.h>

using namespace tritter;
using namespace std::string_view_literals;

namespace {

/// What gzip compressed, of any number of members, or what nobody did: zlib reads both.
class GzipFile : public CompressedFile {
public:
  GzipFile(std::string path, gzFile file, bool compressed)
      : CompressedFile(std::move(path)), file_(file), compressed_(compressed) {}
  ~GzipFile() override { (void)gzclose(file_); }
  std::string_view compression() const override { return compressed_ ? "gzip" : ""; }

private:
  size_t fill(char *out, size_t most) override {
    int read = gzread(file_, out, static_cast<unsigned>(most));
    int code = Z_OK;
    const char *message = gzerror(file_, &code);
    if (read <= 0 && code != Z_OK && code != Z_STREAM_END)
      fail(code == Z_BUF_ERROR ? "it was cut short" : code == Z_ERRNO ? std::strerror(errno) : message);
    return read > 0 ? read : 0;
  }

  gzFile file_;
  bool compressed_;
};

class ZstdFile : public CompressedFile {
public:
  ZstdFile(std::string path, std::ifstream file)
      : CompressedFile(std::move(path)), file_(std::move(file)), context_(ZSTD_createDCtx()), input_(1 << 16, 0) {}
  ~ZstdFile() override { ZSTD_freeDCtx(context_); }
  std::string_view compression() const override { return "zstd"; }

private:
  size_t fill(char *out, size_t most) override {
    ZSTD_outBuffer to{out, most, 0};
    while (to.pos == 0 && status().ok()) {
      if (from_.pos == from_.size) {
        file_.read(input_.data(), static_cast<std::streamsize>(input_.size()));
        from_ = {input_.data(), static_cast<size_t>(file_.gcount()), 0};
      }
      bool ended = from_.size == 0;
      if (ended && left_ == 0)
        return 0;
      left_ = ZSTD_decompressStream(context_, &to, &from_);
      if (ZSTD_isError(left_))
        fail(ZSTD_getErrorName(left_));
      else if (ended && to.pos == 0)
        fail("it was cut short");
    }
    return to.pos;
  }

  std::ifstream file_;
  ZSTD_DCtx *context_;
  std::string input_;
  ZSTD_inBuffer from_{nullptr, 0, 0};
  /// 0 where a frame has ended.
  size_t left_ = 0;
};

} // namespace

Result<std::unique_ptr<CompressedFile>> CompressedFile::open(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return error("{}: cannot be read ({})", path, std::strerror(errno));
  char magic[4] = {};
  file.read(magic, sizeof(magic));
  if (file.bad())
    return error("{}: cannot be read ({})", path, std::strerror(errno));
  std::string_view start(magic, file.gcount());
  if (start == "\x28\xb5\x2f\xfd"sv) {
    file.clear();
    file.seekg(0);
    return std::unique_ptr<CompressedFile>(std::make_unique<ZstdFile>(path, std::move(file)));
  }
  gzFile stream = gzopen(path.c_str(), "rbe");
  if (!stream)
    return error("{}: cannot be read ({})", path, std::strerror(errno));
  return std::unique_ptr<CompressedFile>(
      std::make_unique<GzipFile>(path, stream, start.starts_with("\x1f\x8b"sv)));
}

CompressedFile::int_type CompressedFile::underflow() {
  size_t read = status_.ok() ? fill(buffer_.data(), buffer_.size()) : 0;
  if (read == 0)
    return traits_type::eof();
  setg(buffer_.data(), buffer_.data(), buffer_.data() + read);
  return traits_type::to_int_type(buffer_[0]);
}

void CompressedFile::fail(std::string_view why) {
  if (compression().empty())
    status_ = error("{}: cannot be read ({})", path_, why);
  else
    status_ = error("{}: {}-compressed, and damaged or unfinished ({}): compress it again", path_, compression(), why);
}
