#ifndef TRITTER_RUNTIME_DEVICE_CPU_CPU_DEVICE_H
#define TRITTER_RUNTIME_DEVICE_CPU_CPU_DEVICE_H

#include "runtime/device/device.h"

namespace tritter {

/// Native kernels where the executable has them for this processor (the interpreter where not), products by oneDNN.
std::unique_ptr<Device> createCpuDevice(const DeviceOptions &options = {});

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_CPU_CPU_DEVICE_H
