#ifndef TRITTER_DIALECTS_GROWTH_GROWTHDIALECT_H
#define TRITTER_DIALECTS_GROWTH_GROWTHDIALECT_H

#include "dialects/Growth/Coefficient.h"
#include "dialects/Growth/Run.h"
#include "dialects/Tritter/TritterDialect.h"

#include "dialects/Growth/GrowthOpsDialect.h.inc"
#include "dialects/Growth/GrowthOpsEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Growth/GrowthOpsAttributes.h.inc"

#define GET_OP_CLASSES
#include "dialects/Growth/GrowthOps.h.inc"

namespace mlir::growth {

/// The name of the attribute of a grown model that says what the growth promises: a `#growth.promise`.
inline constexpr llvm::StringLiteral promiseAttrName = "growth.promise";

} // namespace mlir::growth

#endif // TRITTER_DIALECTS_GROWTH_GROWTHDIALECT_H
