#include "runtime/huggingface/json_file.h"

#include "runtime/base/json_depth.h"
#include "runtime/base/paths.h"
#include "runtime/base/text.h"
#include "runtime/huggingface/recognise.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace tritter {

Result<std::string> readTextFile(const std::string &path) {
  std::error_code code;
  uint64_t bytes = isFile(path) ? std::filesystem::file_size(path, code) : 0;
  if (bytes > maximumSmallFileBytes)
    return error("{} has {}, {} are the most for such a file", path, shortBytes(double(bytes)),
                 shortBytes(double(maximumSmallFileBytes)));
  std::ifstream stream(path, std::ios::binary);
  std::string text(bytes, '\0');
  if (!isFile(path) || !stream.read(text.data(), std::streamsize(bytes)))
    return error("cannot read {}: {}", path, isFile(path) ? std::strerror(errno) : "it is no file");
  return text;
}

Result<nlohmann::json> readJsonFile(const std::string &path) {
  TRITTER_ASSIGN(std::string text, readTextFile(path));
  TRITTER_RETURN_IF_ERROR(checkIsDownloaded(path, text));
  if (nestsTooDeep(text))
    return error("{} is no configuration: its brackets nest without end", path);
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object())
    return error("{} is no JSON object", path);
  return json;
}

} // namespace tritter
