#ifndef TRITTER_RUNTIME_CHECKPOINT_APPEND_FILE_H
#define TRITTER_RUNTIME_CHECKPOINT_APPEND_FILE_H

#include "runtime/base/status.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tritter {

/// A file of records that is only added to, and followed by others while it grows. It always ends with a whole record:
/// what cannot be written now (a disk that is full for a moment) is kept in memory, and written before what comes next.
class AppendFile {
public:
  /// Opens a file to add to, or makes it.
  static Result<std::unique_ptr<AppendFile>> open(const std::string &path);
  /// Tries once more what was not written; who must know whether it was calls flush() before.
  ~AppendFile();
  AppendFile(const AppendFile &) = delete;
  AppendFile &operator=(const AppendFile &) = delete;

  /// Adds a record. An error says that it, and those before it that are waiting, wait on.
  Status append(std::string_view record);
  /// Writes what is waiting.
  Status flush();
  /// Records that are waiting.
  uint64_t waiting() const { return waitingRecords_; }
  const std::string &path() const { return path_; }

private:
  AppendFile(std::string path, int descriptor, uint64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}

  std::string path_;
  int descriptor_;
  /// Bytes of the whole records in the file.
  uint64_t size_;
  std::string waiting_;
  uint64_t waitingRecords_ = 0;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_CHECKPOINT_APPEND_FILE_H
