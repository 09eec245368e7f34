#include "runtime/executable/seal.h"
#include "runtime/base/hash.h"

#include <algorithm>
#include <string_view>

namespace tritter {

static constexpr std::string_view mark = "TTEXSEAL";
static_assert(sizeof(Digest) + mark.size() == sealBytes);

void seal(std::vector<std::byte> &bytes) {
  Digest digest = sha256(bytes);
  std::span<const std::byte> hash = std::as_bytes(std::span(digest)), end = std::as_bytes(std::span(mark));
  bytes.insert(bytes.end(), hash.begin(), hash.end());
  bytes.insert(bytes.end(), end.begin(), end.end());
}

Result<std::optional<std::span<const std::byte>>> unsealed(std::span<const std::byte> bytes) {
  auto end = std::as_bytes(std::span(mark));
  if (bytes.size() < sealBytes || !std::ranges::equal(bytes.last(mark.size()), end))
    return std::optional<std::span<const std::byte>>();
  std::span<const std::byte> content = bytes.first(bytes.size() - sealBytes);
  Digest digest = sha256(content);
  if (!std::ranges::equal(bytes.subspan(content.size(), sizeof(Digest)), std::as_bytes(std::span(digest))))
    return error("the executable is damaged: its bytes do not match the hash at its end; compile it again");
  return std::optional(content);
}

} // namespace tritter
