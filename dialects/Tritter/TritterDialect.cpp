#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;
using namespace mlir::tritter;

#include "dialects/Tritter/TritterOpsDialect.cpp.inc"
#include "dialects/Tritter/TritterOpsEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Tritter/DifferentiableInterface.cpp.inc"
#include "dialects/Tritter/OpInterfaces.cpp.inc"
#include "dialects/Tritter/TritterOpsAttributes.cpp.inc"

LogicalResult ParameterGroupAttr::verify(function_ref<InFlightDiagnostic()> emitError, StringAttr name,
                                         ArrayRef<StringAttr> paths, FloatAttr factor) {
  // group C1: names of groups become parts of the names of scalars.
  auto isWord = [](char c) { return llvm::isAlnum(c) || c == '_' || c == '-'; };
  if (name.empty() || !llvm::all_of(name.getValue(), isWord) || name == "decay" || name == "no_decay")
    return emitError() << "a group is named by letters, digits, `_` and `-`, and not decay or no_decay, found " << name;
  for (StringAttr path : paths) // group C2
    if (llvm::Expected<llvm::GlobPattern> pattern = llvm::GlobPattern::create(path); !pattern)
      return emitError() << "the paths of a group are patterns, found " << path << ": "
                         << llvm::toString(pattern.takeError());
  if (factor && !(factor.getValue().isFinite() && factor.getValueAsDouble() > 0)) // group C3
    return emitError() << "a group learns at a finite multiple of the learning rate above 0, found " << factor;
  return success();
}

LogicalResult ConstantInitAttr::verify(function_ref<InFlightDiagnostic()> emitError, FloatAttr value) {
  if (value.getValue().isNaN()) // constant C1
    return emitError() << "a constant is a number, found " << value;
  return success();
}

LogicalResult NormalInitAttr::verify(function_ref<InFlightDiagnostic()> emitError, FloatAttr stddev) {
  // normal C1
  if (!stddev.getValue().isFinite() || (stddev.getValue().isNegative() && !stddev.getValue().isZero()))
    return emitError() << "a standard deviation is finite and not negative, found " << stddev;
  return success();
}

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
