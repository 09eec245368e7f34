#include "runtime/checkpoint/atomic_file.h"
#include "runtime/checkpoint/checkpoint.h"
#include "runtime/checkpoint/chunked_hash.h"
#include "runtime/checkpoint/format.h"

#include <algorithm>
#include <mutex>
#include <omp.h>
#include <set>

namespace tritter {

namespace {

class FileWriter final : public CheckpointWriter {
public:
  FileWriter(std::unique_ptr<AtomicFile> file, std::vector<TensorDeclaration> declarations)
      : file_(std::move(file)), declarations_(std::move(declarations)) {}

  Status place();

  Status write(size_t index, const Producer &producer) override;
  Status write(size_t index, std::span<const std::byte> bytes) override;
  Status copy(size_t index, const CheckpointReader &from, const schema::Tensor &tensor, bool verify) override;
  Status zero(size_t index) override;
  uint64_t segmentBytes() const override { return end_; }
  Result<std::string> commit(schema::ManifestT manifest) override;

private:
  struct Segment {
    uint64_t offset;
    uint64_t bytes;
    Digest hash;
    bool written = false;
  };
  void finish(size_t index, const Digest &hash) {
    segments_[index].hash = hash;
    segments_[index].written = true;
  }

  std::unique_ptr<AtomicFile> file_;
  std::vector<TensorDeclaration> declarations_;
  std::vector<Segment> segments_;
  uint64_t end_ = headerBytes;
};

} // namespace

Status FileWriter::place() {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const TensorDeclaration &tensor : declarations_) {
    std::optional<uint64_t> bytes = tensorBytes(tensor.shape, tensor.dtype);
    if (!bytes || tensor.name.empty() || tensor.kind.empty())
      return error("tensor '{}' cannot be stored: it needs a name, a kind, and fewer than 2^63 bytes", tensor.name);
    if (!seen.emplace(tensor.name, tensor.kind).second)
      return error("tensor {} ({}) is declared twice", tensor.name, tensor.kind);
    segments_.push_back({end_, *bytes, {}});
    end_ = alignUp(end_ + *bytes, segmentAlignment);
  }
  return file_->reserve(end_);
}

Status FileWriter::write(size_t index, const Producer &producer) {
  const Segment &segment = segments_[index];
  std::vector<Digest> digests(chunkCount(segment.bytes, hashChunkBytes));
  int threads = int(std::clamp<size_t>(digests.size(), 1, size_t(omp_get_max_threads())));
  Status failure;
  std::mutex mutex;
  bool failed = false;
#pragma omp parallel num_threads(threads)
  {
    std::vector<std::byte> buffer(std::min(hashChunkBytes, segment.bytes));
#pragma omp for schedule(dynamic)
    for (size_t i = 0; i < digests.size(); ++i) {
      if (__atomic_load_n(&failed, __ATOMIC_RELAXED))
        continue;
      uint64_t begin = i * hashChunkBytes;
      std::span<std::byte> chunk = std::span(buffer).first(std::min(hashChunkBytes, segment.bytes - begin));
      Status status = producer(begin, chunk);
      if (status.ok()) {
        digests[i] = sha256(chunk);
        status = file_->write(segment.offset + begin, chunk);
        file_->startWriteback(segment.offset + begin, chunk.size());
      }
      if (!status.ok()) {
        std::lock_guard lock(mutex);
        if (failure.ok())
          failure = std::move(status);
        __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
      }
    }
  }
  TRITTER_RETURN_IF_ERROR(std::move(failure));
  finish(index, combineDigests(digests));
  return {};
}

Status FileWriter::write(size_t index, std::span<const std::byte> bytes) {
  const Segment &segment = segments_[index];
  if (bytes.size() != segment.bytes)
    return error("tensor {} has {} bytes, {} were given", declarations_[index].name, segment.bytes, bytes.size());
  std::vector<Digest> digests(chunkCount(segment.bytes, hashChunkBytes));
#pragma omp parallel for schedule(dynamic) if (digests.size() > 1)
  for (size_t i = 0; i < digests.size(); ++i) {
    uint64_t begin = i * hashChunkBytes;
    digests[i] = sha256(bytes.subspan(begin, std::min(hashChunkBytes, segment.bytes - begin)));
  }
  TRITTER_RETURN_IF_ERROR(file_->write(segment.offset, bytes));
  file_->startWriteback(segment.offset, segment.bytes);
  finish(index, combineDigests(digests));
  return {};
}

Status FileWriter::copy(size_t index, const CheckpointReader &from, const schema::Tensor &tensor, bool verify) {
  const Segment &segment = segments_[index];
  const TensorDeclaration &declaration = declarations_[index];
  if (tensor.dtype() != declaration.dtype ||
      !std::equal(declaration.shape.begin(), declaration.shape.end(), tensor.shape()->begin(), tensor.shape()->end()))
    return error("tensor {} cannot be a copy of {} in {}: their shapes or types differ", declaration.name,
                 tensor.name()->str(), from.path());
  // The hash is over chunks; another size of chunk means another hash.
  if (from.manifest().chunk_bytes() != hashChunkBytes) {
    if (verify)
      TRITTER_RETURN_IF_ERROR(from.verify(tensor));
    return write(index, from.bytes(tensor));
  }
  if (verify) {
    TRITTER_RETURN_IF_ERROR(readAndVerify(from, tensor, 0, [&](uint64_t offset, std::span<const std::byte> piece) {
      TRITTER_RETURN_IF_ERROR(file_->write(segment.offset + offset, piece));
      uint64_t end = offset + piece.size();
      if (end % hashChunkBytes == 0 || end == segment.bytes)
        file_->startWriteback(segment.offset + (end - 1) / hashChunkBytes * hashChunkBytes, hashChunkBytes);
      return Status();
    }));
  } else {
    TRITTER_RETURN_IF_ERROR(file_->copyFrom(from.descriptor(), tensor.offset(), segment.offset, segment.bytes));
  }
  Digest hash;
  std::copy_n(tensor.hash()->begin(), hash.size(), hash.begin());
  finish(index, hash);
  return {};
}

