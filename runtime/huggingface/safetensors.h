#ifndef TRITTER_RUNTIME_HUGGINGFACE_SAFETENSORS_H
#define TRITTER_RUNTIME_HUGGINGFACE_SAFETENSORS_H

#include "runtime/base/status.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tritter {

struct SafetensorsEntry {
  /// F32, BF16, F16, I64 ..., as the file spells it.
  std::string dtype;
  std::vector<uint64_t> shape;
  /// From the beginning of the file.
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

/// Bytes of an element; nothing where safetensors has no such type.
std::optional<uint64_t> safetensorsElementBytes(std::string_view dtype);

/// A safetensors file opened for reading. What the format promises is checked: a header of at most 100 MB, shapes that
/// agree with places, tensors without holes or overlap, and the file's exact size.
class SafetensorsFile {
public:
  static Result<std::unique_ptr<SafetensorsFile>> open(const std::string &path);
  ~SafetensorsFile();

  const std::map<std::string, SafetensorsEntry> &entries() const { return entries_; }
  const std::string &path() const { return path_; }
  /// Reads `out.size()` bytes of a tensor from byte `offset` of it. From any thread.
  Status read(const SafetensorsEntry &entry, uint64_t offset, std::span<std::byte> out) const;

private:
  SafetensorsFile() = default;
  Status load();
  Status parseHeader(const std::string &header, uint64_t dataBegin, uint64_t dataBytes);

  std::string path_;
  int descriptor_ = -1;
  std::map<std::string, SafetensorsEntry> entries_;
};

/// A tensor to be written, and what fills its bytes [offset, offset + out.size()), asked from several threads at once.
struct SafetensorsTensor {
  std::string name;
  std::string dtype;
  std::vector<uint64_t> shape;
  std::function<Status(uint64_t offset, std::span<std::byte> out)> producer;
};

/// Writes a file that appears whole or not at all; memory is bounded by a chunk a thread. Its size.
Result<uint64_t> writeSafetensors(const std::string &path, const std::vector<SafetensorsTensor> &tensors,
                                  const std::map<std::string, std::string> &metadata);

} // namespace tritter

#endif // TRITTER_RUNTIME_HUGGINGFACE_SAFETENSORS_H
