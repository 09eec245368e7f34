#include "runtime/checkpoint/file_operations.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace tritter {

static FileOperations systemOperations;
static FileOperations *currentOperations = &systemOperations;

int FileOperations::open(const char *path, int flags, mode_t mode) { return ::open(path, flags | O_CLOEXEC, mode); }
int FileOperations::close(int descriptor) { return ::close(descriptor); }
int FileOperations::lock(int descriptor) { return ::flock(descriptor, LOCK_EX | LOCK_NB); }
int FileOperations::truncate(int descriptor, uint64_t bytes) { return ::ftruncate(descriptor, off_t(bytes)); }

int FileOperations::reserve(int descriptor, uint64_t offset, uint64_t bytes) {
  int code = ::posix_fallocate(descriptor, off_t(offset), off_t(bytes));
  if (code == 0)
    return 0;
  errno = code;
  return -1;
}

ssize_t FileOperations::read(int descriptor, void *bytes, size_t size, uint64_t offset) {
  return ::pread(descriptor, bytes, size, off_t(offset));
}

ssize_t FileOperations::write(int descriptor, const void *bytes, size_t size, uint64_t offset) {
  return ::pwrite(descriptor, bytes, size, off_t(offset));
}

ssize_t FileOperations::copyRange(int from, uint64_t fromOffset, int to, uint64_t toOffset, size_t size) {
  loff_t in = loff_t(fromOffset), out = loff_t(toOffset);
  return ::copy_file_range(from, &in, to, &out, size, 0);
}

int FileOperations::startWriteback(int descriptor, uint64_t offset, uint64_t bytes) {
  return ::sync_file_range(descriptor, off_t(offset), off_t(bytes), SYNC_FILE_RANGE_WRITE);
}

int FileOperations::sync(int descriptor) { return ::fsync(descriptor); }
int FileOperations::rename(const char *from, const char *to) { return ::rename(from, to); }
int FileOperations::remove(const char *path) { return ::unlink(path); }

FileOperations &FileOperations::current() { return *currentOperations; }

FileOperations *FileOperations::replace(FileOperations *operations) {
  FileOperations *before = currentOperations;
  currentOperations = operations ? operations : &systemOperations;
  return before;
}

} // namespace tritter