Status FileWriter::zero(size_t index) {
  static const Digest zeroChunk = sha256(std::vector<std::byte>(hashChunkBytes));
  const Segment &segment = segments_[index];
  std::vector<Digest> digests(segment.bytes / hashChunkBytes, zeroChunk);
  if (uint64_t rest = segment.bytes % hashChunkBytes)
    digests.push_back(sha256(std::vector<std::byte>(rest)));
  finish(index, combineDigests(digests));
  return {};
}

static std::unique_ptr<schema::TensorT> rowOf(const TensorDeclaration &declaration, uint64_t offset, uint64_t bytes,
                                              const Digest &hash) {
  auto tensor = std::make_unique<schema::TensorT>();
  tensor->name = declaration.name;
  tensor->kind = declaration.kind;
  tensor->shape = declaration.shape;
  tensor->dtype = declaration.dtype;
  tensor->growth = declaration.growth;
  tensor->updates = declaration.updates;
  tensor->offset = offset;
  tensor->bytes = bytes;
  tensor->hash.assign(hash.begin(), hash.end());
  return tensor;
}

/// As it goes into a file, with these rows of tensors.
static flatbuffers::DetachedBuffer packed(schema::ManifestT &manifest,
                                          std::vector<std::unique_ptr<schema::TensorT>> tensors) {
  manifest.version = formatVersion;
  manifest.chunk_bytes = hashChunkBytes;
  manifest.tensors.swap(tensors);
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishManifestBuffer(builder, schema::Manifest::Pack(builder, &manifest));
  manifest.tensors.swap(tensors);
  return builder.Release();
}

static uint64_t mapBytes(const schema::ManifestT &manifest) {
  uint64_t bytes = 0;
  if (manifest.derivations)
    for (const std::unique_ptr<schema::AxisMapT> &map : manifest.derivations->maps)
      bytes += map->runs.size() * sizeof(schema::Run);
  return bytes;
}

/// Bytes that the manifest has at least. What is beyond all measure must not be packed: FlatBuffers stops there.
static uint64_t leastBytes(const schema::ManifestT &manifest) {
  uint64_t bytes = manifest.model_ir.size() + mapBytes(manifest);
  if (manifest.tokenizer)
    bytes += manifest.tokenizer->data.size();
  for (const std::unique_ptr<schema::FolderFileT> &file : manifest.folder_files)
    bytes += file->data.size();
  for (const std::unique_ptr<schema::RecordT> &record : manifest.history)
    if (record->growth)
      bytes += record->growth->model_ir.size();
  return bytes;
}

Status checkManifestSize(schema::ManifestT &manifest, const std::vector<TensorDeclaration> &tensors, uint64_t most) {
  uint64_t bytes = leastBytes(manifest);
  if (bytes <= most) {
    std::vector<std::unique_ptr<schema::TensorT>> rows;
    // No offset is 0, which would take no place.
    for (const TensorDeclaration &tensor : tensors)
      rows.push_back(rowOf(tensor, headerBytes, tensorBytes(tensor.shape, tensor.dtype).value_or(0), {}));
    bytes = packed(manifest, std::move(rows)).size();
  }
  if (bytes > most)
    return error("its manifest would have {} bytes, {} are the most: the axis maps of its growths take {} of them",
                 bytes, most, mapBytes(manifest));
  return {};
}

Result<std::string> FileWriter::commit(schema::ManifestT manifest) {
  std::vector<std::unique_ptr<schema::TensorT>> tensors;
  for (size_t i = 0; i < segments_.size(); ++i) {
    if (!segments_[i].written)
      return error("tensor {} ({}) of {} was never written", declarations_[i].name, declarations_[i].kind,
                   file_->path());
    tensors.push_back(rowOf(declarations_[i], segments_[i].offset, segments_[i].bytes, segments_[i].hash));
  }
  flatbuffers::DetachedBuffer buffer = packed(manifest, std::move(tensors));
  auto bytes = std::as_bytes(std::span(buffer.data(), buffer.size()));
  if (bytes.size() > maximumManifestBytes)
    return error("the manifest of {} has {} bytes, {} is the most", file_->path(), bytes.size(), maximumManifestBytes);

  CheckpointHeader header{};
  std::copy_n(checkpointMagic, sizeof(checkpointMagic), header.magic);
  header.version = formatVersion;
  header.manifest_offset = end_;
  header.manifest_bytes = bytes.size();
  header.manifest_hash = sha256(bytes);
  header.check = checkOf(header);
  TRITTER_RETURN_IF_ERROR(file_->reserve(end_ + bytes.size()));
  TRITTER_RETURN_IF_ERROR(file_->write(end_, bytes));
  TRITTER_RETURN_IF_ERROR(file_->write(0, std::as_bytes(std::span(&header, 1))));
  TRITTER_RETURN_IF_ERROR(file_->commit());
  return hexadecimal(header.manifest_hash);
}

Result<std::unique_ptr<CheckpointWriter>> CheckpointWriter::create(const std::string &path,
                                                                   std::vector<TensorDeclaration> tensors) {
  TRITTER_ASSIGN(std::unique_ptr<AtomicFile> file, AtomicFile::create(path));
  auto writer = std::make_unique<FileWriter>(std::move(file), std::move(tensors));
  TRITTER_RETURN_IF_ERROR(writer->place());
  return std::unique_ptr<CheckpointWriter>(std::move(writer));
}

} // namespace tritter
