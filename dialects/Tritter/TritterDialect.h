#ifndef TRITTER_DIALECTS_TRITTER_TRITTERDIALECT_H
#define TRITTER_DIALECTS_TRITTER_TRITTERDIALECT_H

#include "dialects/Support/WellFormed.h"
#include "dialects/Tritter/OpTraits.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/Tritter/TritterOpsDialect.h.inc"
#include "dialects/Tritter/TritterOpsEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Tritter/TritterOpsAttributes.h.inc"

#include "dialects/Tritter/DifferentiableInterface.h.inc"
#include "dialects/Tritter/OpInterfaces.h.inc"

#define GET_OP_CLASSES
#include "dialects/Tritter/TritterOps.h.inc"

#endif // TRITTER_DIALECTS_TRITTER_TRITTERDIALECT_H
