#ifndef TRITTER_TOOLS_TRITTER_RUN_CHECKPOINT_TEXT_H
#define TRITTER_TOOLS_TRITTER_RUN_CHECKPOINT_TEXT_H

#include "output.h"
#include "runtime/checkpoint/checkpoint.h"

#include <string>

namespace tritter {

/// "exact, bitwise", "not-preserved: first broken at layers.4: ...", "none".
std::string describeProof(const std::string &verdict, bool bitwise, const std::string &firstBroken,
                          const std::string &reason = "");
/// "9f3c..a1".
std::string shortIdentity(const std::string &identity);
/// A number of the model's configuration; 0 where it has none of that name.
uint64_t configNumber(const CheckpointReader &checkpoint, const char *key);
/// The text of a string that may be absent.
inline std::string text(const flatbuffers::String *string) { return string ? string->str() : std::string(); }
/// The last growth in a checkpoint's history; null where there is none.
const schema::Record *lastGrowth(const CheckpointReader &checkpoint);
/// Elements of the values of all tensors.
uint64_t countParameters(const CheckpointReader &checkpoint);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_CHECKPOINT_TEXT_H
