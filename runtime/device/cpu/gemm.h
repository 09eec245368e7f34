#ifndef TRITTER_RUNTIME_DEVICE_CPU_GEMM_H
#define TRITTER_RUNTIME_DEVICE_CPU_GEMM_H

#include "runtime/device/executor.h"

namespace tritter {

/// A product of one shape, made ready for oneDNN's matmul on the plain layouts that the command says; made once, run
/// many times on other pointers (by one thread at a time, which brings the team).
class LibraryGemm {
public:
  virtual ~LibraryGemm() = default;
  virtual void run(const GemmPointers &pointers) = 0;

  /// Null where oneDNN does not do it (f64).
  static std::unique_ptr<LibraryGemm> create(const schema::Gemm &gemm);
};

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_CPU_GEMM_H
