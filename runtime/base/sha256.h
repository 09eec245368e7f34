#ifndef TRITTER_RUNTIME_BASE_SHA256_H
#define TRITTER_RUNTIME_BASE_SHA256_H

#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <openssl/sha.h>
#include <span>
#include <string>
#include <string_view>

namespace tritter {

using Sha256 = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

inline Sha256 sha256(const void *data, size_t bytes) {
  Sha256 digest;
  SHA256(static_cast<const unsigned char *>(data), bytes, digest.data());
  return digest;
}
inline Sha256 sha256(std::string_view text) { return sha256(text.data(), text.size()); }

/// 64 hexadecimal digits.
inline std::string hexadecimal(std::span<const unsigned char> digest) {
  std::string text;
  for (unsigned char byte : digest)
    text += fmt::format("{:02x}", byte);
  return text;
}

} // namespace tritter

#endif // TRITTER_RUNTIME_BASE_SHA256_H
