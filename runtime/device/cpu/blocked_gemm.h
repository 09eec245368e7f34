#ifndef TRITTER_RUNTIME_DEVICE_CPU_BLOCKED_GEMM_H
#define TRITTER_RUNTIME_DEVICE_CPU_BLOCKED_GEMM_H

#include <cstddef>
#include <cstdint>

namespace tritter {

/// One matrix of a BlockedProduct. Element (i, j) is at `i * row + j * column`; one of the strides is 1.
struct BlockedMatrix {
  int64_t row;
  int64_t column;
};

/// c[m, n] (+)= a[m, k] b[k, n], a and b of one type, c's rows contiguous.
struct BlockedProduct {
  int64_t m, n, k;
  BlockedMatrix a, b, c;
  /// Of a and b, and of c; otherwise f32.
  bool bf16, bf16Result;
  bool accumulate;
  /// c is large and not read soon: it need not take room in the caches.
  bool streams;
};

/// Does the product by the whole OpenMP team: both operands are copied, block by block, into the order in which a
/// kernel of AVX512 reads them, so that their layouts and strides do not matter. Sums are f32, in an order that is the
/// same for any number of threads.
void blockedGemm(const BlockedProduct &product, const std::byte *a, const std::byte *b, std::byte *c);

/// Whether this processor can.
bool hasBlockedGemm(bool bf16);
/// Bytes that each thread packs operands into, where results are not kept apart to be rounded later.
uint64_t blockedGemmScratch();

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_CPU_BLOCKED_GEMM_H
