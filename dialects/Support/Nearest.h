#ifndef TRITTER_DIALECTS_SUPPORT_NEAREST_H
#define TRITTER_DIALECTS_SUPPORT_NEAREST_H

#include "mlir/Support/LLVM.h"

#include <optional>

namespace mlir::tritter {

/// The candidate that `word` was most likely meant to be; none where all are far from it.
std::optional<StringRef> nearest(StringRef word, ArrayRef<StringRef> candidates);

} // namespace mlir::tritter

#endif // TRITTER_DIALECTS_SUPPORT_NEAREST_H
