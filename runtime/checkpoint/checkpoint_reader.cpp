#include "runtime/checkpoint/checkpoint.h"
#include "runtime/checkpoint/chunked_hash.h"
#include "runtime/checkpoint/file_operations.h"
#include "runtime/checkpoint/format.h"
#include "runtime/checkpoint/upgrade.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <map>
#include <sys/mman.h>
#include <sys/stat.h>

namespace tritter {

namespace {

class MappedCheckpoint final : public CheckpointReader {
public:
  explicit MappedCheckpoint(std::string path) : path_(std::move(path)) {}
  ~MappedCheckpoint() override;

  Status load();

  const schema::Manifest &manifest() const override { return *manifest_; }
  const std::string &identity() const override { return identity_; }
  const std::string &path() const override { return path_; }
  const schema::Tensor *find(std::string_view name, std::string_view kind) const override;
  std::span<const std::byte> bytes(const schema::Tensor &tensor) const override {
    return {data_ + tensor.offset(), size_t(tensor.bytes())};
  }
  Status verify(const schema::Tensor &tensor, int threads) const override;
  Status verifyPadding() const override;
  int descriptor() const override { return descriptor_; }
  void release() const override { madvise(const_cast<std::byte *>(data_), size_, MADV_DONTNEED); }

private:
  Status checkHeader(CheckpointHeader &header) const;
  Status upgrade();
  Status checkTensors(uint64_t segmentsEnd);

  std::string path_;
  int descriptor_ = -1;
  const std::byte *data_ = nullptr;
  size_t size_ = 0;
  /// A copy: what has been verified must not change under us when the file does.
  std::vector<std::byte> manifestBytes_;
  const schema::Manifest *manifest_ = nullptr;
  std::string identity_;
  std::map<std::pair<std::string_view, std::string_view>, const schema::Tensor *> byName_;
  std::vector<const schema::Tensor *> byPlace_;
  uint64_t segmentsEnd_ = 0;
};

} // namespace

static bool isZero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte(0); });
}

MappedCheckpoint::~MappedCheckpoint() {
  if (data_)
    munmap(const_cast<std::byte *>(data_), size_);
  if (descriptor_ >= 0)
    FileOperations::current().close(descriptor_);
}

Status MappedCheckpoint::load() {
  descriptor_ = FileOperations::current().open(path_.c_str(), O_RDONLY);
  if (descriptor_ < 0)
    return error("cannot open {}: {}", path_, std::strerror(errno));
  struct stat status;
  if (fstat(descriptor_, &status) < 0 || !S_ISREG(status.st_mode))
    return error("{} is not a file; name a checkpoint (.tckpt)", path_);
  size_ = size_t(status.st_size);
  if (size_ == 0)
    return error("{} is empty; a checkpoint (.tckpt) was expected", path_);
  void *mapped = mmap(nullptr, size_, PROT_READ, MAP_SHARED, descriptor_, 0);
  if (mapped == MAP_FAILED)
    return error("cannot map {} into memory: {}", path_, std::strerror(errno));
  data_ = static_cast<const std::byte *>(mapped);

  CheckpointHeader header;
  TRITTER_RETURN_IF_ERROR(checkHeader(header));
  auto *begin = data_ + header.manifest_offset;
  manifestBytes_.assign(begin, begin + header.manifest_bytes);
  if (sha256(manifestBytes_) != header.manifest_hash)
    return error("{} is damaged: its manifest does not match the hash in its header; take another copy of it", path_);
  identity_ = hexadecimal(header.manifest_hash);
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t *>(manifestBytes_.data()), manifestBytes_.size());
  if (!schema::VerifyManifestBuffer(verifier))
    return error("{} is damaged: its manifest is not a well-formed one; take another copy of it", path_);
  manifest_ = schema::GetManifest(manifestBytes_.data());
  if (manifest_->version() != header.version)
    return error("{} is damaged: its header says format {}, its manifest {}", path_, header.version,
                 manifest_->version());
  if (header.version < formatVersion)
    TRITTER_RETURN_IF_ERROR(upgrade().within(path_));
  return checkTensors(header.manifest_offset);
}

/// The identity stays that of the file.
Status MappedCheckpoint::upgrade() {
  schema::ManifestT manifest;
  manifest_->UnPackTo(&manifest);
  TRITTER_RETURN_IF_ERROR(upgradeManifest(manifest));
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishManifestBuffer(builder, schema::Manifest::Pack(builder, &manifest));
  auto bytes = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  manifestBytes_.assign(bytes.begin(), bytes.end());
  manifest_ = schema::GetManifest(manifestBytes_.data());
  return {};
}

