#include "runtime/train/run_lock.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

using namespace tritter;

/// The process that holds a lock on a file, as /proc/locks has it: "1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF".
/// Empty where that does not say.
static std::string holderOf(int descriptor) {
  struct stat information {};
  if (::fstat(descriptor, &information) < 0)
    return {};
  std::string file = fmt::format("{:02x}:{:02x}:{}", major(information.st_dev), minor(information.st_dev),
                                 information.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::string number, kind, advisory, access, process, place;
    std::istringstream words(line);
    if (words >> number >> kind >> advisory >> access >> process >> place && kind == "FLOCK" && place == file)
      return " (process " + process + ")";
  }
  return {};
}

Result<RunLock> RunLock::take(const std::filesystem::path &folder) {
  int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return error("{}: cannot be opened ({})", folder.string(), std::strerror(errno));
  RunLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    return lock;
  if (errno == EWOULDBLOCK)
    return error("{}: another process{} is training this run: wait for it or stop it; -o NEW starts another run",
                 folder.string(), holderOf(descriptor));
  // A file system without locks for folders keeps nobody out.
  return lock;
}

RunLock::~RunLock() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}
