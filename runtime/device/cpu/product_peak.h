#ifndef TRITTER_RUNTIME_DEVICE_CPU_PRODUCT_PEAK_H
#define TRITTER_RUNTIME_DEVICE_CPU_PRODUCT_PEAK_H

#include "runtime/schema/executable_generated.h"

namespace tritter {

/// Operations a second of the best of many matrix products of 1024 x 1024 elements by oneDNN on `threads` threads (0:
/// as many as there are), its weights packed beforehand; takes 0.2 s. 0 where the library cannot do it.
double measureProductPeak(schema::DType type, int threads);

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_CPU_PRODUCT_PEAK_H
