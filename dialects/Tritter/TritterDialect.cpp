#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::tritter;

#include "dialects/Tritter/TritterOpsDialect.cpp.inc"
#include "dialects/Tritter/TritterOpsEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Tritter/TritterOpsAttributes.cpp.inc"
#include "dialects/Tritter/DifferentiableInterface.cpp.inc"

void TritterDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Tritter/TritterOpsAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Tritter/TritterOps.cpp.inc"
      >();
}

#define GET_OP_CLASSES
#include "dialects/Tritter/TritterOps.cpp.inc"
