#include "runtime/device/device.h"

using namespace tritter;

std::unique_ptr<Device> tritter::createCpuDevice(const DeviceOptions &options) {
  return createReferenceDevice(options);
}
