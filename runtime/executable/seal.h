#ifndef TRITTER_RUNTIME_EXECUTABLE_SEAL_H
#define TRITTER_RUNTIME_EXECUTABLE_SEAL_H

#include "runtime/base/status.h"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace tritter {

/// The end of an executable's file: the SHA-256 of all bytes before it, then "TTEXSEAL". It tells damage, which native
/// code would run into; it says nothing of who wrote the file. From version 3 on every file has one.
inline constexpr size_t sealBytes = 40;

/// Appends the seal.
void seal(std::vector<std::byte> &bytes);

/// The bytes before the seal; nothing where there is no seal. Fails where it is not that of these bytes.
Result<std::optional<std::span<const std::byte>>> unsealed(std::span<const std::byte> bytes);

} // namespace tritter

#endif // TRITTER_RUNTIME_EXECUTABLE_SEAL_H
