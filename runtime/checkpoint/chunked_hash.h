#ifndef TRITTER_RUNTIME_CHECKPOINT_CHUNKED_HASH_H
#define TRITTER_RUNTIME_CHECKPOINT_CHUNKED_HASH_H

#include "runtime/base/status.h"
#include "runtime/checkpoint/checkpoint.h"

#include <functional>

namespace tritter {

/// Reads a tensor once on `threads` threads (0: all), hands each piece of it on to `sink` (where there is one), and
/// compares its hash. Pieces are small enough to stay in the processor's cache from the file to the hash to the sink,
/// and nothing becomes resident as it would through a mapping.
Status readAndVerify(const CheckpointReader &reader, const schema::Tensor &tensor, int threads,
                     const std::function<Status(uint64_t offset, std::span<const std::byte> piece)> &sink = {});

} // namespace tritter

#endif // TRITTER_RUNTIME_CHECKPOINT_CHUNKED_HASH_H
