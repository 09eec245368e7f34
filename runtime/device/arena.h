#ifndef TRITTER_RUNTIME_DEVICE_ARENA_H
#define TRITTER_RUNTIME_DEVICE_ARENA_H

#include "runtime/base/status.h"

#include <cstddef>

namespace tritter {

/// Zeroed memory on a page boundary (large ones in huge pages where the system has them), freed with the object.
class Arena {
public:
  static Result<Arena> allocate(size_t bytes);
  Arena(Arena &&other) noexcept;
  Arena &operator=(Arena &&) = delete;
  ~Arena();

  std::byte *data() const { return data_; }
  size_t size() const { return size_; }

private:
  Arena(std::byte *data, size_t size) : data_(data), size_(size) {}

  std::byte *data_;
  size_t size_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_ARENA_H
