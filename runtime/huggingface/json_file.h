#ifndef TRITTER_RUNTIME_HUGGINGFACE_JSON_FILE_H
#define TRITTER_RUNTIME_HUGGINGFACE_JSON_FILE_H

#include "runtime/base/status.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace tritter {

/// The most bytes that are read of a file that should be small.
inline constexpr uint64_t maximumSmallFileBytes = 32 << 20;

/// All of a small file.
Result<std::string> readTextFile(const std::string &path);
/// The JSON object in a small file.
Result<nlohmann::json> readJsonFile(const std::string &path);

} // namespace tritter

#endif // TRITTER_RUNTIME_HUGGINGFACE_JSON_FILE_H
