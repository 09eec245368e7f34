#ifndef TRITTER_RUNTIME_CHECKPOINT_NOT_FINITE_H
#define TRITTER_RUNTIME_CHECKPOINT_NOT_FINITE_H

#include "runtime/checkpoint/checkpoint.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tritter {

/// A tensor with numbers in it that are none.
struct NotFinite {
  std::string name, kind;
  uint64_t nans = 0, infinities = 0, elements = 0;
  /// Where the first of them stands.
  uint64_t first = 0;
};

/// Every tensor of a checkpoint that holds a NaN or an infinity, of its parameters, and of their states where `states` says
/// so. Reads all of them.
std::vector<NotFinite> findNotFinite(const CheckpointReader &checkpoint, bool states = false);

/// "layers.1.mlp.up.weight is not finite: 1 NaN among 1,536 numbers, the first at 100", and how many tensors more.
std::string describe(const std::vector<NotFinite> &tensors);
/// Their names.
std::vector<std::string> namesOf(const std::vector<NotFinite> &tensors);

} // namespace tritter

#endif // TRITTER_RUNTIME_CHECKPOINT_NOT_FINITE_H
