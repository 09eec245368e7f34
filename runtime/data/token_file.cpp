#include "runtime/data/token_file.h"

#include "runtime/base/file_kind.h"
#include "runtime/base/text.h"
#include "runtime/base/hash.h"
#include "runtime/data/megatron_index.h"
#include "runtime/data/numpy_array.h"

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

Result<std::shared_ptr<TokenFile>> TokenFile::map(const std::string &path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
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
  return tokens;
}

Result<std::shared_ptr<const TokenFile>> TokenFile::open(const std::string &path, int tokenBytes) {
  TRITTER_ASSIGN(std::shared_ptr<TokenFile> tokens, map(path));
  std::span<const char> start = tokens->bytes().first(std::min(tokens->mappedBytes_, fileKindBytes));
  uint32_t magic = 0;
  if (start.size() >= sizeof(magic))
    std::memcpy(&magic, start.data(), sizeof(magic));
  if (magic == magic16 || magic == magic32) {
    TRITTER_RETURN_IF_ERROR(tokens->readLlmc(tokenBytes));
  } else if (isNumPyArray(start)) {
    TRITTER_RETURN_IF_ERROR(tokens->readNumPy(tokenBytes));
  } else {
    // Whoever says how wide the tokens are says that there are tokens.
    if (std::string_view kind = knownFileKind(start); !kind.empty() && tokenBytes == 0)
      return error("{}: is {}, and no token file: llm.c's files, NumPy arrays of integers (.npy) and raw integers are "
                   "read; tritter-run tokenize makes one of text",
                   path, kind);
    if (tokenBytes == 0 && start.size() >= 16 && isPlainText(start))
      return error("{}: is text, and no token file: tritter-run tokenize {} -o DIR makes one of it", path, path);
    TRITTER_RETURN_IF_ERROR(tokens->readRaw(tokenBytes));
  }
  return std::shared_ptr<const TokenFile>(std::move(tokens));
}

Status TokenFile::layOut(int tokenBytes, size_t offset) {
  tokenBytes_ = tokenBytes;
  tokens_ = mapping_ + offset;
  size_ = (mappedBytes_ - offset) / tokenBytes;
  if (size_ == 0)
    return error("{}: holds no tokens", path_);
  return {};
}

Status TokenFile::readLlmc(int tokenBytes) {
  if (mappedBytes_ < headerBytes)
    return error("{}: begins as llm.c's token files do, but has {} bytes, fewer than their header: it was cut short",
                 path_, mappedBytes_);
  HeaderWords words{};
  std::memcpy(words.data(), mapping_, headerBytes);
  uint32_t version = words[0] == magic16 ? 1 : 7;
  if (words[1] != version)
    return error("{}: an llm.c header of version {}; {} was expected after the magic number {}", path_, words[1],
                 version, words[0]);
  int width = version == 1 ? 2 : 4;
  if (tokenBytes && tokenBytes != width)
    return error("{}: its llm.c header says {} bytes a token; leave --token-bytes {} out", path_, width, tokenBytes);
  uint64_t count = words[2];
  if (words[3] == ourMark) {
    readOurWords(words, header_);
    count = wide(words, 13);
  }
  uint64_t present = (mappedBytes_ - headerBytes) / width;
  if (count == 0)
    return error("{}: holds no tokens", path_);
  if (count != present)
    return error("{}: its header promises {} tokens, {} are there: the file was cut short or is not finished", path_,
                 grouped(count), grouped(present));
  return layOut(width, headerBytes);
}

Status TokenFile::readNumPy(int tokenBytes) {
  Result<NumPyArray> array = readNumPyHeader(bytes());
  if (!array.ok())
    return std::move(array).status().within(path_);
  if (tokenBytes && tokenBytes != array->elementBytes)
    return error("{}: its NumPy header says {}; leave --token-bytes {} out", path_, array->type, tokenBytes);
  uint64_t present = (mappedBytes_ - array->offset) / array->elementBytes;
  if (array->elements != present)
    return error("{}: its NumPy header promises {} tokens, {} are there: the file was cut short or is not finished",
                 path_, grouped(array->elements), grouped(present));
  layout_ = fmt::format("a NumPy array of {}{}", array->type,
                        array->rows ? fmt::format(", its {} rows one after another", grouped(array->rows)) : "");
  return layOut(array->elementBytes, array->offset);
}

/// The width of raw tokens, by their upper halves: they are all 0 where ids are wider than they need to be, and no text
/// has a 0 after every token. 0 where the bytes do not say.
static int widthOfRaw(std::span<const char> bytes) {
  constexpr size_t most = 1 << 20, fewest = 16;
  for (size_t width : {8, 4}) {
    if (bytes.size() % width != 0 || bytes.size() < fewest * width)
      continue;
    bool upperZero = true, lowerZero = true;
    for (size_t at = 0; at < std::min(bytes.size(), most) && upperZero; at += width) {
      uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, width);
      upperZero = word >> (4 * width) == 0;
      lowerZero = lowerZero && word == 0;
    }
    if (upperZero && !lowerZero)
      return static_cast<int>(width);
  }
  return 0;
}

