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

  /// The derivation whose operations these are, for a parameter of this type; adds it to `tables`.
  FailureOr<uint32_t> convert(StringRef type, StringRef lines) {
    std::string text = ("tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {\n"
                        "%w = tritter.param \"up.weight\" : " +
                        type + " derives {\n" + lines + "}\ntritter.yield %x : tensor<?x?x4xf32> }")
                           .str();
    module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text;
    FailureOr<uint32_t> result = failure();
    if (module)
      module->walk([&](mlir::tritter::ParamOp param) {
        auto emitError = [&] { return param.emitError(); };
        FailureOr<Derivation> form = normalise(param, emitError);
        if (succeeded(form)) {
          result = tables.add(*form, std::nullopt, emitError);
          streams = drawStreams(*form, "layers.3.up.weight");
        }
      });
    return result;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  DerivationTables tables;
  std::vector<uint64_t> streams;
};
} // namespace

static std::vector<int64_t> fields(const schema::Run &run) {
  return {int64_t(run.length()), run.first(), run.step(), run.numerator(), run.denominator(), int64_t(run.radicand())};
}

TEST_F(SchemaTest, WritesSourcesWithRunsOfEveryAxis) {
  auto number =
      convert("tensor<7x4xf32>",
              "%s = growth.source @base \"up.weight\" : tensor<4x4xf32>\n"
              "%g = growth.gather %s along 0 by <2 from 3 step -1 times sqrt(2/3), 1 zero, 1 mean times 1/5> : "
              "tensor<4x4xf32>\n"
              "%p = growth.pad %g along 0 to 7 : tensor<4x4xf32>\n"
              "growth.yield %p : tensor<7x4xf32>\n");
  ASSERT_TRUE(succeeded(number));
  auto written = tables.take();
  const schema::DerivationT &derivation = *written->derivations[*number];
  ASSERT_EQ(derivation.terms.size(), 1u);
  const schema::TermT &term = *derivation.terms[0];
  EXPECT_EQ(term.kind, schema::TermKind::Source);
  EXPECT_EQ(term.source, "up.weight");
  EXPECT_EQ(term.shape, (std::vector<uint64_t>{4, 4}));
  ASSERT_EQ(term.maps.size(), 2u);
  const std::vector<schema::Run> &runs = written->maps[term.maps[0]]->runs;
  ASSERT_EQ(runs.size(), 4u);
  EXPECT_EQ(fields(runs[0]), fields(schema::Run(2, 3, -1, 1, 1, 1)));
  EXPECT_EQ(fields(runs[1]), fields(schema::Run(1, -1, 0, 0, 1, 1)));
  EXPECT_EQ(fields(runs[2]), fields(schema::Run(1, -2, 0, 1, 10, 6)));
  EXPECT_EQ(fields(runs[3]), fields(schema::Run(3, -1, 0, 0, 1, 1)));
  // What scales all of it stands on the axis with fewer runs.
  ASSERT_EQ(written->maps[term.maps[1]]->runs.size(), 1u);
  EXPECT_EQ(fields(written->maps[term.maps[1]]->runs[0]), fields(schema::Run(4, 0, 1, 1, 3, 6)));
}

TEST_F(SchemaTest, WritesACopyWithoutMaps) {
  auto number = convert("tensor<4x4xf32>", "%s = growth.source @base \"up.weight\" : tensor<4x4xf32>\n"
                                           "growth.yield %s : tensor<4x4xf32>\n");
  ASSERT_TRUE(succeeded(number));
  EXPECT_TRUE(tables.take()->derivations[*number]->terms[0]->maps.empty());
}

TEST_F(SchemaTest, WritesEveryMapAndDerivationOnce) {
  auto wide = [&](StringRef source, StringRef axis) {
    return *convert("tensor<8x8xf32>", ("%s = growth.source @base \"" + source +
                                        "\" : tensor<4x8xf32>\n"
                                        "%g = growth.gather %s along 0 by <" +
                                        axis +
                                        "> : tensor<4x8xf32>\n"
                                        "growth.yield %g : tensor<8x8xf32>\n")
                                           .str());
  };
  EXPECT_EQ(wide("gate", "4 from 0, 4 from 0"), 0u);
  EXPECT_EQ(wide("up", "4 from 0, 4 from 0"), 1u);
  EXPECT_EQ(wide("gate", "4 from 0, 4 from 0"), 0u);
  EXPECT_EQ(wide("gate", "4 from 0, 4 from 0 times 1/2"), 2u);
  auto written = tables.take();
  EXPECT_EQ(written->derivations.size(), 3u);
  // Two of rows, and the identity.
  EXPECT_EQ(written->maps.size(), 3u);
}

TEST_F(SchemaTest, WritesZeroAsNoTermsAndDrawsByThePath) {
  auto zero = convert("tensor<4xf32>", "%z = growth.zero : tensor<4xf32>\ngrowth.yield %z : tensor<4xf32>\n");
  ASSERT_TRUE(succeeded(zero));
  EXPECT_TRUE(streams.empty());

  auto draws = convert("tensor<4xf32>", "%n = growth.normal 0.5 seed 7 : tensor<4xf32>\n"
                                        "%c = growth.constant 2.0 : tensor<4xf32>\n"
                                        "%a = growth.add %n, %c : tensor<4xf32>\n"
                                        "growth.yield %a : tensor<4xf32>\n");
  ASSERT_TRUE(succeeded(draws));
  EXPECT_EQ(streams, (std::vector<uint64_t>{drawStream("layers.3.up.weight", 0)}));
  auto written = tables.take();
  EXPECT_TRUE(written->derivations[*zero]->terms.empty());
  const schema::DerivationT &sum = *written->derivations[*draws];
  ASSERT_EQ(sum.terms.size(), 2u);
  EXPECT_EQ(sum.terms[0]->seed, 7u);
  EXPECT_EQ(sum.terms[0]->value, 0.5);
  EXPECT_EQ(sum.terms[1]->value, 2.0);
}

TEST(DrawStream, IsTheBeginningOfAHash) {
  // The first bytes of the SHA-256 of "abc" (FIPS 180).
  EXPECT_EQ(drawStream("abc", 0), 0xba7816bf8f01cfeaULL);
  EXPECT_NE(drawStream("abc", 1), drawStream("abc", 0));
}
