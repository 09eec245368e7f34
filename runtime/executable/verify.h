#ifndef TRITTER_RUNTIME_EXECUTABLE_VERIFY_H
#define TRITTER_RUNTIME_EXECUTABLE_VERIFY_H

#include "runtime/base/status.h"
#include "runtime/schema/executable_generated.h"

namespace tritter {

/// All that FlatBuffers' verifier cannot know: indices, locations, kernels' views and registers, calls, extents.
Status verifyExecutable(const schema::Executable &executable);

/// Checks the sequences (operands there and in range, calls without recursion), works out how many bytes each one needs
/// behind each of its slots, and compares that with the arenas where an entry runs it.
Status verifyExtents(const schema::Executable &executable);

} // namespace tritter

#endif // TRITTER_RUNTIME_EXECUTABLE_VERIFY_H
