#include "dialects/Row/RowDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::row;

#include "dialects/Row/RowOpsDialect.cpp.inc"
#include "dialects/Row/RowOpsEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Row/RowOpsAttributes.cpp.inc"

void RowDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Row/RowOpsAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Row/RowOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "dialects/Row/RowOps.cpp.inc"
