#ifndef TRITTER_RUNTIME_DEVICE_CPU_NATIVE_CODE_H
#define TRITTER_RUNTIME_DEVICE_CPU_NATIVE_CODE_H

#include "runtime/device/executor.h"

#include <map>

namespace tritter {

/// An executable's shared object of native kernels, loaded from memory; unloaded with the object.
class NativeCode {
public:
  /// The first of the executable's targets that this processor can run; null where there is none.
  static Result<std::shared_ptr<const NativeCode>> load(const schema::Executable &executable);
  ~NativeCode();

  /// The kernel of this number, which keeps the code loaded; null where there is no function for it.
  static Result<std::unique_ptr<KernelCode>> kernel(const std::shared_ptr<const NativeCode> &code, size_t number);

private:
  NativeCode(void *handle, int file, const schema::Target &target);
  void *handle_;
  /// The symbol of each kernel that has one.
  std::map<size_t, std::string> symbols_;
  /// The memory file, kept open: dlopen knows objects by their names, and this one's is its number.
  int file_;
};

/// Whether this processor has all of LLVM's "+feature,-feature" list that vector code may use.
bool processorHas(std::string_view features);

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_CPU_NATIVE_CODE_H
