#ifndef TRITTER_RUNTIME_DEVICE_REFERENCE_ATTENTION_H
#define TRITTER_RUNTIME_DEVICE_REFERENCE_ATTENTION_H

#include "runtime/device/executor.h"

namespace tritter {

/// One query at a time, as the formula says. The same bits for any number of threads.
void referenceAttention(const schema::Attention &attention, const AttentionPointers &pointers);
void referenceAttentionBackward(const schema::AttentionBackward &backward, const AttentionBackwardPointers &pointers);

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_REFERENCE_ATTENTION_H
