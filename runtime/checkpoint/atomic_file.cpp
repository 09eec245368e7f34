#include "runtime/checkpoint/atomic_file.h"

#include "runtime/checkpoint/file_operations.h"
#include "runtime/checkpoint/output_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <vector>

namespace tritter {

/// Copies and write-backs go in pieces of this size: large enough to cost nothing, small enough for the disk to begin
/// early.
static constexpr uint64_t pieceBytes = 32 << 20;

static std::string folderOf(const std::string &path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

static bool sameFile(int descriptor, const std::string &path) {
  struct stat byDescriptor, byPath;
  return fstat(descriptor, &byDescriptor) == 0 && stat(path.c_str(), &byPath) == 0 &&
         byDescriptor.st_ino == byPath.st_ino && byDescriptor.st_dev == byPath.st_dev;
}

AtomicFile::AtomicFile(std::string path, std::string place, int descriptor)
    : path_(std::move(path)), place_(std::move(place)), partial_(place_ + ".partial"), descriptor_(descriptor) {}

AtomicFile::~AtomicFile() {
  FileOperations &files = FileOperations::current();
  // Removed before it is closed: while we hold the lock nobody else can be writing it.
  if (!committed_)
    files.remove(partial_.c_str());
  if (descriptor_ >= 0)
    files.close(descriptor_);
}

Result<std::unique_ptr<AtomicFile>> AtomicFile::create(const std::string &path) {
  FileOperations &files = FileOperations::current();
  TRITTER_ASSIGN(std::string place, outputPath(path));
  std::string partial = place + ".partial";
  for (int attempt = 0; attempt < 100; ++attempt) {
    int descriptor = files.open(partial.c_str(), O_RDWR | O_CREAT, 0666);
    if (descriptor < 0)
      return error("cannot write {}: {}", partial, std::strerror(errno));
    if (files.lock(descriptor) < 0 && errno == EWOULDBLOCK) {
      files.close(descriptor);
      return error("{} is being written by another process; wait for it, or name another file", path);
    }
    // Between open and lock another writer may have renamed this very file into place: then it is not ours.
    if (!sameFile(descriptor, partial)) {
      files.close(descriptor);
      continue;
    }
    std::unique_ptr<AtomicFile> file(new AtomicFile(path, place, descriptor));
    if (files.truncate(descriptor, 0) < 0)
      return file->fail(errno, "empty");
    return file;
  }
  return error("{} is replaced again and again; is another process writing {}?", partial, path);
}

Status AtomicFile::fail(int code, const char *doing) const {
  if (code == ENOSPC || code == EDQUOT) {
    struct statvfs space;
    std::string folder = folderOf(place_);
    uint64_t free = statvfs(folder.c_str(), &space) == 0 ? uint64_t(space.f_bavail) * space.f_frsize : 0;
    return error("no space for {}: it needs {} bytes and {} are free in {} ({}); an older file there is untouched; "
                 "free some space or write elsewhere",
                 path_, reserved_, free, folder, std::strerror(code));
  }
  return error("cannot {} {}: {}; an older file there is untouched", doing, path_, std::strerror(code));
}

Status AtomicFile::reserve(uint64_t bytes) {
  reserved_ = std::max(reserved_, bytes);
  if (bytes && FileOperations::current().reserve(descriptor_, 0, bytes) < 0)
    return fail(errno, "reserve");
  return {};
}

Status AtomicFile::write(uint64_t offset, std::span<const std::byte> bytes) {
  FileOperations &files = FileOperations::current();
  while (!bytes.empty()) {
    ssize_t done = files.write(descriptor_, bytes.data(), std::min<uint64_t>(bytes.size(), pieceBytes), offset);
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      return fail(done < 0 ? errno : ENOSPC, "write");
    bytes = bytes.subspan(size_t(done));
    offset += uint64_t(done);
  }
  return {};
}

void AtomicFile::startWriteback(uint64_t offset, uint64_t bytes) {
  // A hint only: where it fails, commit() writes everything.
  FileOperations::current().startWriteback(descriptor_, offset, bytes);
}

Status AtomicFile::copyFrom(int descriptor, uint64_t from, uint64_t to, uint64_t bytes) {
  FileOperations &files = FileOperations::current();
  while (bytes) {
    ssize_t done = files.copyRange(descriptor, from, descriptor_, to, std::min(bytes, pieceBytes));
    if (done < 0 && errno == EINTR)
      continue;
    if (done <= 0)
      break;
    startWriteback(to, uint64_t(done));
    from += uint64_t(done), to += uint64_t(done), bytes -= uint64_t(done);
  }
  // Not every pair of file systems can; what is left goes through memory, and a true error shows there again.
  std::vector<std::byte> buffer(std::min<uint64_t>(bytes, 1 << 20));
  while (bytes) {
    ssize_t got = files.read(descriptor, buffer.data(), std::min<uint64_t>(bytes, buffer.size()), from);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return error("cannot read what is to be copied to {}: {}", path_,
                   got < 0 ? std::strerror(errno) : "file cut short");
    TRITTER_RETURN_IF_ERROR(write(to, std::span(buffer).first(size_t(got))));
    from += uint64_t(got), to += uint64_t(got), bytes -= uint64_t(got);
  }
  return {};
}

Status AtomicFile::commit() {
  FileOperations &files = FileOperations::current();
  if (files.sync(descriptor_) < 0)
    return fail(errno, "sync");
  if (files.rename(partial_.c_str(), place_.c_str()) < 0)
    return fail(errno, "rename");
  committed_ = true;
  std::string folder = folderOf(place_);
  int descriptor = files.open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (descriptor < 0)
    return error("{} is written, but its folder cannot be synced: {}", path_, std::strerror(errno));
  int code = files.sync(descriptor) < 0 ? errno : 0;
  files.close(descriptor);
  // Some file systems cannot sync a folder; they say so by EINVAL.
  if (code && code != EINVAL)
    return error("{} is written, but its folder cannot be synced: {}", path_, std::strerror(code));
  return {};
}

Status writeFileAtomically(const std::string &path, std::span<const std::byte> bytes) {
  TRITTER_ASSIGN(std::unique_ptr<AtomicFile> file, AtomicFile::create(path));
  TRITTER_RETURN_IF_ERROR(file->reserve(bytes.size()));
  TRITTER_RETURN_IF_ERROR(file->write(0, bytes));
  return file->commit();
}

Status writeFileAtomically(const std::string &path, std::string_view text) {
  return writeFileAtomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

} // namespace tritter
