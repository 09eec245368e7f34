#include "runtime/data/megatron_index.h"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>

using namespace tritter;

Result<std::optional<MegatronTokens>> tritter::readMegatronIndex(const std::string &path) {
  // "MMIDIDX" and two zeros, the version in 64 bits, and a code for the type in 8.
  char head[18] = {};
  std::ifstream file(path, std::ios::binary);
  file.read(head, sizeof(head));
  if (file.gcount() < static_cast<std::streamsize>(sizeof(head)) || std::memcmp(head, "MMIDIDX\0\0", 9) != 0)
    return std::optional<MegatronTokens>();
  uint64_t version;
  std::memcpy(&version, head + 9, sizeof(version));
  if (version != 1)
    return error("{}: an index of Megatron of version {}; 1 was expected", path, version);
  static const MegatronTokens types[] = {{"", 0},      {"uint8", 1}, {"int8", 1}, {"int16", 2}, {"int32", 4},
                                         {"int64", 8}, {"", 0},      {"", 0},     {"uint16", 2}};
  auto code = static_cast<unsigned char>(head[17]);
  if (code >= std::size(types) || types[code].tokenBytes == 0)
    return error("{}: an index of Megatron whose tokens are of type {}, which is none of integers", path, code);
  return std::optional<MegatronTokens>(types[code]);
}
