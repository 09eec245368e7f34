#include "runtime/executable/executable.h"
#include "runtime/executable/seal.h"
#include "runtime/executable/upgrade.h"
#include "runtime/executable/verify.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <span>

using namespace tritter;

size_t tritter::sizeOf(schema::DType type) {
  switch (type) {
  case schema::DType::F32:
  case schema::DType::I32:
    return 4;
  case schema::DType::BF16:
    return 2;
  case schema::DType::F64:
    return 8;
  }
  return 0;
}

std::string_view tritter::nameOf(schema::DType type) {
  switch (type) {
  case schema::DType::F32:
    return "f32";
  case schema::DType::BF16:
    return "bf16";
  case schema::DType::F64:
    return "f64";
  case schema::DType::I32:
    return "i32";
  }
  return "unknown";
}

Result<std::shared_ptr<const Executable>> Executable::load(const std::string &path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file)
    return error("{}: cannot be opened: {}", path, std::strerror(errno));
  std::streamoff size = file.tellg();
  if (size < 0)
    return error("{}: is not a regular file; give an executable (.texe) that tritter-compile wrote", path);
  std::vector<std::byte> bytes(size);
  file.seekg(0);
  if (!file.read(reinterpret_cast<char *>(bytes.data()), size))
    return error("{}: only {} of {} bytes could be read", path, file.gcount(), size);
  Result<std::shared_ptr<const Executable>> result = read(std::move(bytes), /*sealed=*/true);
  if (!result.ok())
    return std::move(result).status().within(path);
  return result;
}

/// Versions before 3 were not sealed.
static constexpr uint32_t firstSealedVersion = 3;

/// The bytes of an older executable in the form of this version.
static Result<std::vector<std::byte>> upgradedBytes(const schema::Executable &old) {
  schema::ExecutableT executable;
  old.UnPackTo(&executable);
  TRITTER_RETURN_IF_ERROR(upgradeExecutable(executable));
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishExecutableBuffer(builder, schema::Executable::Pack(builder, &executable));
  auto bytes = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

Result<std::shared_ptr<const Executable>> Executable::fromBytes(std::vector<std::byte> bytes) {
  return read(std::move(bytes), /*sealed=*/false);
}

Result<std::shared_ptr<const Executable>> Executable::read(std::vector<std::byte> bytes, bool sealed) {
  if (bytes.size() < 8 || !schema::ExecutableBufferHasIdentifier(bytes.data()))
    return error("not a Tritter executable (no TTEX mark at its beginning); compile one with tritter-compile");
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE)
    return error("an executable of {} bytes is beyond what can be read ({})", bytes.size(),
                 FLATBUFFERS_MAX_BUFFER_SIZE);
  TRITTER_ASSIGN(std::optional<std::span<const std::byte>> content, unsealed(bytes));
  if (content)
    bytes.resize(content->size());
  // Growths of large models have millions of small tables; the depth stays small.
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(), /*max_depth=*/64,
                                 /*max_tables=*/1u << 30);
  if (!schema::VerifyExecutableBuffer(verifier))
    return error("the executable is cut short or damaged ({} bytes); compile it again", bytes.size());
  const schema::Executable &stored = *schema::GetExecutable(bytes.data());
  if (stored.version() > executableVersion)
    return error("the executable is of a newer version of Tritter (format {}, this program reads up to {}): use that "
                 "version, or compile it again",
                 stored.version(), executableVersion);
  if (sealed && !content && stored.version() >= firstSealedVersion)
    return error("the executable is cut short or damaged ({} bytes, without the hash that ends it); compile it again",
                 bytes.size());
  if (stored.version() < executableVersion) {
    TRITTER_ASSIGN(bytes, upgradedBytes(stored));
  }

  auto executable = std::make_shared<Executable>();
  executable->bytes_ = std::move(bytes);
  executable->root_ = schema::GetExecutable(executable->bytes_.data());
  TRITTER_RETURN_IF_ERROR(verifyExecutable(*executable->root_));
  return std::shared_ptr<const Executable>(std::move(executable));
}

template <typename T>
static const T *find(const flatbuffers::Vector<flatbuffers::Offset<T>> *vector, std::string_view name) {
  for (const T *element : elements(vector))
    if (textOf(element->name()) == name)
      return element;
  return nullptr;
}

schema::ModelConfigT Executable::config() const {
  schema::ModelConfigT config;
  if (root_->config())
    root_->config()->UnPackTo(&config);
  return config;
}

uint32_t Executable::vocabulary() const {
  uint64_t vocabulary = root_->config() ? root_->config()->vocab() : 0;
  return vocabulary ? static_cast<uint32_t>(std::min<uint64_t>(vocabulary, 1u << 31)) : 1u << 31;
}

const schema::Binding *Executable::binding(std::string_view name) const { return find(root_->bindings(), name); }
const schema::Entry *Executable::entry(std::string_view name) const { return find(root_->entries(), name); }
const schema::Parameter *Executable::parameter(std::string_view name) const { return find(root_->parameters(), name); }
