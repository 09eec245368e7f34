#ifndef TRITTER_DIALECTS_EXEC_EXECDIALECT_H
#define TRITTER_DIALECTS_EXEC_EXECDIALECT_H

#include "dialects/Tritter/TritterDialect.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"

#include "dialects/Exec/ExecOpsDialect.h.inc"

#include "dialects/Exec/CommandInterface.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Exec/ExecOpsTypes.h.inc"

#define GET_OP_CLASSES
#include "dialects/Exec/ExecOps.h.inc"

#endif // TRITTER_DIALECTS_EXEC_EXECDIALECT_H
