#include "runtime/base/hash.h"

#include <openssl/evp.h>

namespace tritter {

static const EVP_MD *method() {
  // Fetched once: a fetch takes a lock in libcrypto's provider tables.
  static const EVP_MD *fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched ? fetched : EVP_sha256();
}

Digest sha256(std::span<const std::byte> bytes) {
  Digest digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, method(), nullptr);
  return digest;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {}
Sha256::~Sha256() { EVP_MD_CTX_free(context_); }
void Sha256::begin() { EVP_DigestInit_ex(context_, method(), nullptr); }
void Sha256::add(std::span<const std::byte> bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }

Digest Sha256::end() {
  Digest digest{};
  EVP_DigestFinal_ex(context_, digest.data(), nullptr);
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