Status TokenFile::readRaw(int tokenBytes) {
  raw_ = true;
  std::string index = std::filesystem::path(path_).replace_extension(".idx").string();
  if (tokenBytes == 0 && index != path_) {
    TRITTER_ASSIGN(std::optional<MegatronTokens> megatron, readMegatronIndex(index));
    if (megatron) {
      raw_ = false;
      layout_ = fmt::format("tokens of Megatron, {} as {} says", megatron->type,
                            std::filesystem::path(index).filename().string());
      tokenBytes = megatron->tokenBytes;
    }
  }
  int seen = tokenBytes ? 0 : widthOfRaw(bytes());
  guessed_ = tokenBytes == 0 && seen == 0;
  int width = tokenBytes ? tokenBytes : seen ? seen : 2;
  if (mappedBytes_ % width != 0)
    return error("{}: no llm.c header, and its {} bytes are not a multiple of {} bytes a token", path_,
                 grouped(mappedBytes_), width);
  if (seen)
    layout_ = fmt::format("no header: read as uint{}, for the upper half of every one is 0; if it holds uint16 say "
                          "--token-bytes 2",
                          8 * width);
  else if (guessed_)
    layout_ = "no header: read as uint16; if it holds uint32 say --token-bytes 4";
  else if (layout_.empty())
    layout_ = fmt::format("no header: read as uint{}, as --token-bytes says", 8 * width);
  return layOut(width, 0);
}

Result<std::shared_ptr<const TokenFile>> TokenFile::forVocabulary(std::shared_ptr<const TokenFile> file,
                                                                  uint32_t vocabulary) {
  if (!file->guessed_ || vocabulary <= 65536)
    return file;
  if (file->mappedBytes_ % 4 != 0)
    return error("{}: no header; a vocabulary of {} needs 4 bytes a token, and its {} bytes are no multiple of that; if it "
                 "holds uint16 say --token-bytes 2",
                 file->path_, grouped(vocabulary), grouped(file->mappedBytes_));
  TRITTER_ASSIGN(std::shared_ptr<TokenFile> wider, map(file->path_));
  wider->raw_ = true;
  wider->layout_ = fmt::format("no header: read as uint32, for uint16 does not hold a vocabulary of {}; if it holds "
                               "uint16 say --token-bytes 2",
                               grouped(vocabulary));
  TRITTER_RETURN_IF_ERROR(wider->layOut(4, 0));
  return std::shared_ptr<const TokenFile>(std::move(wider));
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

/// Copies tokens of another width than int32's.
template <typename Token> static void widen(const std::byte *from, std::span<int32_t> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    Token token;
    std::memcpy(&token, from + i * sizeof(Token), sizeof(Token));
    out[i] = token <= Token(std::numeric_limits<int32_t>::max()) ? static_cast<int32_t>(token) : -1;
  }
}

void TokenFile::read(uint64_t begin, std::span<int32_t> out) const {
  const std::byte *from = tokens_ + begin * tokenBytes_;
  switch (tokenBytes_) {
  case 1:
    return widen<uint8_t>(from, out);
  case 2:
    return widen<uint16_t>(from, out);
  case 4:
    std::memcpy(out.data(), from, out.size_bytes());
    return;
  default:
    return widen<uint64_t>(from, out);
  }
}

uint64_t TokenFile::at(uint64_t position) const {
  uint64_t id = 0;
  std::memcpy(&id, tokens_ + position * tokenBytes_, tokenBytes_);
  return id;
}

Status TokenFile::beyond(uint64_t position, uint32_t vocabulary) const {
  uint64_t id = at(position);
  if (!raw_)
    return error("{}: token {} is {}, beyond vocabulary {}; it was made with another tokenizer: tokenise again", name(),
                 grouped(position), grouped(id), grouped(vocabulary));
  int other = tokenBytes_ == 2 ? 4 : 2;
  return error("{}: no llm.c header; read as uint{}, token {} is {}, beyond vocabulary {}; if it holds uint{} say "
               "--token-bytes {}",
               name(), 8 * tokenBytes_, grouped(position), grouped(id), grouped(vocabulary), 8 * other, other);
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
    int64_t at = tokenBytes_ == 1   ? firstBeyond<uint8_t>(from, count, vocabulary)
                 : tokenBytes_ == 2 ? firstBeyond<uint16_t>(from, count, vocabulary)
                 : tokenBytes_ == 4 ? firstBeyond<uint32_t>(from, count, vocabulary)
                                    : firstBeyond<uint64_t>(from, count, vocabulary);
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
