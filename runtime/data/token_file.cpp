#include "runtime/data/token_file.h"

#include "runtime/base/text.h"
#include "runtime/base/hash.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace tritter;

static constexpr size_t headerBytes = 1024;
static constexpr uint32_t magic16 = 20240520;
static constexpr uint32_t magic32 = 20240801;
static constexpr uint32_t ourMark = 0x4b4f5454; // "TTOK"

using HeaderWords = std::array<uint32_t, headerBytes / 4>;

static uint64_t wide(const HeaderWords &words, size_t at) {
  return words[at] | static_cast<uint64_t>(words[at + 1]) << 32;
}

static void readOurWords(const HeaderWords &words, TokenFileHeader &header) {
  header.vocabulary = words[4];
  std::span<const unsigned char> digest(reinterpret_cast<const unsigned char *>(&words[5]), 32);
  if (std::any_of(digest.begin(), digest.end(), [](unsigned char byte) { return byte != 0; }))
    header.tokenizerHash = hexadecimal(digest);
  header.textBytes = wide(words, 15);
}

Result<std::shared_ptr<const TokenFile>> TokenFile::open(const std::string &path, int tokenBytes) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return error("{}: cannot be read ({})", path, std::strerror(errno));
  struct stat information;
  if (::fstat(file, &information) != 0 || !S_ISREG(information.st_mode)) {
    ::close(file);
    return error("{}: is not a token file; tritter-run tokenize makes one", path);
  }
  size_t bytes = information.st_size;
  if (bytes == 0) {
    ::close(file);
    return error("{}: is empty; tritter-run tokenize makes token files", path);
  }
  void *mapping = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  if (mapping == MAP_FAILED)
    return error("{}: cannot be mapped into memory ({})", path, std::strerror(errno));

  std::shared_ptr<TokenFile> tokens(new TokenFile);
  tokens->path_ = path;
  tokens->mapping_ = static_cast<const std::byte *>(mapping);
  tokens->mappedBytes_ = bytes;

  HeaderWords words{};
  if (bytes >= headerBytes)
    std::memcpy(words.data(), mapping, headerBytes);
  bool known = words[0] == magic16 || words[0] == magic32;
  if (!known) {
    tokens->raw_ = true;
    tokens->guessed_ = tokenBytes == 0;
    tokens->tokenBytes_ = tokenBytes ? tokenBytes : 2;
    tokens->tokens_ = tokens->mapping_;
    if (bytes % tokens->tokenBytes_ != 0)
      return error("{}: no llm.c header, and its {} bytes are not a multiple of {} bytes a token", path, grouped(bytes),
                   tokens->tokenBytes_);
    tokens->size_ = bytes / tokens->tokenBytes_;
    return std::shared_ptr<const TokenFile>(std::move(tokens));
  }

  uint32_t version = words[0] == magic16 ? 1 : 7;
  if (words[1] != version)
    return error("{}: an llm.c header of version {}; {} was expected after the magic number {}", path, words[1],
                 version, words[0]);
  tokens->tokenBytes_ = version == 1 ? 2 : 4;
  if (tokenBytes && tokenBytes != tokens->tokenBytes_)
    return error("{}: its llm.c header says {} bytes a token; leave --token-bytes {} out", path, tokens->tokenBytes_,
                 tokenBytes);
  tokens->tokens_ = tokens->mapping_ + headerBytes;
  uint64_t count = words[2];
  if (words[3] == ourMark) {
    readOurWords(words, tokens->header_);
    count = wide(words, 13);
  }
  uint64_t present = (bytes - headerBytes) / tokens->tokenBytes_;
  if (count == 0)
    return error("{}: holds no tokens", path);
  if (count != present)
    return error("{}: its header promises {} tokens, {} are there: the file was cut short or is not finished", path,
                 grouped(count), grouped(present));
  tokens->size_ = count;
  return std::shared_ptr<const TokenFile>(std::move(tokens));
}

TokenFile::~TokenFile() {
  if (mapping_)
    ::munmap(const_cast<std::byte *>(mapping_), mappedBytes_);
}

std::string TokenFile::name() const { return std::filesystem::path(path_).filename().string(); }

int32_t TokenFile::operator[](uint64_t index) const {
  int32_t token;
  read(index, {&token, 1});
  return token;
}

void TokenFile::read(uint64_t begin, std::span<int32_t> out) const {
  const std::byte *from = tokens_ + begin * tokenBytes_;
  if (tokenBytes_ == 4) {
    std::memcpy(out.data(), from, out.size_bytes());
    return;
  }
  for (size_t i = 0; i < out.size(); ++i) {
    uint16_t token;
    std::memcpy(&token, from + 2 * i, 2);
    out[i] = token;
  }
}

Status TokenFile::beyond(uint64_t position, uint32_t vocabulary) const {
  uint32_t id = static_cast<uint32_t>((*this)[position]);
  if (!raw_)
    return error("{}: token {} is {}, beyond vocabulary {}; it was made with another tokenizer: tokenise again", name(),
                 grouped(position), grouped(id), grouped(vocabulary));
  return error("{}: no llm.c header; read as uint{}, token {} is {}, beyond vocabulary {}; if it holds uint{} say "
               "--token-bytes {}",
               name(), 8 * tokenBytes_, grouped(position), grouped(id), grouped(vocabulary), 48 - 8 * tokenBytes_,
               6 - tokenBytes_);
}

