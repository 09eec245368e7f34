#ifndef TRITTER_TOOLS_TRITTER_RUN_CHECKPOINT_TEXT_H
#define TRITTER_TOOLS_TRITTER_RUN_CHECKPOINT_TEXT_H

#include <string>

/// Facts of checkpoints as people read them.
namespace tritter {

/// "exact, bitwise", "rounding, within 6.0e-08 relative", "not-preserved: first broken at layers.4: ...", "none".
std::string describeProof(const std::string &verdict, bool bitwise, double relativeError,
                          const std::string &firstBroken, const std::string &reason = "");
/// "9f3c..a1".
std::string shortIdentity(const std::string &identity);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_CHECKPOINT_TEXT_H
