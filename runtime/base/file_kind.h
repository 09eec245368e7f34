#ifndef TRITTER_RUNTIME_BASE_FILE_KIND_H
#define TRITTER_RUNTIME_BASE_FILE_KIND_H

#include <cstddef>
#include <span>
#include <string_view>

/// What a file is, by the bytes that it begins with: the names of formats that other tools write, so that a file of
/// theirs is called what it is.
namespace tritter {

/// Bytes from the front of a file that are enough to tell: a tar archive's name stands behind 257 others.
inline constexpr size_t fileKindBytes = 4096;

/// "a Parquet file", by its magic number; empty where the bytes are of no known kind. `start` is the file's beginning,
/// as much of fileKindBytes as there is.
std::string_view knownFileKind(std::span<const char> start);

/// Whether all of it is printable text in UTF-8, but for a character that the end cuts.
bool isPlainText(std::span<const char> start);

} // namespace tritter

#endif // TRITTER_RUNTIME_BASE_FILE_KIND_H
