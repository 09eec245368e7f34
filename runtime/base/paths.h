#ifndef TRITTER_RUNTIME_BASE_PATHS_H
#define TRITTER_RUNTIME_BASE_PATHS_H

#include "runtime/base/status.h"

#include <filesystem>

/// Questions about paths. Where the system refuses to answer (a name too long, a loop of links, a folder without
/// permission) the answer is no: nothing throws, and who then opens the path hears why, by checkReachable() or of the
/// system.
namespace tritter {

inline bool pathExists(const std::filesystem::path &path) {
  std::error_code code;
  return std::filesystem::exists(path, code);
}

inline bool isFolder(const std::filesystem::path &path) {
  std::error_code code;
  return std::filesystem::is_directory(path, code);
}

inline bool isFile(const std::filesystem::path &path) {
  std::error_code code;
  return std::filesystem::is_regular_file(path, code);
}

inline bool isLink(const std::filesystem::path &path) {
  std::error_code code;
  return std::filesystem::is_symlink(path, code);
}

/// Whether the system says if there is something under a path; the error is why it does not.
inline Status checkReachable(const std::filesystem::path &path) {
  std::error_code code;
  std::filesystem::file_type type = std::filesystem::status(path, code).type();
  if (!code || type == std::filesystem::file_type::not_found)
    return {};
  return error("{}: cannot be read ({})", path.string(), code.message());
}

} // namespace tritter

#endif // TRITTER_RUNTIME_BASE_PATHS_H
