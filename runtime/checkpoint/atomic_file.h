#ifndef TRITTER_RUNTIME_CHECKPOINT_ATOMIC_FILE_H
#define TRITTER_RUNTIME_CHECKPOINT_ATOMIC_FILE_H

#include "runtime/base/status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace tritter {

/// A file that appears under its name whole or not at all; a link is followed, and what is no regular file (a device, a
/// pipe) is never replaced. It is written as `PATH.partial` beside its place, and
/// commit() syncs it, renames it and syncs the folder; a file that was there before stays until then. Destroyed
/// without commit(), it removes the partial file; what a crash leaves is overwritten by the next write of that path.
class AtomicFile {
public:
  static Result<std::unique_ptr<AtomicFile>> create(const std::string &path);
  ~AtomicFile();
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;

  /// Takes the space of [0, bytes) now; it reads as zeros until written. A full disk is an error that says how many
  /// bytes were needed and are free.
  Status reserve(uint64_t bytes);
  /// From any thread.
  Status write(uint64_t offset, std::span<const std::byte> bytes);
  /// Has the disk begin with what was written there, so that commit() waits less. Worth it by megabytes.
  void startWriteback(uint64_t offset, uint64_t bytes);
  /// Copies from another open file, inside the kernel where it can. From any thread.
  Status copyFrom(int descriptor, uint64_t from, uint64_t to, uint64_t bytes);
  Status commit();

  const std::string &path() const { return path_; }

private:
  AtomicFile(std::string path, std::string place, int descriptor);
  Status fail(int code, const char *doing) const;

  /// As it was named, and where that is.
  std::string path_, place_;
  std::string partial_;
  int descriptor_;
  /// What reserve() took, for the message about a full disk.
  uint64_t reserved_ = 0;
  bool committed_ = false;
};

/// Writes a whole small file.
Status writeFileAtomically(const std::string &path, std::span<const std::byte> bytes);
Status writeFileAtomically(const std::string &path, std::string_view text);

} // namespace tritter

#endif // TRITTER_RUNTIME_CHECKPOINT_ATOMIC_FILE_H
