#include "runtime/train/tensorboard.h"

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <unistd.h>

using namespace tritter;

static constexpr std::array<uint32_t, 256> makeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78u : 0);
    table[i] = crc;
  }
  return table;
}

uint32_t tritter::crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> table = makeTable();
  uint32_t crc = ~0u;
  for (unsigned char byte : bytes)
    crc = table[(crc ^ byte) & 255] ^ (crc >> 8);
  return ~crc;
}

template <typename Word> static std::string littleEndian(Word word) {
  std::string bytes(sizeof(Word), '\0');
  std::memcpy(bytes.data(), &word, sizeof(Word));
  return bytes;
}

static std::string maskedCrc(std::string_view bytes) {
  return littleEndian<uint32_t>(std::rotr(crc32c(bytes), 15) + 0xa282ead8u);
}

// ---------------------------------------------------------------- protocol buffers

static std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7)
    bytes += static_cast<char>(value | 128);
  return bytes + static_cast<char>(value);
}
static std::string lengthDelimited(int field, std::string_view payload) {
  return varint(field << 3 | 2).append(varint(payload.size())).append(payload);
}

/// Event.wall_time.
static std::string wallTime() {
  double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return varint(1 << 3 | 1) + littleEndian(now);
}

// ----------------------------------------------------------------

Result<std::unique_ptr<TensorBoardWriter>> TensorBoardWriter::create(const std::string &folder) {
  char host[256] = "localhost";
  ::gethostname(host, sizeof(host) - 1);
  std::string path = fmt::format("{}/events.out.tfevents.{}.{}.{}", folder, std::time(nullptr), host, ::getpid());
  std::unique_ptr<TensorBoardWriter> writer(new TensorBoardWriter);
  writer->file_ = std::fopen(path.c_str(), "wb");
  if (!writer->file_)
    return error("{}: cannot be written ({})", path, std::strerror(errno));
  writer->record(wallTime() + lengthDelimited(3, "brain.Event:2"));
  return writer;
}

TensorBoardWriter::~TensorBoardWriter() {
  if (file_)
    std::fclose(file_);
}

void TensorBoardWriter::record(std::string_view payload) {
  std::string length = littleEndian<uint64_t>(payload.size());
  std::string bytes = length + maskedCrc(length);
  bytes.append(payload).append(maskedCrc(payload));
  std::fwrite(bytes.data(), 1, bytes.size(), file_);
}

void TensorBoardWriter::scalar(std::string_view tag, uint64_t step, double value) {
  // Summary.Value { tag = 1, simple_value = 2 }, in Event { step = 2, summary = 5 }
  std::string entry = lengthDelimited(1, tag) + varint(2 << 3 | 5) + littleEndian(static_cast<float>(value));
  record(wallTime() + varint(2 << 3 | 0) + varint(step) + lengthDelimited(5, lengthDelimited(1, entry)));
}
