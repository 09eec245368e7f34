#ifndef TRITTER_RUNTIME_TRAIN_OPERATIONS_H
#define TRITTER_RUNTIME_TRAIN_OPERATIONS_H

#include "runtime/executable/executable.h"

namespace tritter {

/// Floating-point operations of the entry `step` for each of its tokens (see Entry.operations); 0 where there is none.
double operationsPerToken(const Executable &executable);

/// Elements of all parameters, and of those that are trained.
uint64_t countParameters(const Executable &executable);
uint64_t countTrained(const Executable &executable);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_OPERATIONS_H
