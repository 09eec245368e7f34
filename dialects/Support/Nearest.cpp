#include "dialects/Support/Nearest.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

using namespace mlir;

std::optional<StringRef> tritter::nearest(StringRef word, ArrayRef<StringRef> candidates) {
  const StringRef *best = nullptr;
  unsigned most = std::max<size_t>(1, word.size() / 3);
  for (const StringRef &candidate : candidates) {
    unsigned distance = word.edit_distance_insensitive(candidate, /*AllowReplacements=*/true, most);
    if (distance <= most) {
      best = &candidate;
      most = distance - (distance > 0);
      if (distance == 0)
        break;
    }
  }
  return best ? std::optional<StringRef>(*best) : std::nullopt;
}
