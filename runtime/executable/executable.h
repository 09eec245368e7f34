#ifndef TRITTER_RUNTIME_EXECUTABLE_EXECUTABLE_H
#define TRITTER_RUNTIME_EXECUTABLE_EXECUTABLE_H

#include "runtime/base/status.h"
#include "runtime/schema/executable_generated.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tritter {

/// An executable (.texe) that has passed FlatBuffers' verifier and our own checks: every index (arena, kernel,
/// sequence, slot, view, register) in range, every location inside its arena, calls without recursion, versions equal,
/// and no command that reaches outside the arenas when run from an entry (but for the rows that a Gather or ScatterAdd
/// index chooses: the host checks token ids). Devices rely on it and check nothing again.
class Executable {
public:
  /// A file ends with a hash of itself (executable/seal.h), but for those of old versions. It carries native code, which
  /// runs with all rights of this process: whoever loads one trusts who made it.
  static Result<std::shared_ptr<const Executable>> load(const std::string &path);
  /// The same from memory, where there may be no hash.
  static Result<std::shared_ptr<const Executable>> fromBytes(std::vector<std::byte> bytes);

  const schema::Executable &operator*() const { return *root_; }
  const schema::Executable *operator->() const { return root_; }

  /// Null where there is none of that name.
  const schema::Binding *binding(std::string_view name) const;
  const schema::Entry *entry(std::string_view name) const;
  const schema::Parameter *parameter(std::string_view name) const;
  /// What its model is; all zeros where it does not say.
  schema::ModelConfigT config() const;
  /// Every token id is below this: the model's vocabulary; the largest there is where it does not say.
  uint32_t vocabulary() const;

private:
  static Result<std::shared_ptr<const Executable>> read(std::vector<std::byte> bytes, bool sealed);

  std::vector<std::byte> bytes_;
  const schema::Executable *root_ = nullptr;
};

/// Bytes of one element.
size_t sizeOf(schema::DType type);
std::string_view nameOf(schema::DType type);

/// FlatBuffers leaves empty vectors and strings out and gives null for them: these read them as empty.
template <typename T> size_t sizeOf(const flatbuffers::Vector<T> *vector) { return vector ? vector->size() : 0; }
inline std::string_view textOf(const flatbuffers::String *string) {
  return string ? string->string_view() : std::string_view();
}

/// A table as an object of its own; null for a table that is not there.
template <typename T> auto unpacked(const T *table) {
  using Object = std::remove_pointer_t<decltype(table->UnPack())>;
  return std::unique_ptr<Object>(table ? table->UnPack() : nullptr);
}

/// `for (const auto *x : elements(vector))`, of a vector that may be null.
template <typename T> struct Elements {
  const flatbuffers::Vector<T> *vector;
  auto begin() const { return vector ? vector->begin() : typename flatbuffers::Vector<T>::const_iterator(nullptr, 0); }
  auto end() const { return vector ? vector->end() : typename flatbuffers::Vector<T>::const_iterator(nullptr, 0); }
};
template <typename T> Elements<T> elements(const flatbuffers::Vector<T> *vector) { return {vector}; }

} // namespace tritter

#endif // TRITTER_RUNTIME_EXECUTABLE_EXECUTABLE_H
