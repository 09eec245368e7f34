#ifndef TRITTER_SUPPORT_NESTING_H
#define TRITTER_SUPPORT_NESTING_H

#include "mlir/Support/LLVM.h"

namespace mlir::tritter {

/// Brackets in one another that are read, at most: parsers go a level deeper on the stack for each.
inline constexpr unsigned mostNesting = 256;

/// Whether brackets of IR or JSON, outside of its strings and comments, stand in one another more than `mostNesting`
/// deep.
bool nestsTooDeep(StringRef text);

/// Whether an `array<index: ...>` stands in a text of IR, on which MLIR 22's parser crashes.
bool hasIndexArray(StringRef text);

} // namespace mlir::tritter

#endif // TRITTER_SUPPORT_NESTING_H
