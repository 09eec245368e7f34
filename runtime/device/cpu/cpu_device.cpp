#include "runtime/device/cpu/cpu_device.h"

#include "runtime/device/cpu/attention.h"
#include "runtime/device/cpu/blocked_gemm.h"
#include "runtime/device/cpu/gemm.h"
#include "runtime/device/cpu/native_code.h"
#include "runtime/device/cpu/product_peak.h"
#include "runtime/device/host_memory.h"
#include "runtime/device/reference/attention.h"
#include "runtime/device/reference/interpreter.h"
#include "runtime/device/reference/products.h"
#include "runtime/device/registry.h"

#include <omp.h>

using namespace tritter;

namespace {

class CpuSession final : public Executor {
public:
  CpuSession(std::shared_ptr<const Executable> executable, const DeviceOptions &options,
             std::shared_ptr<const NativeCode> native)
      : Executor(std::move(executable), options), native_(std::move(native)) {}

protected:
  Result<std::unique_ptr<KernelCode>> makeKernel(const schema::Kernel &kernel, size_t number) override {
    std::unique_ptr<KernelCode> code;
    if (native_) {
      TRITTER_ASSIGN(code, NativeCode::kernel(native_, number));
    }
    return code ? std::move(code) : interpretKernel(kernel);
  }

  Status prepareGemm(const schema::Gemm &gemm, size_t step) override {
    products_.resize(stepCount());
    products_[step] = LibraryGemm::create(gemm);
    return {};
  }
  void gemm(const schema::Gemm &gemm, size_t step, const GemmPointers &pointers) override {
    if (LibraryGemm *product = products_[step].get())
      product->run(pointers);
    else
      referenceGemm(gemm, pointers);
  }

  void attention(const schema::Attention &attention, const AttentionPointers &pointers) override {
    if (attention.dtype() == schema::DType::F64)
      referenceAttention(attention, pointers);
    else
      attention_.forward(attention, pointers);
  }
  void attentionBackward(const schema::AttentionBackward &backward,
                         const AttentionBackwardPointers &pointers) override {
    if (backward.forward()->dtype() == schema::DType::F64)
      referenceAttentionBackward(backward, pointers);
    else
      attention_.backward(backward, pointers);
  }

private:
  std::shared_ptr<const NativeCode> native_;
  /// By step; null for what is no product or not oneDNN's.
  std::vector<std::unique_ptr<LibraryGemm>> products_;
  TiledAttention attention_;
};

class CpuDevice final : public Device {
public:
  explicit CpuDevice(const DeviceOptions &options) : options_(options) {}

  std::string_view name() const override { return "cpu"; }
  DeviceMemory memory() const override { return hostMemory(); }
  uint64_t scratchBytes() const override {
    int threads = options_.threads ? options_.threads : omp_get_max_threads();
    return static_cast<uint64_t>(threads) * blockedGemmScratch();
  }
  double productPeak(schema::DType type) override { return measureProductPeak(type, options_.threads); }

  Result<std::unique_ptr<Session>> load(std::shared_ptr<const Executable> executable) override {
    std::shared_ptr<const NativeCode> native;
    if (options_.native) {
      TRITTER_ASSIGN(native, NativeCode::load(**executable));
    }
    auto session = std::make_unique<CpuSession>(std::move(executable), options_, std::move(native));
    TRITTER_RETURN_IF_ERROR(session->initialize());
    return std::unique_ptr<Session>(std::move(session));
  }

private:
  DeviceOptions options_;
};

} // namespace

std::unique_ptr<Device> tritter::createCpuDevice(const DeviceOptions &options) {
  return std::make_unique<CpuDevice>(options);
}

static const DeviceRegistration
    registration({.name = "cpu", .target = "cpu", .available = [] { return Status(); }, .create = createCpuDevice});
