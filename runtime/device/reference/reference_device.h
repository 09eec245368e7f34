#ifndef TRITTER_RUNTIME_DEVICE_REFERENCE_REFERENCE_DEVICE_H
#define TRITTER_RUNTIME_DEVICE_REFERENCE_REFERENCE_DEVICE_H

#include "runtime/device/device.h"

namespace tritter {

/// The interpreter and naive products, in f32 and f64: slow, plain, the oracle of every other device.
std::unique_ptr<Device> createReferenceDevice(const DeviceOptions &options = {});

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_REFERENCE_REFERENCE_DEVICE_H
