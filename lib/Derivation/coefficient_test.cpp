#include "dialects/Growth/Coefficient.h"

#include <gtest/gtest.h>

using mlir::growth::Coefficient;

static Coefficient parsed(const char *text) {
  std::optional<Coefficient> value = Coefficient::parse(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value.value_or(0);
}

TEST(Coefficient, IsInLowestTermsWithASquareFreeRadicand) {
  EXPECT_EQ(*Coefficient::get(2, -4), *Coefficient::get(-1, 2));
  EXPECT_EQ(*Coefficient::get(1, 1, 72), *Coefficient::get(6, 1, 2));
  EXPECT_EQ(*Coefficient::get(0, 7, 5), Coefficient(0));
  EXPECT_EQ(*Coefficient::squareRoot(8, 12), *Coefficient::get(1, 3, 6));
  EXPECT_EQ(*Coefficient::squareRoot(49, 4), *Coefficient::get(7, 2));
  // A large prime's square, and the product of two large primes.
  EXPECT_EQ(*Coefficient::squareRoot(1000003LL * 1000003, 1), Coefficient(1000003));
  EXPECT_EQ(Coefficient::squareRoot(1000003LL * 999983, 1)->getRadicand(), 1000003ULL * 999983);
}

TEST(Coefficient, ProductsAreExact) {
  EXPECT_EQ(*parsed("sqrt(2/3)").times(parsed("sqrt(3/2)")), Coefficient(1));
  EXPECT_EQ(*parsed("sqrt(2)").times(parsed("sqrt(6)")), parsed("2*sqrt(3)"));
  EXPECT_EQ(*parsed("1/2").times(parsed("-4/3")), parsed("-2/3"));
  EXPECT_EQ(*parsed("sqrt(5)").times(Coefficient(0)), Coefficient(0));
  for (const char *text : {"2", "-1/3", "sqrt(2/3)", "-sqrt(7)", "5/4*sqrt(6)"})
    EXPECT_EQ(*parsed(text).times(*parsed(text).inverse()), Coefficient(1)) << text;
  EXPECT_FALSE(Coefficient(0).inverse());
}

TEST(Coefficient, SumsNeedOneRadicand) {
  EXPECT_EQ(*parsed("1/3").plus(parsed("1/6")), parsed("1/2"));
  EXPECT_EQ(*parsed("sqrt(2)").plus(parsed("-sqrt(2)")), Coefficient(0));
  EXPECT_EQ(*Coefficient(0).plus(parsed("sqrt(2)")), parsed("sqrt(2)"));
  EXPECT_FALSE(parsed("sqrt(2)").plus(Coefficient(1)));
}

TEST(Coefficient, OverflowHasNoValue) {
  Coefficient big(INT64_MAX);
  EXPECT_FALSE(big.times(big));
  EXPECT_FALSE(big.plus(Coefficient(1)));
  EXPECT_FALSE(Coefficient::get(1, INT64_MAX)->times(*Coefficient::get(1, 3)));
  EXPECT_FALSE(Coefficient::get(1, 0));
  EXPECT_FALSE(Coefficient::get(1, 1, 0));
  EXPECT_FALSE(Coefficient::squareRoot(-1, 2));
  // What fits after reduction is kept.
  EXPECT_EQ(*big.times(*Coefficient::get(1, INT64_MAX)), Coefficient(1));
}

TEST(Coefficient, PrintsWhatItParses) {
  for (const char *text : {"0", "1", "-1", "1/2", "-7/3", "sqrt(2)", "sqrt(2/3)", "-sqrt(1/2)"})
    EXPECT_EQ(parsed(text).str(), text);
  EXPECT_EQ(parsed("2/4").str(), "1/2");
  EXPECT_EQ(parsed("1/2*sqrt(2)").str(), "sqrt(1/2)");
  for (const char *text : {"", "x", "1/", "1/0", "sqrt(-1)", "sqrt(2", "2sqrt(2)", "--1", "1/-2"})
    EXPECT_FALSE(Coefficient::parse(text)) << text;
  // Where the square does not fit, the factor stands apart.
  Coefficient big = *Coefficient::get(INT64_MAX / 3, 1, 5);
  EXPECT_EQ(parsed(big.str().c_str()), big);
}

TEST(Coefficient, KnowsWhatIsStoredExactly) {
  for (const char *text : {"0", "1", "-2", "1/4"})
    EXPECT_TRUE(parsed(text).isPowerOfTwo()) << text;
  for (const char *text : {"3", "1/3", "3/4", "sqrt(2)"})
    EXPECT_FALSE(parsed(text).isPowerOfTwo()) << text;
  EXPECT_DOUBLE_EQ(parsed("sqrt(2/3)").toDouble(), 0.81649658092772603);
}
