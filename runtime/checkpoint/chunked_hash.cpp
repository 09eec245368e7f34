#include "runtime/checkpoint/chunked_hash.h"

#include "runtime/checkpoint/file_operations.h"
#include "runtime/checkpoint/format.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <omp.h>

namespace tritter {

namespace {

/// A thread's part: its buffer and its hash.
struct ChunkReader {
  const CheckpointReader &reader;
  const schema::Tensor &tensor;
  const std::function<Status(uint64_t, std::span<const std::byte>)> &sink;
  std::vector<std::byte> buffer;
  Sha256 hash;

  Status read(uint64_t begin, uint64_t end, Digest &digest);
};

} // namespace

Status ChunkReader::read(uint64_t begin, uint64_t end, Digest &digest) {
  hash.begin();
  for (uint64_t at = begin; at < end;) {
    std::span<std::byte> piece = std::span(buffer).first(std::min<uint64_t>(buffer.size(), end - at));
    ssize_t got = FileOperations::current().read(reader.descriptor(), piece.data(), piece.size(), tensor.offset() + at);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return error("cannot read tensor {} of {}: {}", labelOf(tensor), reader.path(),
                   got < 0 ? std::strerror(errno) : "the file became shorter");
    hash.add(piece.first(size_t(got)));
    if (sink)
      TRITTER_RETURN_IF_ERROR(sink(at, piece.first(size_t(got))));
    at += uint64_t(got);
  }
  digest = hash.end();
  return {};
}

Status readAndVerify(const CheckpointReader &reader, const schema::Tensor &tensor, int threads,
                     const std::function<Status(uint64_t, std::span<const std::byte>)> &sink) {
  constexpr uint64_t pieceBytes = 256 << 10;
  uint64_t chunk = reader.manifest().chunk_bytes();
  std::vector<Digest> digests(chunkCount(tensor.bytes(), chunk));
  int team = std::min<int>(threads > 0 ? threads : omp_get_max_threads(), int(std::max<size_t>(digests.size(), 1)));
  std::atomic<bool> failed = false;
  std::mutex mutex;
  Status failure;
#pragma omp parallel num_threads(team)
  {
    ChunkReader part{reader, tensor, sink, std::vector<std::byte>(std::min(pieceBytes, tensor.bytes())), {}};
#pragma omp for schedule(dynamic)
    for (size_t i = 0; i < digests.size(); ++i) {
      if (failed)
        continue;
      Status status = part.read(i * chunk, std::min((i + 1) * chunk, tensor.bytes()), digests[i]);
      if (!status.ok()) {
        std::lock_guard lock(mutex);
        failure = std::move(status);
        failed = true;
      }
    }
  }
  TRITTER_RETURN_IF_ERROR(std::move(failure));
  Digest digest = combineDigests(digests);
  if (!std::equal(digest.begin(), digest.end(), tensor.hash()->begin()))
    return error("{} is damaged: the bytes of tensor {} do not match its hash; take another copy of it", reader.path(),
                 labelOf(tensor));
  return {};
}

} // namespace tritter
