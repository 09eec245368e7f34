#include "tritter/Derivation/Schema.h"

#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::growth;
namespace schema = ::tritter::schema;

namespace {
class SchemaTest : public ::testing::Test {
protected:
  SchemaTest() : context() { context.loadDialect<mlir::tritter::TritterDialect, GrowthDialect>(); }

  /// The derivation whose operations these are, for a parameter of this type.
  FailureOr<std::unique_ptr<schema::DerivationT>> convert(StringRef type, StringRef lines, StringRef origin = "") {
    std::string text = ("tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {\n"
                        "%w = tritter.param \"up.weight\" : " +
                        type + " derives {\n" + lines + "}\ntritter.yield %x : tensor<?x?x4xf32> }")
                           .str();
    module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text;
    FailureOr<std::unique_ptr<schema::DerivationT>> result = failure();
    if (module)
      module->walk([&](mlir::tritter::ParamOp param) {
        auto emitError = [&] { return param.emitError(); };
        FailureOr<Derivation> form = normalise(param, emitError);
        if (succeeded(form))
          result = toSchema(*form, "layers.3.up.weight", origin, emitError);
      });
    return result;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};
} // namespace

TEST_F(SchemaTest, WritesSourcesWithRunsOfEveryAxis) {
  auto result =
      convert("tensor<6x4xf32>",
              "%s = growth.source @base \"up.weight\" : tensor<4x4xf32>\n"
              "%g = growth.gather %s along 0 by <2 from 3 step -1 times sqrt(2/3), 1 zero> : tensor<4x4xf32>\n"
              "%p = growth.pad %g along 0 to 6 : tensor<3x4xf32>\n"
              "growth.yield %p : tensor<6x4xf32>\n",
              "layers.1");
  ASSERT_TRUE(succeeded(result));
  ASSERT_EQ((*result)->terms.size(), 1u);
  const schema::TermT &term = *(*result)->terms[0];
  EXPECT_EQ(term.kind, schema::TermKind::Source);
  EXPECT_EQ(term.source, "layers.1.up.weight");
  EXPECT_EQ(term.shape, (std::vector<uint64_t>{4, 4}));
  ASSERT_EQ(term.axes.size(), 2u);
  ASSERT_EQ(term.axes[0]->runs.size(), 2u);
  const schema::Run &copy = term.axes[0]->runs[0], &zero = term.axes[0]->runs[1];
  EXPECT_EQ(copy.length(), 2u);
  EXPECT_EQ(copy.first(), 3);
  EXPECT_EQ(copy.step(), -1);
  EXPECT_EQ(copy.numerator(), 1);
  EXPECT_EQ(copy.denominator(), 3);
  EXPECT_EQ(copy.radicand(), 6u);
  EXPECT_EQ(zero.length(), 4u);
  EXPECT_EQ(zero.first(), -1);
  EXPECT_TRUE(term.axes[1]->runs.empty());
}

TEST_F(SchemaTest, WritesACopyWithoutAxes) {
  auto result = convert("tensor<4x4xf32>", "%s = growth.source @base \"up.weight\" : tensor<4x4xf32>\n"
                                           "growth.yield %s : tensor<4x4xf32>\n");
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ((*result)->terms[0]->source, "up.weight");
  EXPECT_TRUE((*result)->terms[0]->axes.empty());
}

TEST_F(SchemaTest, WritesZeroAsNoTermsAndDrawsByThePath) {
  auto zero = convert("tensor<4xf32>", "%z = growth.zero : tensor<4xf32>\ngrowth.yield %z : tensor<4xf32>\n");
  ASSERT_TRUE(succeeded(zero));
  EXPECT_TRUE((*zero)->terms.empty());

  auto draws = convert("tensor<4xf32>", "%n = growth.normal 0.5 seed 7 : tensor<4xf32>\n"
                                        "%c = growth.constant 2.0 : tensor<4xf32>\n"
                                        "%a = growth.add %n, %c : tensor<4xf32>\n"
                                        "growth.yield %a : tensor<4xf32>\n");
  ASSERT_TRUE(succeeded(draws));
  ASSERT_EQ((*draws)->terms.size(), 2u);
  EXPECT_EQ((*draws)->terms[0]->seed, 7u);
  EXPECT_EQ((*draws)->terms[0]->value, 0.5);
  EXPECT_EQ((*draws)->terms[0]->stream, drawStream("layers.3.up.weight", 0));
  EXPECT_EQ((*draws)->terms[1]->value, 2.0);
}

TEST_F(SchemaTest, RefusesMeans) {
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  EXPECT_TRUE(failed(convert("tensor<5xf32>", "%s = growth.source @base \"g\" : tensor<4xf32>\n"
                                              "%g = growth.gather %s along 0 by <4 from 0, 1 mean> : tensor<4xf32>\n"
                                              "growth.yield %g : tensor<5xf32>\n")));
  EXPECT_NE(message.find("the mean of an axis"), std::string::npos) << message;
}

TEST(DrawStream, IsTheBeginningOfAHash) {
  // The first bytes of the SHA-256 of "abc" (FIPS 180).
  EXPECT_EQ(drawStream("abc", 0), 0xba7816bf8f01cfeaULL);
  EXPECT_NE(drawStream("abc", 1), drawStream("abc", 0));
}
