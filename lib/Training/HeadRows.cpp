#include "HeadRows.h"

#include "mlir/IR/Diagnostics.h"

using namespace mlir;

/// Each piece is a command of its own.
static constexpr int64_t mostPieces = int64_t(1) << 16;

FailureOr<int64_t> tritter::chooseHeadRows(Location loc, int64_t allRows, int64_t mostRows) {
  int64_t rows = std::min(allRows, mostRows);
  while (allRows % rows)
    --rows;
  if (allRows / rows <= mostPieces)
    return rows;
  int64_t wanted = (allRows + mostPieces - 1) / mostPieces;
  while (allRows % wanted)
    ++wanted;
  return mlir::emitError(loc) << "head-rows " << mostRows << " would cut " << allRows << " rows of logits into "
                              << allRows / rows << " pieces; " << mostPieces << " at most: head-rows " << wanted
                              << " makes " << allRows / wanted;
}
