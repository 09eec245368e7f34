#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::tritter;

#include "dialects/Tritter/TritterOpsDialect.cpp.inc"
#include "dialects/Tritter/TritterOpsEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Tritter/DifferentiableInterface.cpp.inc"
#include "dialects/Tritter/OpInterfaces.cpp.inc"
#include "dialects/Tritter/TritterOpsAttributes.cpp.inc"

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

static ParseResult parseActivationKind(OpAsmParser &parser, ActivationKindAttr &kind) {
  FailureOr<ActivationKind> parsed = FieldParser<ActivationKind>::parse(parser);
  if (failed(parsed))
    return failure();
  kind = ActivationKindAttr::get(parser.getContext(), *parsed);
  return success();
}

static void printActivationKind(OpAsmPrinter &printer, Operation *, ActivationKindAttr kind) {
  printer << stringifyActivationKind(kind.getValue());
}

#define GET_OP_CLASSES
#include "dialects/Tritter/TritterOps.cpp.inc"
