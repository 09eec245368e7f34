#ifndef TRITTER_RUNTIME_DEVICE_REFERENCE_INTERPRETER_H
#define TRITTER_RUNTIME_DEVICE_REFERENCE_INTERPRETER_H

#include "runtime/device/executor.h"

namespace tritter {

/// Runs a kernel instruction by instruction, each over a chunk of columns. The same bits however rows are split.
/// `kernel` must live as long as the result.
std::unique_ptr<KernelCode> interpretKernel(const schema::Kernel &kernel);

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_REFERENCE_INTERPRETER_H
