#ifndef TRITTER_RUNTIME_DEVICE_REGISTRY_H
#define TRITTER_RUNTIME_DEVICE_REGISTRY_H

#include "runtime/device/device.h"

#include <span>

namespace tritter {

/// A kind of device, as its folder registers it. Nothing else in the program lists devices.
struct DeviceKind {
  /// As --device names it.
  std::string_view name;
  /// Which of an executable's targets it runs (schema Target.name); none: it interprets.
  std::string_view target;
  /// Why it cannot be had on this machine; ok where it can.
  Status (*available)();
  /// Only where available() is ok.
  std::unique_ptr<Device> (*create)(const DeviceOptions &options);
};

/// `static const DeviceRegistration registration({"cpu", ...});` in a device's folder registers it as the program
/// starts. Its objects must be linked whole: CMakeLists.txt adds each folder as an object library.
struct DeviceRegistration {
  explicit DeviceRegistration(const DeviceKind &kind);
};

/// All kinds, by name.
std::span<const DeviceKind> deviceKinds();
/// Null where there is none of that name.
const DeviceKind *findDevice(std::string_view name);
/// "cpu or reference", for help and messages.
std::string deviceNames();

/// A device by its name; the error says which there are, or why this one cannot be had.
Result<std::unique_ptr<Device>> createDevice(std::string_view name, const DeviceOptions &options = {});

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_REGISTRY_H
