#ifndef TRITTER_DIALECTS_ROW_ROWDIALECT_H
#define TRITTER_DIALECTS_ROW_ROWDIALECT_H

#include "dialects/Support/WellFormed.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::row {
class YieldOp;
} // namespace mlir::row

#include "dialects/Row/RowOpsDialect.h.inc"
#include "dialects/Row/RowOpsEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Row/RowOpsAttributes.h.inc"

#define GET_OP_CLASSES
#include "dialects/Row/RowOps.h.inc"

#endif // TRITTER_DIALECTS_ROW_ROWDIALECT_H
