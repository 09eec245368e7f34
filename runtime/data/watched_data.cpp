#include "runtime/data/watched_data.h"

#include <sys/stat.h>

using namespace tritter;

/// All zeros where there is no such file any more.
WatchedData::Stamp WatchedData::stampOf(const std::string &path) {
  struct stat now {};
  if (::stat(path.c_str(), &now) != 0)
    return {};
  return {now.st_dev, now.st_ino, static_cast<uint64_t>(now.st_size), now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
}

Result<std::string> WatchedData::add(std::shared_ptr<const TokenFile> file, uint32_t vocabulary) {
  // Before the file is read: what is written while it is counts too.
  Watched watched{file, vocabulary, stampOf(file->path()), "", false};
  TRITTER_ASSIGN(watched.hash, file->check(vocabulary));
  std::string hash = watched.hash;
  files_.push_back(std::move(watched));
  return hash;
}

Status WatchedData::check(const std::function<void(const std::string &)> &warn) {
  for (Watched &watched : files_) {
    if (watched.replaced)
      continue;
    Stamp now = stampOf(watched.file->path());
    if (now == watched.stamp)
      continue;
    if (now.device != watched.stamp.device || now.inode != watched.stamp.inode) {
      watched.replaced = true;
      warn(fmt::format("{} is another file than the one that this run has opened: it goes on with that one, but cannot "
                       "be resumed without it",
                       watched.file->path()));
      continue;
    }
    // What is no longer there must not be touched.
    bool shorter = now.bytes < watched.stamp.bytes;
    Result<std::string> hash = shorter ? Result<std::string>(std::string()) : watched.file->check(watched.vocabulary);
    if (!hash.ok() || *hash != watched.hash)
      return error("{} was {} while this run reads it", watched.file->path(), shorter ? "cut short" : "written to");
    watched.stamp = now;
  }
  return {};
}
