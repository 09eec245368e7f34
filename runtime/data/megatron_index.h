#ifndef TRITTER_RUNTIME_DATA_MEGATRON_INDEX_H
#define TRITTER_RUNTIME_DATA_MEGATRON_INDEX_H

#include "runtime/base/status.h"

#include <optional>
#include <string>

namespace tritter {

/// What Megatron-LM's index (`.idx`) says of the tokens in the `.bin` beside it.
struct MegatronTokens {
  /// As NumPy calls it, such as uint16.
  std::string type;
  int tokenBytes = 2;
};

/// Nothing where there is no such file, or where it is no index of Megatron's; an error where it is one of a version or
/// a type that has no tokens.
Result<std::optional<MegatronTokens>> readMegatronIndex(const std::string &path);

} // namespace tritter

#endif // TRITTER_RUNTIME_DATA_MEGATRON_INDEX_H
