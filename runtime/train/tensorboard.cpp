#include "runtime/train/tensorboard.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
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

static std::string number(int field, uint64_t value) { return varint(field << 3).append(varint(value)); }

/// Event.wall_time.
static std::string wallTime() {
  double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return varint(1 << 3 | 1) + littleEndian(now);
}

// ----------------------------------------------------------------

/// Readers take the files of a folder in the order of their names, which begin with a time in seconds: now, or later
/// than all that are there.
static int64_t nextTime(const std::string &folder) {
  constexpr std::string_view prefix = "events.out.tfevents.";
  int64_t next = std::time(nullptr);
  std::error_code code;
  for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code))
    if (std::string name = entry->path().filename().string(); name.starts_with(prefix))
      next = std::max<int64_t>(next, std::strtoll(name.c_str() + prefix.size(), nullptr, 10) + 1);
  return next;
}

Result<std::unique_ptr<TensorBoardWriter>> TensorBoardWriter::create(const std::string &folder, uint64_t firstStep) {
  char host[256] = "localhost";
  ::gethostname(host, sizeof(host) - 1);
  TRITTER_ASSIGN(std::unique_ptr<AppendFile> file,
                 AppendFile::open(fmt::format("{}/events.out.tfevents.{}.{}.{}", folder, nextTime(folder), host,
                                              ::getpid())));
  std::unique_ptr<TensorBoardWriter> writer(new TensorBoardWriter(std::move(file)));
  TRITTER_RETURN_IF_ERROR(writer->record(wallTime() + lengthDelimited(3, "brain.Event:2")));
  // Event { step = 2, session_log = 7 { status = START } }
  TRITTER_RETURN_IF_ERROR(writer->record(wallTime() + number(2, firstStep) + lengthDelimited(7, number(1, 1))));
  return writer;
}

Status TensorBoardWriter::record(std::string_view payload) {
  std::string length = littleEndian<uint64_t>(payload.size());
  std::string bytes = length + maskedCrc(length);
  bytes.append(payload).append(maskedCrc(payload));
  return file_->append(bytes);
}

Status TensorBoardWriter::scalar(std::string_view tag, uint64_t step, double value) {
  // Summary.Value { tag = 1, simple_value = 2 }, in Event { step = 2, summary = 5 }
  std::string entry = lengthDelimited(1, tag) + varint(2 << 3 | 5) + littleEndian(static_cast<float>(value));
  return record(wallTime() + number(2, step) + lengthDelimited(5, lengthDelimited(1, entry)));
}
