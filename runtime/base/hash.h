#ifndef TRITTER_RUNTIME_BASE_HASH_H
#define TRITTER_RUNTIME_BASE_HASH_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <openssl/types.h>
#include <span>
#include <string>
#include <vector>

namespace tritter {

using Digest = std::array<uint8_t, 32>;

Digest sha256(std::span<const std::byte> bytes);

/// The same, piece by piece.
class Sha256 {
public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256 &) = delete;
  Sha256 &operator=(const Sha256 &) = delete;

  void begin();
  void add(std::span<const std::byte> bytes);
  Digest end();

private:
  EVP_MD_CTX *context_;
};

/// The tensor's hash: SHA-256 over its chunks' digests in order, so that threads can share the chunks.
Digest combineDigests(const std::vector<Digest> &chunks);
/// 64 hexadecimal digits for a digest.
std::string hexadecimal(std::span<const uint8_t> digest);

} // namespace tritter

#endif // TRITTER_RUNTIME_BASE_HASH_H
