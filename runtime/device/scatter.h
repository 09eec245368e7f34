#ifndef TRITTER_RUNTIME_DEVICE_SCATTER_H
#define TRITTER_RUNTIME_DEVICE_SCATTER_H

#include "runtime/schema/executable_generated.h"

#include <cstddef>

namespace tritter {

/// table[indices[r], :] += source[r, :] in the order of r, by the whole team: a thread owns columns.
void scatterAdd(const schema::ScatterAdd &command, const std::byte *indices, const std::byte *source, std::byte *table);

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_SCATTER_H
