#include "runtime/checkpoint/hash.h"

#include <openssl/evp.h>

namespace tritter {

Digest sha256(std::span<const std::byte> bytes) {
  // Fetched once: a fetch takes a lock in libcrypto's provider tables.
  static const EVP_MD *method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Digest digest{};
  unsigned size = unsigned(digest.size());
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, method ? method : EVP_sha256(), nullptr);
  return digest;
}

Digest combineDigests(const std::vector<Digest> &chunks) { return sha256(std::as_bytes(std::span(chunks))); }

std::string hexadecimal(std::span<const uint8_t> digest) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (uint8_t byte : digest) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

} // namespace tritter
