#include "runtime/device/registry.h"

#include <algorithm>

using namespace tritter;

/// Made by the first registration, whichever file that is in.
static std::vector<DeviceKind> &registered() {
  static std::vector<DeviceKind> kinds;
  return kinds;
}

DeviceRegistration::DeviceRegistration(const DeviceKind &kind) {
  std::vector<DeviceKind> &kinds = registered();
  kinds.insert(
      std::find_if(kinds.begin(), kinds.end(), [&](const DeviceKind &other) { return kind.name < other.name; }), kind);
}

std::span<const DeviceKind> tritter::deviceKinds() { return registered(); }

const DeviceKind *tritter::findDevice(std::string_view name) {
  for (const DeviceKind &kind : deviceKinds())
    if (kind.name == name)
      return &kind;
  return nullptr;
}

std::string tritter::deviceNames() {
  std::string names;
  std::span<const DeviceKind> kinds = deviceKinds();
  for (size_t i = 0; i < kinds.size(); ++i)
    names += fmt::format("{}{}", i == 0 ? "" : i + 1 == kinds.size() ? " or " : ", ", kinds[i].name);
  return names;
}

Result<std::unique_ptr<Device>> tritter::createDevice(std::string_view name, const DeviceOptions &options) {
  const DeviceKind *kind = findDevice(name);
  if (!kind)
    return error("--device {}: {} was expected", name, deviceNames());
  TRITTER_RETURN_IF_ERROR(kind->available().within(fmt::format("--device {}", name)));
  return kind->create(options);
}
