#ifndef TRITTER_RUNTIME_TRAIN_OPERATIONS_H
#define TRITTER_RUNTIME_TRAIN_OPERATIONS_H

#include "runtime/executable/executable.h"

namespace tritter {

/// Floating-point operations of training on one token: 6 N + 6 L d T, N the parameters (the embedding's rows counted
/// only where the head uses them too), d the width of a layer's queries, causal attention halved. What is frozen costs
/// no weight gradient, and below the first thing trained there is no backward pass at all.
double operationsPerToken(const Executable &executable);

/// Elements of all parameters, and of those that are trained.
uint64_t countParameters(const Executable &executable);
uint64_t countTrained(const Executable &executable);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_OPERATIONS_H
