#include "runtime/device/reference/reference_device.h"

#include "runtime/device/host_memory.h"
#include "runtime/device/reference/attention.h"
#include "runtime/device/reference/interpreter.h"
#include "runtime/device/reference/products.h"
#include "runtime/device/registry.h"

using namespace tritter;

namespace {

class ReferenceSession final : public Executor {
public:
  using Executor::Executor;

protected:
  Result<std::unique_ptr<KernelCode>> makeKernel(const schema::Kernel &kernel, size_t) override {
    return interpretKernel(kernel);
  }
  void gemm(const schema::Gemm &gemm, size_t step, const GemmPointers &pointers) override {
    referenceGemm(gemm, pointers);
  }
  void attention(const schema::Attention &attention, const AttentionPointers &pointers) override {
    referenceAttention(attention, pointers);
  }
  void attentionBackward(const schema::AttentionBackward &backward,
                         const AttentionBackwardPointers &pointers) override {
    referenceAttentionBackward(backward, pointers);
  }
};

class ReferenceDevice final : public Device {
public:
  explicit ReferenceDevice(const DeviceOptions &options) : options_(options) {}

  std::string_view name() const override { return "reference"; }
  DeviceMemory memory() const override { return hostMemory(); }

  Result<std::unique_ptr<Session>> load(std::shared_ptr<const Executable> executable) override {
    auto session = std::make_unique<ReferenceSession>(std::move(executable), options_);
    TRITTER_RETURN_IF_ERROR(session->initialize());
    return std::unique_ptr<Session>(std::move(session));
  }

private:
  DeviceOptions options_;
};

} // namespace

std::unique_ptr<Device> tritter::createReferenceDevice(const DeviceOptions &options) {
  return std::make_unique<ReferenceDevice>(options);
}

static const DeviceRegistration registration(
    {.name = "reference", .target = "none", .available = [] { return Status(); }, .create = createReferenceDevice});
