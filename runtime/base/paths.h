#ifndef TRITTER_RUNTIME_BASE_PATHS_H
#define TRITTER_RUNTIME_BASE_PATHS_H

#include <filesystem>

/// Questions about paths. Where the system refuses to answer (a name too long, a loop of links, a folder without
/// permission) the answer is no: nothing throws, and who then opens the path hears why.
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

} // namespace tritter

#endif // TRITTER_RUNTIME_BASE_PATHS_H
