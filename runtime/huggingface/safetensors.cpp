#include "runtime/huggingface/safetensors.h"

#include "runtime/base/json_depth.h"
#include "runtime/checkpoint/atomic_file.h"
#include "runtime/checkpoint/file_operations.h"
#include "runtime/huggingface/recognise.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/stat.h>

namespace tritter {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

static constexpr uint64_t maximumHeaderBytes = 100'000'000;

std::optional<uint64_t> safetensorsElementBytes(std::string_view dtype) {
  static const std::map<std::string_view, uint64_t> sizes = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1}, {"I16", 2}, {"U16", 2}, {"F16", 2},
      {"BF16", 2}, {"I32", 4}, {"U32", 4}, {"F32", 4},     {"F64", 8},     {"I64", 8}, {"U64", 8}};
  auto found = sizes.find(dtype);
  return found == sizes.end() ? std::nullopt : std::optional(found->second);
}

SafetensorsFile::~SafetensorsFile() {
  if (descriptor_ >= 0)
    FileOperations::current().close(descriptor_);
}

Result<std::unique_ptr<SafetensorsFile>> SafetensorsFile::open(const std::string &path) {
  std::unique_ptr<SafetensorsFile> file(new SafetensorsFile);
  file->path_ = path;
  TRITTER_RETURN_IF_ERROR(file->load());
  return file;
}

static Status readAll(int descriptor, const std::string &path, uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    ssize_t got = FileOperations::current().read(descriptor, out.data(), out.size(), offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return error("cannot read {}: {}", path, got < 0 ? std::strerror(errno) : "it became shorter while being read");
    out = out.subspan(size_t(got));
    offset += uint64_t(got);
  }
  return {};
}

Status SafetensorsFile::load() {
  descriptor_ = FileOperations::current().open(path_.c_str(), O_RDONLY);
  if (descriptor_ < 0)
    return error("cannot open {}: {}", path_, std::strerror(errno));
  struct stat status;
  if (fstat(descriptor_, &status) < 0 || !S_ISREG(status.st_mode))
    return error("{} is not a file", path_);
  uint64_t size = uint64_t(status.st_size), headerBytes = 0;
  if (size < sizeof(headerBytes))
    return error("{} is cut short: {} bytes are no safetensors file", path_, size);
  std::string beginning(std::min<uint64_t>(size, 64), '\0');
  TRITTER_RETURN_IF_ERROR(readAll(descriptor_, path_, 0, std::as_writable_bytes(std::span(beginning))));
  TRITTER_RETURN_IF_ERROR(checkIsDownloaded(path_, beginning));
  std::memcpy(&headerBytes, beginning.data(), sizeof(headerBytes));
  if (headerBytes > maximumHeaderBytes)
    return error("{} is not a safetensors file: its header would have {} bytes, {} is the most", path_, headerBytes,
                 maximumHeaderBytes);
  if (headerBytes > size - sizeof(headerBytes))
    return error("{} is cut short: its header has {} bytes, the file {}", path_, headerBytes, size);
  std::string header(headerBytes, '\0');
  TRITTER_RETURN_IF_ERROR(readAll(descriptor_, path_, sizeof(headerBytes),
                                  std::as_writable_bytes(std::span(header.data(), header.size()))));
  return parseHeader(header, sizeof(headerBytes) + headerBytes, size - sizeof(headerBytes) - headerBytes);
}

/// Reads [1, 2, 3]; nothing where it is anything else.
static std::optional<std::vector<uint64_t>> sizesOf(const nlohmann::json &object, const char *key) {
  auto found = object.find(key);
  if (found == object.end() || !found->is_array())
    return std::nullopt;
  std::vector<uint64_t> sizes;
  for (const nlohmann::json &size : *found) {
    if (!size.is_number_unsigned())
      return std::nullopt;
    sizes.push_back(size.get<uint64_t>());
  }
  return sizes;
}

