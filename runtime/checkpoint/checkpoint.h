#ifndef TRITTER_RUNTIME_CHECKPOINT_CHECKPOINT_H
#define TRITTER_RUNTIME_CHECKPOINT_CHECKPOINT_H

#include "runtime/base/status.h"
#include "runtime/checkpoint/format.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tritter {

/// A checkpoint opened for reading: the manifest verified (FlatBuffers, its SHA-256, bounds, overlap), the segments
/// memory-mapped. Tensor hashes are checked by verify(), or tensor by tensor.
class CheckpointReader {
public:
  static Result<std::unique_ptr<CheckpointReader>> open(const std::string &path);
  virtual ~CheckpointReader() = default;

  virtual const schema::Manifest &manifest() const = 0;
  /// SHA-256 of the manifest, 64 hexadecimal digits: the checkpoint's identity.
  virtual const std::string &identity() const = 0;
  virtual const std::string &path() const = 0;

  /// The tensor's row in the manifest; null where there is none. `kind` is "value" or a state's ("adam.m").
  virtual const schema::Tensor *find(std::string_view name, std::string_view kind = "value") const = 0;
  virtual std::span<const std::byte> bytes(const schema::Tensor &tensor) const = 0;
  /// Compares the tensor's bytes with its hash, on `threads` threads (0: all); the error names the tensor.
  virtual Status verify(const schema::Tensor &tensor, int threads = 0) const = 0;
  /// That what lies between tensors is zero.
  virtual Status verifyPadding() const = 0;
  /// All tensors, on `threads` threads (0: all), and the padding: every byte of the file is then as it was written.
  Status verifyAll(int threads = 0) const;

  /// The open file, for copies inside the kernel.
  virtual int descriptor() const = 0;
  /// Lets go of the pages that bytes() has brought into this process's resident memory; they come back when touched.
  virtual void release() const = 0;
};

/// What a tensor will be, before its bytes.
struct TensorDeclaration {
  std::string name;
  std::string kind = "value";
  std::vector<uint64_t> shape;
  schema::DType dtype = schema::DType::F32;
  /// Of a state: how it grows with its parameter, and how many updates it has seen.
  schema::StateGrowth growth = schema::StateGrowth::Zero;
  uint64_t updates = 0;
};

/// Refuses a manifest that would be too large for a file with these tensors, before one is begun: its bytes are known
/// but for the tensors' hashes.
Status checkManifestSize(schema::ManifestT &manifest, const std::vector<TensorDeclaration> &tensors,
                         uint64_t most = maximumManifestBytes);

/// Writes `path` through a temporary beside it: nothing is seen under `path` before commit(), and an older file there
/// stays whole on any failure (a full disk included; the error says how many bytes were needed). Destroyed without
/// commit(), it removes the temporary.
class CheckpointWriter {
public:
  /// Knows all tensors from the start, so that the places are fixed and the space is reserved at once.
  static Result<std::unique_ptr<CheckpointWriter>> create(const std::string &path,
                                                          std::vector<TensorDeclaration> tensors);
  virtual ~CheckpointWriter() = default;

  /// Fills the next `out.size()` bytes of a tensor, which begin at byte `offset` of it.
  using Producer = std::function<Status(uint64_t offset, std::span<std::byte> out)>;
  /// Writes the tensor declared as number `index`, asking `producer` for chunks (from several threads at once), hashing
  /// them as they come. Memory is bounded by a chunk a thread.
  virtual Status write(size_t index, const Producer &producer) = 0;
  /// The same from memory; several tensors may be written at once.
  virtual Status write(size_t index, std::span<const std::byte> bytes) = 0;
  /// A verbatim copy of a tensor of another checkpoint: its bytes, and its hash without hashing again (copied by
  /// copy_file_range where the file system can). With `verify` the bytes are compared with the hash on their way; the
  /// error names the tensor.
  virtual Status copy(size_t index, const CheckpointReader &from, const schema::Tensor &tensor,
                      bool verify = false) = 0;
  /// Zeros everywhere, which costs no writing: the space was reserved, and reads as zeros.
  virtual Status zero(size_t index) = 0;
  /// The file's size without the manifest.
  virtual uint64_t segmentBytes() const = 0;

  /// Writes the manifest (its `version`, `chunk_bytes` and `tensors` are filled in here), syncs, renames, syncs the
  /// folder. The new identity. An error where a tensor was not written.
  virtual Result<std::string> commit(schema::ManifestT manifest) = 0;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_CHECKPOINT_CHECKPOINT_H
