#ifndef TRITTER_RUNTIME_JOBS_TEXT_FILES_H
#define TRITTER_RUNTIME_JOBS_TEXT_FILES_H

#include "runtime/base/status.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tritter {

struct TextFile {
  std::filesystem::path path;
  uint64_t bytes = 0;
};

/// The files named, and in the folders named all whose names match a pattern of `include` (none: every file that looks
/// like text) and none of `exclude`; sorted by path, empty files and second links left out.
Result<std::vector<TextFile>> findTextFiles(const std::vector<std::string> &inputs,
                                            const std::vector<std::string> &include,
                                            const std::vector<std::string> &exclude);

/// Calls `use` with every document of a file: the `text` of each line of a .jsonl, else all of it.
Status forEachDocument(const TextFile &file, const std::function<Status(std::string_view text)> &use);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_TEXT_FILES_H
