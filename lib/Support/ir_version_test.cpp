#include "tritter/Support/IrVersion.h"

#include "mlir/IR/MLIRContext.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::tritter;

namespace {

/// `text` with `to` for every `from`.
std::string replaced(StringRef text, StringRef from, StringRef to) {
  std::string result;
  for (size_t at; (at = text.find(from)) != StringRef::npos; text = text.drop_front(at + from.size()))
    result += (text.take_front(at) + to).str();
  return result + text.str();
}

// A language that was changed twice.
std::string renamesAnOperation(StringRef text) { return replaced(text, "tritter.dense", "tritter.linear"); }
std::string renamesAnAttribute(StringRef text) { return replaced(text, "epsilon =", "eps ="); }
constexpr IrUpgrade upgrades[] = {renamesAnOperation, renamesAnAttribute};

class IrVersionTest : public testing::Test {
protected:
  /// The text in version 3; else the diagnostic.
  std::string upgraded(StringRef text, ArrayRef<IrUpgrade> steps = upgrades) {
    std::string message;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) { message = diagnostic.str(); });
    FailureOr<std::string> result =
        upgradeIr(text, [&] { return emitError(UnknownLoc::get(&context)) << "model.mlir: "; }, steps);
    return succeeded(result) ? *result : message;
  }

  MLIRContext context;
};

} // namespace

TEST_F(IrVersionTest, EveryStepFromTheVersionOnIsTaken) {
  EXPECT_EQ(upgraded("// tritter-ir 1\ntritter.dense {epsilon = 1}\n"), "// tritter-ir 3\ntritter.linear {eps = 1}\n");
  EXPECT_EQ(upgraded("// tritter-ir 2\ntritter.dense {epsilon = 1}\n"), "// tritter-ir 3\ntritter.dense {eps = 1}\n");
  EXPECT_EQ(upgraded("// tritter-ir 3\ntritter.dense {epsilon = 1}\n"),
            "// tritter-ir 3\ntritter.dense {epsilon = 1}\n");
}

TEST_F(IrVersionTest, WhatIsWrittenByHandIsOfThisVersion) {
  EXPECT_EQ(upgraded("tritter.dense {epsilon = 1}\n"), "tritter.dense {epsilon = 1}\n");
}

TEST_F(IrVersionTest, NewerTextIsRefused) {
  EXPECT_EQ(upgraded("// tritter-ir 4\n"), "model.mlir: is written in version 4 of the language of models, and this "
                                           "program reads up to 3: use the version of Tritter that wrote it");
}

TEST_F(IrVersionTest, ALineThatNamesNoVersionIsRefused) {
  EXPECT_EQ(upgraded("// tritter-ir one\n"), "model.mlir: its first line is \"// tritter-ir one\", where the number of a "
                                             "version was expected, such as \"// tritter-ir 3\"");
}

TEST_F(IrVersionTest, WhatThisVersionWritesNeedsNoStep) {
  std::string text = irVersionLine() + "module {}\n";
  EXPECT_EQ(upgraded(text, irUpgrades()), text);
}
