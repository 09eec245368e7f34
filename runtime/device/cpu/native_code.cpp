#include "runtime/device/cpu/native_code.h"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace tritter;

bool tritter::processorHas(std::string_view features) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  struct Feature {
    std::string_view name;
    bool present;
  };
  // What vector code is made of; the rest of LLVM's list no kernel uses.
#define FEATURE(name)                                                                                                  \
  { name, bool(__builtin_cpu_supports(name)) }
  const Feature known[] = {FEATURE("sse3"),         FEATURE("ssse3"),
                           FEATURE("sse4.1"),       FEATURE("sse4.2"),
                           FEATURE("popcnt"),       FEATURE("avx"),
                           FEATURE("avx2"),         FEATURE("fma"),
                           FEATURE("f16c"),         FEATURE("bmi"),
                           FEATURE("bmi2"),         FEATURE("lzcnt"),
                           FEATURE("movbe"),        FEATURE("avx512f"),
                           FEATURE("avx512cd"),     FEATURE("avx512bw"),
                           FEATURE("avx512dq"),     FEATURE("avx512vl"),
                           FEATURE("avx512ifma"),   FEATURE("avx512vbmi"),
                           FEATURE("avx512vbmi2"),  FEATURE("avx512vnni"),
                           FEATURE("avx512bitalg"), FEATURE("avx512vpopcntdq"),
                           FEATURE("avx512bf16"),   FEATURE("avx512vp2intersect"),
                           FEATURE("avx512fp16"),   FEATURE("gfni"),
                           FEATURE("vpclmulqdq"),   FEATURE("avxvnni"),
                           FEATURE("amx-tile"),     FEATURE("amx-bf16"),
                           FEATURE("amx-int8")};
#undef FEATURE
  while (!features.empty()) {
    size_t end = std::min(features.find(','), features.size());
    std::string_view feature = features.substr(0, end);
    features.remove_prefix(std::min(end + 1, features.size()));
    if (feature.empty() || feature[0] != '+')
      continue;
    for (const Feature &entry : known)
      if (entry.name == feature.substr(1) && !entry.present)
        return false;
  }
  return true;
#else
  return features.empty();
#endif
}

static bool runsHere(const schema::Target &target) {
#if defined(__x86_64__)
  constexpr std::string_view architecture = "x86_64";
#elif defined(__aarch64__)
  constexpr std::string_view architecture = "aarch64";
#else
  constexpr std::string_view architecture = "unknown";
#endif
  return textOf(target.name()) == "cpu" && sizeOf(target.code()) > 0 &&
         textOf(target.triple()).starts_with(architecture) && processorHas(textOf(target.features()));
}

NativeCode::NativeCode(void *handle, int file, const schema::Target &target) : handle_(handle), file_(file) {
  for (const schema::KernelCode *code : elements(target.kernels()))
    symbols_[code->kernel()] = textOf(code->symbol());
}

Result<std::shared_ptr<const NativeCode>> NativeCode::load(const schema::Executable &executable) {
  const schema::Target *target = nullptr;
  for (const schema::Target *candidate : elements(executable.targets()))
    if (!target && runsHere(*candidate))
      target = candidate;
  if (!target)
    return std::shared_ptr<const NativeCode>();
  int file = memfd_create("tritter-kernels", MFD_CLOEXEC);
  if (file < 0)
    return error("no memory file for the native kernels: {}", std::strerror(errno));
  const uint8_t *bytes = target->code()->data();
  size_t left = target->code()->size();
  while (left > 0) {
    ssize_t written = write(file, bytes, left);
    if (written < 0) {
      Status status = error("the native kernels could not be written to memory: {}", std::strerror(errno));
      close(file);
      return status;
    }
    bytes += written;
    left -= size_t(written);
  }
  void *handle = dlopen(fmt::format("/proc/self/fd/{}", file).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    close(file);
    return error("the native kernels could not be loaded ({}); compile the executable again", dlerror());
  }
  return std::shared_ptr<const NativeCode>(new NativeCode(handle, file, *target));
}

NativeCode::~NativeCode() {
  dlclose(handle_);
  close(file_);
}

namespace {

class NativeKernel final : public KernelCode {
public:
  using Function = void (*)(void *const *operands, int64_t rowBegin, int64_t rowEnd, int64_t block);

  NativeKernel(std::shared_ptr<const NativeCode> code, Function function)
      : code_(std::move(code)), function_(function) {}

  void run(void *const *operands, int64_t rowBegin, int64_t rowEnd, int64_t block) const override {
    function_(operands, rowBegin, rowEnd, block);
  }

private:
  std::shared_ptr<const NativeCode> code_;
  Function function_;
};

} // namespace

Result<std::unique_ptr<KernelCode>> NativeCode::kernel(const std::shared_ptr<const NativeCode> &code, size_t number) {
  auto found = code->symbols_.find(number);
  if (found == code->symbols_.end())
    return std::unique_ptr<KernelCode>();
  void *symbol = dlsym(code->handle_, found->second.c_str());
  if (!symbol)
    return error("it is not among the native kernels as '{}'; compile the executable again", found->second);
  return std::unique_ptr<KernelCode>(
      std::make_unique<NativeKernel>(code, reinterpret_cast<NativeKernel::Function>(symbol)));
}
