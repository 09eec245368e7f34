#include "runtime/checkpoint/append_file.h"

#include "runtime/checkpoint/file_operations.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

using namespace tritter;

Result<std::unique_ptr<AppendFile>> AppendFile::open(const std::string &path) {
  int descriptor = FileOperations::current().open(path.c_str(), O_RDWR | O_CREAT, 0666);
  struct stat information {};
  if (descriptor < 0 || ::fstat(descriptor, &information) < 0)
    return error("{}: cannot be written ({})", path, std::strerror(errno));
  return std::unique_ptr<AppendFile>(new AppendFile(path, descriptor, static_cast<uint64_t>(information.st_size)));
}

AppendFile::~AppendFile() {
  (void)flush();
  FileOperations::current().close(descriptor_);
}

Status AppendFile::append(std::string_view record) {
  waiting_ += record;
  ++waitingRecords_;
  return flush();
}

Status AppendFile::flush() {
  FileOperations &files = FileOperations::current();
  for (size_t done = 0; done < waiting_.size();) {
    ssize_t wrote = files.write(descriptor_, waiting_.data() + done, waiting_.size() - done, size_ + done);
    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote <= 0) {
      Status failure = error("{}: cannot be written ({})", path_, std::strerror(wrote < 0 ? errno : ENOSPC));
      // Who reads the file meanwhile finds no half of a record.
      (void)files.truncate(descriptor_, size_);
      return failure;
    }
    done += static_cast<size_t>(wrote);
  }
  size_ += waiting_.size();
  waiting_.clear();
  waitingRecords_ = 0;
  return {};
}
