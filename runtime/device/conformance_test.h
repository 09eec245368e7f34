#ifndef TRITTER_RUNTIME_DEVICE_CONFORMANCE_TEST_H
#define TRITTER_RUNTIME_DEVICE_CONFORMANCE_TEST_H

#include "runtime/device/executable_builder.h"

namespace tritter::testing {

/// A device under test, on one thread or several.
struct DeviceCase {
  const char *name;
  std::unique_ptr<Device> (*create)(const DeviceOptions &);
  int threads;
};

/// What every device must do; a new device adds itself to `devices`.
class Conformance : public ::testing::TestWithParam<DeviceCase> {
protected:
  std::unique_ptr<Device> device = GetParam().create({.threads = GetParam().threads});
};

inline const DeviceCase devices[] = {{"reference1", createReferenceDevice, 1},
                                     {"reference3", createReferenceDevice, 3},
                                     {"cpu1", createCpuDevice, 1},
                                     {"cpu3", createCpuDevice, 3}};

#define TRITTER_CONFORMANCE(suite)                                                                                     \
  INSTANTIATE_TEST_SUITE_P(, suite, ::testing::ValuesIn(tritter::testing::devices),                                    \
                           [](const auto &info) { return std::string(info.param.name); })

} // namespace tritter::testing

#endif // TRITTER_RUNTIME_DEVICE_CONFORMANCE_TEST_H
