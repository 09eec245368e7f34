#ifndef TRITTER_RUNTIME_CHECKPOINT_FILE_OPERATIONS_H
#define TRITTER_RUNTIME_CHECKPOINT_FILE_OPERATIONS_H

#include <cstddef>
#include <cstdint>
#include <sys/types.h>

namespace tritter {

/// The system calls through which files that must survive a crash are written. Each behaves as the call it names: -1
/// and errno on failure. Tests put their own in place, to fail or to "crash" at any one of them.
class FileOperations {
public:
  virtual ~FileOperations() = default;

  virtual int open(const char *path, int flags, mode_t mode = 0);
  virtual int close(int descriptor);
  /// flock(LOCK_EX | LOCK_NB).
  virtual int lock(int descriptor);
  virtual int truncate(int descriptor, uint64_t bytes);
  /// posix_fallocate, but with errno: the space is there, or ENOSPC.
  virtual int reserve(int descriptor, uint64_t offset, uint64_t bytes);
  virtual ssize_t read(int descriptor, void *bytes, size_t size, uint64_t offset);
  virtual ssize_t write(int descriptor, const void *bytes, size_t size, uint64_t offset);
  /// copy_file_range.
  virtual ssize_t copyRange(int from, uint64_t fromOffset, int to, uint64_t toOffset, size_t size);
  /// Asks for the range to be written to disk, without waiting (sync_file_range).
  virtual int startWriteback(int descriptor, uint64_t offset, uint64_t bytes);
  virtual int sync(int descriptor);
  virtual int rename(const char *from, const char *to);
  virtual int remove(const char *path);

  /// Those in use: the system's, unless a test has put others in place.
  static FileOperations &current();
  /// Puts others in place (null: the system's); returns those before. Not while files are open.
  static FileOperations *replace(FileOperations *operations);
};

} // namespace tritter

#endif // TRITTER_RUNTIME_CHECKPOINT_FILE_OPERATIONS_H
