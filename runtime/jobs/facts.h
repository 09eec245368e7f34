#ifndef TRITTER_RUNTIME_JOBS_FACTS_H
#define TRITTER_RUNTIME_JOBS_FACTS_H

#include "runtime/checkpoint/checkpoint.h"
#include "runtime/executable/executable.h"

#include <string>

/// What checkpoints and executables say of themselves.
namespace tritter {

/// The text of a string that may be absent.
inline std::string text(const flatbuffers::String *string) { return string ? string->str() : std::string(); }
/// What its model is; all zeros where it does not say.
schema::ModelConfigT modelConfig(const CheckpointReader &checkpoint);
/// The last growth in a checkpoint's history; null where there is none.
const schema::Record *lastGrowth(const CheckpointReader &checkpoint);
/// Steps that a checkpoint was trained since its last growth; since its beginning where there is none.
uint64_t stepsSinceGrowth(const CheckpointReader &checkpoint);
/// What to say of windows that are longer than what a model was made for; empty where they are not.
std::string describeLongSequence(uint64_t sequence, const schema::ModelConfigT &config);
/// Elements of the values of all tensors.
uint64_t countParameters(const CheckpointReader &checkpoint);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_FACTS_H
