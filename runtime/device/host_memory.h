#ifndef TRITTER_RUNTIME_DEVICE_HOST_MEMORY_H
#define TRITTER_RUNTIME_DEVICE_HOST_MEMORY_H

#include "runtime/device/device.h"

namespace tritter {

/// The memory of this machine, for devices that work in it.
DeviceMemory hostMemory();

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_HOST_MEMORY_H
