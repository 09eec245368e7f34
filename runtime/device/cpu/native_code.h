#ifndef TRITTER_RUNTIME_DEVICE_CPU_NATIVE_CODE_H
#define TRITTER_RUNTIME_DEVICE_CPU_NATIVE_CODE_H

#include "runtime/device/executor.h"

namespace tritter {

/// An executable's shared object of native kernels, loaded from memory; unloaded with the object.
class NativeCode {
public:
  /// Null where this processor cannot run it, or there is none.
  static Result<std::shared_ptr<const NativeCode>> load(const schema::NativeCode *code);
  ~NativeCode();

  /// The kernel named by its symbol; keeps the code loaded.
  static Result<std::unique_ptr<KernelCode>> kernel(const std::shared_ptr<const NativeCode> &code,
                                                    const schema::Kernel &kernel);

private:
  NativeCode(void *handle, int file) : handle_(handle), file_(file) {}
  void *handle_;
  /// The memory file, kept open: dlopen knows objects by their names, and this one's is its number.
  int file_;
};

/// Whether this processor has all of LLVM's "+feature,-feature" list that vector code may use.
bool processorHas(std::string_view features);

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_CPU_NATIVE_CODE_H
