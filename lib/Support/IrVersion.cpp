// The versions of the language that models are written in, and the way from each to the next.

#include "tritter/Support/IrVersion.h"

#include "tritter/Support/Nesting.h"

using namespace mlir;
using namespace mlir::tritter;

static constexpr StringRef mark = "// tritter-ir ";

ArrayRef<IrUpgrade> tritter::irUpgrades() { return {}; }

static std::string lineOf(int64_t version) { return (mark + Twine(version) + "\n").str(); }

std::string tritter::irVersionLine() { return lineOf(irVersion()); }

FailureOr<std::string> tritter::upgradeIr(StringRef text, function_ref<InFlightDiagnostic()> emitError,
                                          ArrayRef<IrUpgrade> upgrades) {
  bool bytecode = text.starts_with("ML\xEFR");
  if (!bytecode && nestsTooDeep(text))
    return emitError() << "has brackets in one another more than " << mostNesting << " deep, which no model needs";
  if (!bytecode && hasIndexArray(text))
    return emitError() << "has an array<index: ...>, which no operation of a model has; array<i64: ...> was meant";
  int64_t newest = 1 + int64_t(upgrades.size());
  StringRef body = text;
  if (!body.consume_front(mark))
    return text.str();
  auto [number, rest] = body.split('\n');
  int64_t version;
  if (number.trim().getAsInteger(10, version) || version < 1)
    return emitError() << "its first line is \"" << text.split('\n').first << "\", where the number of a version was "
                       << "expected, such as \"" << StringRef(lineOf(newest)).trim() << "\"";
  if (version > newest)
    return emitError() << "is written in version " << version << " of the language of models, and this program reads "
                       << "up to " << newest << ": use the version of Tritter that wrote it";
  std::string upgraded = rest.str();
  for (IrUpgrade step : upgrades.drop_front(version - 1))
    upgraded = step(upgraded);
  return lineOf(newest) + upgraded;
}
