#ifndef TRITTER_RUNTIME_DATA_WATCHED_DATA_H
#define TRITTER_RUNTIME_DATA_WATCHED_DATA_H

#include "runtime/data/token_file.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tritter {

/// The token files that a run reads for hours, and whether somebody writes to them meanwhile.
class WatchedData {
public:
  /// Checks a file as TokenFile::check(), and watches it from then on. Its hash.
  Result<std::string> add(std::shared_ptr<const TokenFile> file, uint32_t vocabulary);

  /// An error that names a file whose tokens are others than they were. A file that was only touched is fine; of one
  /// that was replaced or removed, which leaves the run what it has opened, `warn` is told once.
  Status check(const std::function<void(const std::string &)> &warn);

private:
  /// What the system says of a file when its content changes.
  struct Stamp {
    uint64_t device = 0, inode = 0, bytes = 0;
    int64_t seconds = 0, nanoseconds = 0;
    bool operator==(const Stamp &) const = default;
  };
  struct Watched {
    std::shared_ptr<const TokenFile> file;
    uint32_t vocabulary = 0;
    Stamp stamp;
    std::string hash;
    bool replaced = false;
  };
  static Stamp stampOf(const std::string &path);
  std::vector<Watched> files_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_DATA_WATCHED_DATA_H
