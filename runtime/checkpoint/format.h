#ifndef TRITTER_RUNTIME_CHECKPOINT_FORMAT_H
#define TRITTER_RUNTIME_CHECKPOINT_FORMAT_H

#include "runtime/base/hash.h"
#include "runtime/schema/checkpoint_generated.h"

#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <type_traits>

namespace tritter {

/// A checkpoint file (.tckpt), little-endian:
///
///   0                 one page: CheckpointHeader, then zeros
///   4096 ...          the tensors' bytes, each beginning at a multiple of `segmentAlignment`, in any order
///   manifest_offset   the manifest (FlatBuffers, schema/checkpoint.fbs), to the end of the file
///
/// The header's `check` covers the header, its `manifest_hash` the manifest, and that holds a hash for every tensor;
/// all other bytes are zero.
inline constexpr uint64_t segmentAlignment = 4096;
inline constexpr uint64_t headerBytes = 4096;
inline constexpr uint32_t formatVersion = 2;
inline constexpr uint64_t hashChunkBytes = 4 << 20;
/// FlatBuffers cannot hold 2 GiB and its verifier asserts there; a manifest is a few megabytes at most.
inline constexpr uint64_t maximumManifestBytes = 1 << 30;
inline constexpr char checkpointMagic[8] = {'T', 'R', 'I', 'T', 'T', 'E', 'R', '\n'};

struct CheckpointHeader {
  char magic[8];
  /// Never moves, so that any version of the program can tell which one wrote a file.
  uint32_t version;
  uint32_t zero;
  uint64_t manifest_offset;
  uint64_t manifest_bytes;
  Digest manifest_hash;
  /// SHA-256 of all fields before it.
  Digest check;
};
static_assert(sizeof(CheckpointHeader) == 96 && std::is_trivially_copyable_v<CheckpointHeader>);

inline Digest checkOf(const CheckpointHeader &header) {
  return sha256(std::as_bytes(std::span(&header, 1)).first(offsetof(CheckpointHeader, check)));
}

inline uint64_t alignUp(uint64_t value, uint64_t alignment) { return (value + alignment - 1) / alignment * alignment; }

/// Bytes of an element; 0 for a number that is no type.
constexpr uint64_t elementBytes(schema::DType type) {
  switch (type) {
  case schema::DType::F32:
  case schema::DType::I32:
    return 4;
  case schema::DType::BF16:
    return 2;
  case schema::DType::F64:
    return 8;
  }
  return 0;
}

/// Bytes of a tensor; nothing where they exceed 2^63.
template <typename Shape> std::optional<uint64_t> tensorBytes(const Shape &shape, schema::DType type) {
  uint64_t bytes = elementBytes(type);
  for (uint64_t size : shape)
    if (__builtin_mul_overflow(bytes, size, &bytes))
      return std::nullopt;
  return bytes <= uint64_t(std::numeric_limits<int64_t>::max()) ? std::optional(bytes) : std::nullopt;
}

/// layers.0.up.weight, or layers.0.up.weight (adam.m) for a state, as messages name it.
inline std::string labelOf(std::string_view name, std::string_view kind) {
  return kind == "value" ? std::string(name) : fmt::format("{} ({})", name, kind);
}

inline std::string labelOf(const schema::Tensor &tensor) {
  return labelOf(tensor.name()->string_view(), tensor.kind()->string_view());
}

inline uint64_t chunkCount(uint64_t bytes, uint64_t chunkBytes) { return (bytes + chunkBytes - 1) / chunkBytes; }

} // namespace tritter

#endif // TRITTER_RUNTIME_CHECKPOINT_FORMAT_H