Status SafetensorsFile::parseHeader(const std::string &header, uint64_t dataBegin, uint64_t dataBytes) {
  // The parser keeps the last of two equal keys; two tensors of one name are a mistake to be told of.
  std::set<std::string> seen;
  std::string twice;
  auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json &parsed) {
    if (event == nlohmann::json::parse_event_t::key && depth == 1 && !seen.insert(parsed.get<std::string>()).second)
      twice = parsed.get<std::string>();
    return true;
  };
  nlohmann::json json =
      header.starts_with('{') && !nestsTooDeep(header) ? nlohmann::json::parse(header, watch, false) : nlohmann::json();
  if (!json.is_object())
    return error("{} is not a safetensors file: its header is no JSON object", path_);
  if (!twice.empty())
    return error("{} has two tensors {}", path_, twice);
  std::vector<std::pair<uint64_t, const SafetensorsEntry *>> places;
  for (const auto &[name, value] : json.items()) {
    if (name == "__metadata__")
      continue;
    if (!value.is_object() || !value.contains("dtype") || !value["dtype"].is_string())
      return error("{}: tensor {} has no dtype", path_, name);
    SafetensorsEntry entry;
    entry.dtype = value["dtype"].get<std::string>();
    std::optional<uint64_t> elementBytes = safetensorsElementBytes(entry.dtype);
    if (!elementBytes)
      return error("{}: tensor {} has dtype {}, which safetensors does not know", path_, name, entry.dtype);
    auto shape = sizesOf(value, "shape"), offsets = sizesOf(value, "data_offsets");
    if (!shape || !offsets || offsets->size() != 2 || (*offsets)[0] > (*offsets)[1] || (*offsets)[1] > dataBytes)
      return error("{}: tensor {} lies outside of the file, which has {} bytes of data; is it cut short?", path_, name,
                   dataBytes);
    uint64_t bytes = *elementBytes;
    bool overflow = false;
    for (uint64_t size : *shape)
      overflow |= __builtin_mul_overflow(bytes, size, &bytes);
    if (overflow || bytes != (*offsets)[1] - (*offsets)[0])
      return error("{}: tensor {} has {} bytes, its shape [{}] in {} says otherwise", path_, name,
                   (*offsets)[1] - (*offsets)[0], fmt::join(*shape, ", "), entry.dtype);
    entry.shape = std::move(*shape);
    entry.offset = dataBegin + (*offsets)[0];
    entry.bytes = bytes;
    const SafetensorsEntry &stored = entries_[name] = std::move(entry);
    places.push_back({stored.offset, &stored});
  }
  std::sort(places.begin(), places.end(), [](const auto &a, const auto &b) {
    return std::pair(a.first, a.second->bytes) < std::pair(b.first, b.second->bytes);
  });
  uint64_t end = dataBegin;
  for (const auto &[offset, entry] : places) {
    if (offset != end)
      return error("{} is damaged: its tensors {} at byte {}", path_, offset < end ? "overlap" : "leave a hole", end);
    end += entry->bytes;
  }
  if (end != dataBegin + dataBytes)
    return error("{} is damaged: its tensors end at byte {}, the file at {}", path_, end, dataBegin + dataBytes);
  return {};
}

Status SafetensorsFile::read(const SafetensorsEntry &entry, uint64_t offset, std::span<std::byte> out) const {
  return readAll(descriptor_, path_, entry.offset + offset, out);
}

Result<uint64_t> writeSafetensors(const std::string &path, const std::vector<SafetensorsTensor> &tensors,
                                  const std::map<std::string, std::string> &metadata) {
  nlohmann::ordered_json json;
  if (!metadata.empty())
    json["__metadata__"] = metadata;
  std::vector<uint64_t> offsets;
  uint64_t end = 0;
  for (const SafetensorsTensor &tensor : tensors) {
    uint64_t bytes = *safetensorsElementBytes(tensor.dtype);
    for (uint64_t size : tensor.shape)
      bytes *= size;
    offsets.push_back(end);
    json[tensor.name] = {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {end, end + bytes}}};
    end += bytes;
  }
  // Spaces keep the data aligned to eight bytes, as the reference implementation does.
  std::string header = json.dump();
  header.resize((header.size() + 7) / 8 * 8, ' ');
  uint64_t headerBytes = header.size(), dataBegin = sizeof(headerBytes) + headerBytes;
  header.insert(0, reinterpret_cast<const char *>(&headerBytes), sizeof(headerBytes));

  TRITTER_ASSIGN(std::unique_ptr<AtomicFile> file, AtomicFile::create(path));
  TRITTER_RETURN_IF_ERROR(file->reserve(dataBegin + end));
  TRITTER_RETURN_IF_ERROR(file->write(0, std::as_bytes(std::span(header.data(), header.size()))));
  constexpr uint64_t chunk = 4 << 20;
  for (size_t i = 0; i < tensors.size(); ++i) {
    uint64_t bytes = (i + 1 < tensors.size() ? offsets[i + 1] : end) - offsets[i];
    Status failure;
    std::mutex mutex;
#pragma omp parallel for schedule(dynamic) if (bytes > chunk)
    for (uint64_t begin = 0; begin < bytes; begin += chunk) {
      std::vector<std::byte> buffer(std::min(chunk, bytes - begin));
      Status status = tensors[i].producer(begin, buffer);
      if (status.ok())
        status = file->write(dataBegin + offsets[i] + begin, buffer);
      file->startWriteback(dataBegin + offsets[i] + begin, buffer.size());
      if (!status.ok()) {
        std::lock_guard lock(mutex);
        failure = std::move(status);
      }
    }
    TRITTER_RETURN_IF_ERROR(std::move(failure));
  }
  TRITTER_RETURN_IF_ERROR(file->commit());
  return dataBegin + end;
}

} // namespace tritter