Status MappedCheckpoint::checkHeader(CheckpointHeader &header) const {
  if (size_ < sizeof(checkpointMagic) || std::memcmp(data_, checkpointMagic, sizeof(checkpointMagic)) != 0)
    return error("{} is not a Tritter checkpoint: it does not begin as one", path_);
  if (size_ < headerBytes)
    return error("{} is cut short: it has {} bytes, fewer than its header", path_, size_);
  std::memcpy(&header, data_, sizeof(header));
  if (header.version > formatVersion)
    return error("{} was written by a newer version of Tritter (format {}, this program reads up to {}): use that "
                 "version",
                 path_, header.version, formatVersion);
  if (checkOf(header) != header.check)
    return error("{} is damaged: its header does not match its check; take another copy of it", path_);
  if (!isZero(std::span(data_ + sizeof(header), headerBytes - sizeof(header))))
    return error("{} is damaged: its first page is not zero behind the header; take another copy of it", path_);
  uint64_t end;
  if (header.manifest_offset < headerBytes || header.manifest_bytes > maximumManifestBytes ||
      __builtin_add_overflow(header.manifest_offset, header.manifest_bytes, &end))
    return error("{} is damaged: its header places the manifest where none can be", path_);
  if (size_ < end)
    return error("{} is cut short: it has {} bytes and should have {}; take another copy of it", path_, size_, end);
  if (size_ > end)
    return error("{} is damaged: it has {} bytes and should have {}; take another copy of it", path_, size_, end);
  return {};
}

Status MappedCheckpoint::checkTensors(uint64_t segmentsEnd) {
  segmentsEnd_ = segmentsEnd;
  if (manifest_->chunk_bytes() == 0 || manifest_->chunk_bytes() > (1 << 30))
    return error("{} is damaged: its tensors are hashed by chunks of {} bytes", path_, manifest_->chunk_bytes());
  if (!manifest_->tensors())
    return error("{} is damaged: its manifest has no tensors", path_);
  for (const schema::Tensor *tensor : *manifest_->tensors()) {
    if (!tensor->name() || !tensor->kind() || !tensor->shape() || !tensor->hash() ||
        tensor->hash()->size() != sizeof(Digest))
      return error("{} is damaged: tensor {} of its manifest lacks its name, kind, shape or hash", path_,
                   byPlace_.size());
    std::optional<uint64_t> needed = tensorBytes(*tensor->shape(), tensor->dtype());
    if (!elementBytes(tensor->dtype()) || needed != tensor->bytes())
      return error("{} is damaged: tensor {} has {} bytes, which its shape and type contradict", path_,
                   labelOf(*tensor), tensor->bytes());
    if (tensor->offset() % segmentAlignment || tensor->offset() < headerBytes || tensor->offset() > segmentsEnd ||
        tensor->bytes() > segmentsEnd - tensor->offset())
      return error("{} is damaged: tensor {} lies outside of the file's segments", path_, labelOf(*tensor));
    auto [place, fresh] = byName_.try_emplace({tensor->name()->string_view(), tensor->kind()->string_view()}, tensor);
    if (!fresh)
      return error("{} is damaged: it has two tensors {}", path_, labelOf(*tensor));
    byPlace_.push_back(tensor);
  }
  std::sort(byPlace_.begin(), byPlace_.end(), [](const auto *a, const auto *b) {
    return std::pair(a->offset(), a->bytes()) < std::pair(b->offset(), b->bytes());
  });
  for (size_t i = 1; i < byPlace_.size(); ++i)
    if (byPlace_[i - 1]->offset() + byPlace_[i - 1]->bytes() > byPlace_[i]->offset())
      return error("{} is damaged: tensors {} and {} overlap", path_, labelOf(*byPlace_[i - 1]), labelOf(*byPlace_[i]));
  return {};
}

const schema::Tensor *MappedCheckpoint::find(std::string_view name, std::string_view kind) const {
  auto found = byName_.find({name, kind});
  return found == byName_.end() ? nullptr : found->second;
}

Status MappedCheckpoint::verify(const schema::Tensor &tensor, int threads) const {
  return readAndVerify(*this, tensor, threads);
}

Status MappedCheckpoint::verifyPadding() const {
  uint64_t from = headerBytes;
  auto check = [&](uint64_t to) -> Status {
    if (!isZero(std::span(data_ + from, to - from)))
      return error(
          "{} is damaged: between bytes {} and {}, where no tensor lies, it is not zero; take another copy of it",
          path_, from, to);
    return {};
  };
  for (const schema::Tensor *tensor : byPlace_) {
    TRITTER_RETURN_IF_ERROR(check(tensor->offset()));
    from = tensor->offset() + tensor->bytes();
  }
  return check(segmentsEnd_);
}

Status CheckpointReader::verifyAll(int threads) const {
  for (const schema::Tensor *tensor : *manifest().tensors())
    TRITTER_RETURN_IF_ERROR(verify(*tensor, threads));
  return verifyPadding();
}

Result<std::unique_ptr<CheckpointReader>> CheckpointReader::open(const std::string &path) {
  auto checkpoint = std::make_unique<MappedCheckpoint>(path);
  TRITTER_RETURN_IF_ERROR(checkpoint->load());
  return std::unique_ptr<CheckpointReader>(std::move(checkpoint));
}

} // namespace tritter
