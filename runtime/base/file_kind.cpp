#include "runtime/base/file_kind.h"

#include <cstdint>
#include <cstring>

using namespace tritter;
using namespace std::string_view_literals;

namespace {

struct Magic {
  std::string_view bytes;
  std::string_view kind;
  size_t offset = 0;
};

} // namespace

static constexpr Magic magics[] = {
    {"\x93NUMPY"sv, "a NumPy array"},
    {"PK\x03\x04"sv, "a zip archive (as .npz and PyTorch's files are)"},
    {"PK\x05\x06"sv, "an empty zip archive"},
    {"\x1f\x8b\x08"sv, "gzip-compressed"},
    {"\x28\xb5\x2f\xfd"sv, "zstd-compressed"},
    {"\xfd"
     "7zXZ\0"sv,
     "xz-compressed"},
    {"BZh"sv, "bzip2-compressed"},
    {"\x04\x22\x4d\x18"sv, "lz4-compressed"},
    {"7z\xbc\xaf\x27\x1c"sv, "a 7-Zip archive"},
    {"Rar!\x1a\x07"sv, "a RAR archive"},
    {"ustar"sv, "a tar archive", 257},
    {"PAR1"sv, "a Parquet file"},
    {"ARROW1\0\0"sv, "an Arrow file"},
    {"ORC"sv, "an ORC file"},
    {"Obj\x01"sv, "an Avro file"},
    {"\x89HDF\r\n\x1a\n"sv, "an HDF5 file"},
    {"SQLite format 3\0"sv, "an SQLite database"},
    {"MMIDIDX\0\0"sv, "a Megatron index (.idx), whose tokens lie in the .bin beside it"},
    {"LITPKDS"sv, "a packed data set of LitGPT"},
    {"GGUF"sv, "a GGUF model"},
    {"TRITTER"sv, "a Tritter checkpoint"},
    {"TTEX"sv, "a Tritter executable", 4},
    {"\x7f"
     "ELF"sv,
     "a program or library (ELF)"},
    {"%PDF-"sv, "a PDF document"},
    {"\x89PNG\r\n\x1a\n"sv, "a PNG picture"},
    {"\xff\xd8\xff"sv, "a JPEG picture"},
    {"GIF8"sv, "a GIF picture"},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "an old Office document"},
    // llm.c's own, each 32 bits, the version after it.
    {"\xc6\xd7\x34\x01\x03\0\0\0"sv, "a model of llm.c"},
    {"\xc6\xd7\x34\x01\x05\0\0\0"sv, "a model of llm.c"},
    {"\xc7\xd7\x34\x01"sv, "a debug state of llm.c"},
    {"\xc8\xd7\x34\x01"sv, "a tokenizer of llm.c"},
};

/// A header of JSON behind its length in 64 bits.
static bool isSafetensors(std::string_view start) {
  if (start.size() < 10)
    return false;
  uint64_t length;
  std::memcpy(&length, start.data(), 8);
  return length < 100000000 && (start.substr(8, 2) == "{\"" || start.substr(8, 2) == "{}");
}

/// Pickle of protocol 4 or 5: a frame with its length in 64 bits, which begins with 0x95.
static bool isPickle(std::string_view start) {
  return start.size() > 11 && start[0] == '\x80' && (start[1] == 4 || start[1] == 5) && start[2] == '\x95' &&
         start.substr(7, 4) == "\0\0\0\0"sv;
}

/// A stream of Arrow messages: 32 bits set, then a length that is a multiple of 8.
static bool isArrowStream(std::string_view start) {
  if (start.size() < 16 || start.substr(0, 4) != "\xff\xff\xff\xff"sv)
    return false;
  uint32_t length;
  std::memcpy(&length, start.data() + 4, 4);
  return length > 0 && length < (1u << 24) && length % 8 == 0;
}

std::string_view tritter::knownFileKind(std::span<const char> bytes) {
  std::string_view start(bytes.data(), bytes.size());
  for (const Magic &magic : magics)
    if (start.size() >= magic.offset + magic.bytes.size() &&
        start.substr(magic.offset, magic.bytes.size()) == magic.bytes)
      return magic.kind;
  if (isSafetensors(start))
    return "a safetensors file";
  if (isPickle(start))
    return "a Python pickle";
  if (isArrowStream(start))
    return "an Arrow stream (as Hugging Face datasets keeps)";
  return {};
}

bool tritter::isPlainText(std::span<const char> start) {
  for (size_t i = 0; i < start.size();) {
    auto byte = static_cast<unsigned char>(start[i]);
    if (byte < 0x80) {
      if ((byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r' && byte != '\f') || byte == 0x7f)
        return false;
      ++i;
      continue;
    }
    size_t more = byte >= 0xf0 && byte < 0xf5 ? 3 : byte >= 0xe0 ? 2 : 1;
    if (byte < 0xc2 || byte >= 0xf5)
      return false;
    for (size_t j = 1; j <= more && i + j < start.size(); ++j)
      if ((static_cast<unsigned char>(start[i + j]) & 0xc0) != 0x80)
        return false;
    i += 1 + more;
  }
  return !start.empty();
}
