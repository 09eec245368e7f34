#ifndef TRITTER_RUNTIME_DEVICE_REFERENCE_VECTOR_OPS_H
#define TRITTER_RUNTIME_DEVICE_REFERENCE_VECTOR_OPS_H

#include "runtime/schema/executable_generated.h"

#include <cstddef>
#include <cstdint>

namespace tritter {

/// Columns that the interpreter works on at once; a multiple of `reductionLanes`.
constexpr int64_t chunkColumns = 256;
/// Partial results of a reduction: column c goes into lane c % reductionLanes.
constexpr int64_t reductionLanes = 16;

/// result[i] = opcode(a[i], b[i], c[i]) for the arithmetic opcodes; the result may be one of the operands.
void applyVector(schema::Opcode opcode, int64_t count, float *result, const float *a, const float *b, const float *c);
void applyVector(schema::Opcode opcode, int64_t count, double *result, const double *a, const double *b,
                 const double *c);

/// lanes[i % reductionLanes] += values[i], or the maximum of both.
void reduceVector(schema::Opcode opcode, int64_t count, float *lanes, const float *values);
void reduceVector(schema::Opcode opcode, int64_t count, double *lanes, const double *values);

/// `count` elements, `stride` elements apart, to or from a register.
void loadVector(schema::DType type, int64_t count, int64_t stride, float *result, const void *source);
void loadVector(schema::DType type, int64_t count, int64_t stride, double *result, const void *source);
void storeVector(schema::DType type, int64_t count, int64_t stride, void *destination, const float *values);
void storeVector(schema::DType type, int64_t count, int64_t stride, void *destination, const double *values);

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_REFERENCE_VECTOR_OPS_H
