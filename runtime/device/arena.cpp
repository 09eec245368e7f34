#include "runtime/device/arena.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>

using namespace tritter;

/// Behind the end, so that vector code may load a whole vector that begins inside.
static constexpr size_t slack = 64;

Result<Arena> Arena::allocate(size_t bytes) {
  void *data = mmap(nullptr, bytes + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED)
    return error("{} bytes of memory were not given: {}; use a smaller batch or sequence", bytes, std::strerror(errno));
  if (bytes >= (size_t(2) << 20))
    madvise(data, bytes, MADV_HUGEPAGE); // An optimisation: whether it succeeds does not matter.
  return Arena(static_cast<std::byte *>(data), bytes);
}

Arena::Arena(Arena &&other) noexcept : data_(other.data_), size_(other.size_) { other.data_ = nullptr; }

Arena::~Arena() {
  if (data_)
    munmap(data_, size_ + slack);
}
