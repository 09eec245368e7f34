#ifndef TRITTER_RUNTIME_EXECUTABLE_EXECUTABLE_H
#define TRITTER_RUNTIME_EXECUTABLE_EXECUTABLE_H

#include "runtime/base/status.h"
#include "runtime/schema/executable_generated.h"

#include <memory>
#include <string>
#include <vector>

namespace tritter {

/// An executable (.texe) that has passed FlatBuffers' verifier and our own checks: every index (arena, kernel,
/// sequence, slot, view, register) in range, every location inside its arena, calls without recursion, versions equal.
/// Devices rely on it and check nothing again.
class Executable {
public:
  static Result<std::shared_ptr<const Executable>> load(const std::string &path);
  static Result<std::shared_ptr<const Executable>> fromBytes(std::vector<std::byte> bytes);

  const schema::Executable &operator*() const { return *root_; }
  const schema::Executable *operator->() const { return root_; }

  /// Null where there is none of that name.
  const schema::Binding *binding(std::string_view name) const;
  const schema::Entry *entry(std::string_view name) const;
  const schema::Parameter *parameter(std::string_view name) const;

private:
  std::vector<std::byte> bytes_;
  const schema::Executable *root_ = nullptr;
};

/// Bytes of one element.
size_t sizeOf(schema::DType type);
std::string_view nameOf(schema::DType type);

} // namespace tritter

#endif // TRITTER_RUNTIME_EXECUTABLE_EXECUTABLE_H
