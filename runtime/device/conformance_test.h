#ifndef TRITTER_RUNTIME_DEVICE_CONFORMANCE_TEST_H
#define TRITTER_RUNTIME_DEVICE_CONFORMANCE_TEST_H

#include "runtime/device/executable_builder.h"
#include "runtime/device/registry.h"

namespace tritter::testing {

/// A device under test, on one thread or several.
struct DeviceCase {
  const DeviceKind *kind;
  int threads;
};

/// What every device must do; one that cannot be had on this machine is skipped, and says why.
class Conformance : public ::testing::TestWithParam<DeviceCase> {
protected:
  void SetUp() override {
    if (Status available = GetParam().kind->available(); !available.ok())
      GTEST_SKIP() << GetParam().kind->name << ": " << available.message();
    device = GetParam().kind->create({.threads = GetParam().threads});
  }

  std::unique_ptr<Device> device;
};

/// Every registered device.
inline std::vector<DeviceCase> deviceCases() {
  std::vector<DeviceCase> cases;
  for (const DeviceKind &kind : deviceKinds())
    for (int threads : {1, 3})
      cases.push_back({&kind, threads});
  return cases;
}

#define TRITTER_CONFORMANCE(suite)                                                                                     \
  INSTANTIATE_TEST_SUITE_P(, suite, ::testing::ValuesIn(tritter::testing::deviceCases()), [](const auto &info) {       \
    return std::string(info.param.kind->name) + std::to_string(info.param.threads);                                    \
  })

} // namespace tritter::testing

#endif // TRITTER_RUNTIME_DEVICE_CONFORMANCE_TEST_H