/// The first id of the run that is not below `vocabulary`, or -1.
template <typename Token> static int64_t firstBeyond(const std::byte *from, uint64_t count, uint32_t vocabulary) {
  // A maximum first: it vectorises, and files are good nearly always.
  Token largest = 0;
  for (uint64_t i = 0; i < count; ++i) {
    Token token;
    std::memcpy(&token, from + i * sizeof(Token), sizeof(Token));
    largest = std::max(largest, token);
  }
  if (largest < vocabulary)
    return -1;
  for (uint64_t i = 0;; ++i) {
    Token token;
    std::memcpy(&token, from + i * sizeof(Token), sizeof(Token));
    if (token >= vocabulary)
      return static_cast<int64_t>(i);
  }
}

Result<std::string> TokenFile::check(uint32_t vocabulary) const {
  const uint64_t chunkTokens = (uint64_t(1) << 20) / tokenBytes_;
  const int64_t chunks = static_cast<int64_t>((size_ + chunkTokens - 1) / chunkTokens);
  std::vector<Digest> digests(chunks);
  int64_t wrong = std::numeric_limits<int64_t>::max();
#pragma omp parallel for schedule(dynamic, 4) reduction(min : wrong)
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    uint64_t begin = chunk * chunkTokens;
    uint64_t count = std::min(chunkTokens, size_ - begin);
    const std::byte *from = tokens_ + begin * tokenBytes_;
    int64_t at = tokenBytes_ == 2 ? firstBeyond<uint16_t>(from, count, vocabulary)
                                  : firstBeyond<uint32_t>(from, count, vocabulary);
    if (at >= 0)
      wrong = std::min(wrong, static_cast<int64_t>(begin) + at);
    digests[chunk] = sha256({from, count * tokenBytes_});
  }
  if (wrong != std::numeric_limits<int64_t>::max())
    return beyond(wrong, vocabulary);
  return hexadecimal(combineDigests(digests));
}

// ---------------------------------------------------------------- writing

static HeaderWords makeHeader(const TokenFileHeader &header, int tokenBytes, uint64_t size) {
  HeaderWords words{};
  words[0] = tokenBytes == 2 ? magic16 : magic32;
  words[1] = tokenBytes == 2 ? 1 : 7;
  words[2] = static_cast<uint32_t>(std::min<uint64_t>(size, std::numeric_limits<int32_t>::max()));
  words[3] = ourMark;
  words[4] = header.vocabulary;
  auto *digest = reinterpret_cast<unsigned char *>(&words[5]);
  for (size_t i = 0; i < 32 && 2 * i + 1 < header.tokenizerHash.size(); ++i)
    digest[i] = static_cast<unsigned char>(std::strtoul(header.tokenizerHash.substr(2 * i, 2).c_str(), nullptr, 16));
  words[13] = static_cast<uint32_t>(size);
  words[14] = static_cast<uint32_t>(size >> 32);
  words[15] = static_cast<uint32_t>(header.textBytes);
  words[16] = static_cast<uint32_t>(header.textBytes >> 32);
  return words;
}

Result<std::unique_ptr<TokenFileWriter>> TokenFileWriter::create(const std::string &path, TokenFileHeader header) {
  std::unique_ptr<TokenFileWriter> writer(new TokenFileWriter);
  writer->path_ = path;
  writer->temporary_ = fmt::format("{}.{}.tmp", path, ::getpid());
  writer->tokenBytes_ = header.vocabulary > 65536 || header.vocabulary == 0 ? 4 : 2;
  writer->header_ = std::move(header);
  writer->file_ = ::open(writer->temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (writer->file_ < 0)
    return error("{}: cannot be written ({})", path, std::strerror(errno));
  HeaderWords empty{};
  TRITTER_RETURN_IF_ERROR(writer->writeAll(empty.data(), headerBytes));
  return writer;
}

TokenFileWriter::~TokenFileWriter() {
  if (file_ < 0)
    return;
  ::close(file_);
  ::unlink(temporary_.c_str());
}

Status TokenFileWriter::writeAll(const void *data, size_t bytes) {
  const char *from = static_cast<const char *>(data);
  while (bytes) {
    ssize_t written = ::write(file_, from, bytes);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return error("{}: cannot be written ({})", path_, std::strerror(errno));
    from += written;
    bytes -= written;
  }
  return {};
}

Status TokenFileWriter::append(std::span<const int32_t> tokens) {
  size_ += tokens.size();
  if (tokenBytes_ == 4)
    return writeAll(tokens.data(), tokens.size_bytes());
  std::vector<uint16_t> narrow(tokens.begin(), tokens.end());
  return writeAll(narrow.data(), narrow.size() * 2);
}

Status TokenFileWriter::finish() {
  HeaderWords words = makeHeader(header_, tokenBytes_, size_);
  if (::pwrite(file_, words.data(), headerBytes, 0) != static_cast<ssize_t>(headerBytes) || ::fsync(file_) != 0)
    return error("{}: cannot be written ({})", path_, std::strerror(errno));
  ::close(file_);
  file_ = -1;
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    Status status = error("{}: cannot be written ({})", path_, std::strerror(errno));
    ::unlink(temporary_.c_str());
    return status;
  }
  return {};
}
