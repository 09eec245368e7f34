#ifndef TRITTER_RUNTIME_JOBS_TEXT_FILES_H
#define TRITTER_RUNTIME_JOBS_TEXT_FILES_H

#include "runtime/base/status.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tritter {

struct TextFile {
  std::filesystem::path path;
  /// As it lies there, compressed or not.
  uint64_t bytes = 0;
};

/// What was found out about files, for the user: each kind of finding once, with how often and where first.
class TextNotes {
public:
  /// `what` says of what there are `count`.
  void add(const std::string &what, const std::filesystem::path &path, uint64_t count = 1);
  /// "files that are gzip-compressed, read as what is in them: 3 (such as a.gz)".
  std::vector<std::string> lines() const;

private:
  struct Note {
    uint64_t count = 0;
    std::string first;
  };
  std::map<std::string, Note> notes_;
};

/// The files named, and in the folders named all whose names match a pattern of `include` (none: every file) and none of
/// `exclude`; sorted by path, empty files and second links left out. A named file that is no text, but a file of another
/// known kind or with zero bytes, is an error; one that was found is left out, and noted.
Result<std::vector<TextFile>> findTextFiles(const std::vector<std::string> &inputs,
                                            const std::vector<std::string> &include,
                                            const std::vector<std::string> &exclude, TextNotes &notes);

/// Calls `use` with every document of a file, in UTF-8 as far as its byte order mark says what it is: the `text` of each
/// line of a .jsonl, .ndjson or .jsonlines, of each object of a .json that has any, else all of it. What gzip or zstd
/// compressed is read as what is in it. What was assumed is noted.
Status forEachDocument(const TextFile &file, const std::function<Status(std::string_view text)> &use, TextNotes &notes);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_TEXT_FILES_H
