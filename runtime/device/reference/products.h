#ifndef TRITTER_RUNTIME_DEVICE_REFERENCE_PRODUCTS_H
#define TRITTER_RUNTIME_DEVICE_REFERENCE_PRODUCTS_H

#include "runtime/device/executor.h"

namespace tritter {

/// A product, summed over k in order in f32 (f64 in f64), bias and then c added, rounded once. Blocked for the caches,
/// and the same bits for any number of threads.
void referenceGemm(const schema::Gemm &gemm, const GemmPointers &pointers);

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_REFERENCE_PRODUCTS_H
