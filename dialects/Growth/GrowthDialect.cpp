// The dialect's attributes: axis maps and coefficients.

#include "dialects/Growth/GrowthDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::growth;

#include "dialects/Growth/GrowthOpsDialect.cpp.inc"
#include "dialects/Growth/GrowthOpsEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Growth/GrowthOpsAttributes.cpp.inc"

void GrowthDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Growth/GrowthOpsAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Growth/GrowthOps.cpp.inc"
      >();
}

static ParseResult parseFraction(AsmParser &parser, int64_t &above, int64_t &below) {
  below = 1;
  return failure(parser.parseInteger(above) || (succeeded(parser.parseOptionalSlash()) && parser.parseInteger(below)));
}

/// `1/2`, `-1`, `sqrt(2/3)`, `-sqrt(2)`, `1/2*sqrt(3)`.
static FailureOr<Coefficient> parseCoefficient(AsmParser &parser) {
  llvm::SMLoc where = parser.getCurrentLocation();
  bool negative = succeeded(parser.parseOptionalMinus());
  int64_t above = 1, below = 1, squareAbove = 1, squareBelow = 1;
  bool root = succeeded(parser.parseOptionalKeyword("sqrt"));
  if (!root) {
    if (parseFraction(parser, above, below))
      return failure();
    root = succeeded(parser.parseOptionalStar());
    if (root && parser.parseKeyword("sqrt"))
      return failure();
  }
  if (root && (parser.parseLParen() || parseFraction(parser, squareAbove, squareBelow) || parser.parseRParen()))
    return failure();
  std::optional<Coefficient> factor = Coefficient::get(above, below),
                             square = Coefficient::squareRoot(squareAbove, squareBelow);
  std::optional<Coefficient> result = factor && square ? factor->times(*square) : std::nullopt;
  // coefficient C1
  if (!result)
    return parser.emitError(where, "expected a fraction, or the square root of a positive one, whose terms fit into "
                                   "63 bits");
  return negative ? result->negated() : *result;
}

Attribute CoefficientAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  FailureOr<Coefficient> value = parseCoefficient(parser);
  if (failed(value) || parser.parseGreater())
    return {};
  return get(parser.getContext(), *value);
}

void CoefficientAttr::print(AsmPrinter &printer) const { printer << '<' << getValue().str() << '>'; }

static ParseResult parseRun(AsmParser &parser, Run &run) {
  if (parser.parseInteger(run.length))
    return failure();
  run.coefficient = 1;
  if (succeeded(parser.parseOptionalKeyword("zero"))) {
    run = Run::zero(run.length);
    return success();
  }
  if (succeeded(parser.parseOptionalKeyword("mean"))) {
    run.kind = Run::Kind::Mean;
  } else {
    run.kind = Run::Kind::Copy;
    run.step = 1;
    if (parser.parseKeyword("from") || parser.parseInteger(run.first) ||
        (succeeded(parser.parseOptionalKeyword("step")) && parser.parseInteger(run.step)))
      return failure();
  }
  if (succeeded(parser.parseOptionalKeyword("times"))) {
    FailureOr<Coefficient> coefficient = parseCoefficient(parser);
    if (failed(coefficient))
      return failure();
    run.coefficient = *coefficient;
  }
  if (run.coefficient.isZero())
    run = Run::zero(run.length);
  return success();
}

Attribute MapAttr::parse(AsmParser &parser, Type) {
  SmallVector<Run> runs;
  auto where = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                     [&] { return parseRun(parser, runs.emplace_back()); }))
    return {};
  return getChecked([&] { return parser.emitError(where); }, parser.getContext(), runs);
}

void MapAttr::print(AsmPrinter &printer) const {
  printer << '<';
  llvm::interleaveComma(getRuns(), printer, [&](const Run &run) {
    printer << run.length;
    if (run.kind == Run::Kind::Zero) {
      printer << " zero";
      return;
    }
    if (run.kind == Run::Kind::Mean)
      printer << " mean";
    else
      printer << " from " << run.first;
    if (run.kind == Run::Kind::Copy && run.step != 1)
      printer << " step " << run.step;
    if (!run.coefficient.isOne())
      printer << " times " << run.coefficient.str();
  });
  printer << '>';
}

LogicalResult MapAttr::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<Run> runs) {
  int64_t total = 0;
  for (const Run &run : runs) {
    if (run.length <= 0) // map C1
      return emitError() << "a run needs a positive number of coordinates, found " << run.length;
    if (__builtin_add_overflow(total, run.length, &total)) // map C2
      return emitError() << "the runs must have less than 2^63 coordinates together";
    int64_t last;
    // map C3
    if (run.kind == Run::Kind::Copy && (__builtin_mul_overflow(run.length - 1, run.step, &last) ||
                                        __builtin_add_overflow(run.first, last, &last) || run.first < 0 || last < 0))
      return emitError() << "a run must stay at coordinates of 0 or more, found " << run.length << " from " << run.first
                         << " step " << run.step;
  }
  return success();
}

int64_t MapAttr::getLength() const {
  int64_t total = 0;
  for (const Run &run : getRuns())
    total += run.length;
  return total;
}

Attribute ProofAttr::parse(AsmParser &parser, Type) {
  std::string word, broken, reason;
  auto where = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeywordOrString(&word))
    return {};
  std::optional<Verdict> verdict = symbolizeVerdict(word);
  if (!verdict) {
    parser.emitError(where, "expected exact, rounding or \"not-preserved\", found ") << word;
    return {};
  }
  bool bitwise = false;
  double within = 0;
  while (succeeded(parser.parseOptionalComma())) {
    if (succeeded(parser.parseOptionalKeyword("bitwise"))) {
      bitwise = true;
      continue;
    }
    StringRef key;
    if (parser.parseKeyword(&key) || parser.parseEqual())
      return {};
    if (key == "within") {
      if (parser.parseFloat(within))
        return {};
      continue;
    }
    if (parser.parseString(key == "first_broken" ? &broken : &reason))
      return {};
  }
  if (parser.parseGreater())
    return {};
  return get(parser.getContext(), *verdict, bitwise, llvm::APFloat(within), broken, reason);
}

void ProofAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printer.printKeywordOrString(stringifyVerdict(getVerdict()));
  if (getBitwise())
    printer << ", bitwise";
  if (double within = getRelativeError().convertToDouble(); within > 0)
    printer << llvm::format(", within = %.1e", within);
  if (!getFirstBroken().empty()) {
    printer << ", first_broken = ";
    printer.printString(getFirstBroken());
  }
  if (!getReason().empty()) {
    printer << ", reason = ";
    printer.printString(getReason());
  }
  printer << '>';
}
