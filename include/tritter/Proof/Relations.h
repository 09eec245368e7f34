#ifndef TRITTER_PROOF_RELATIONS_H
#define TRITTER_PROOF_RELATIONS_H

#include "mlir/IR/Operation.h"
#include "tritter/Derivation/Derivation.h"

namespace mlir::growth {

/// What a proof may claim beyond equality over the reals. Joined over everything that a fact rests on.
struct Quality {
  /// How much of the result of one operation, relative to it, is lost by rounding stored numbers: how far a number that
  /// its type cannot represent is from what it stands for, times how much larger than their sum the terms are that it
  /// belongs to. 0 where every stored number is representable. The largest over all operations, not their sum: errors
  /// that go on through a network depend on its weights.
  double error = 0;
  /// The same operations on the same bits.
  bool bitwise = true;
  /// 0 x = 0 was used of an x that is only known to be finite.
  bool assumesFinite = false;

  Quality operator&(const Quality &other) const {
    return {std::max(error, other.error), bitwise && other.bitwise, assumesFinite || other.assumesFinite};
  }
  bool operator==(const Quality &) const = default;
};

/// Terms that cancel may exceed what is left of them this many times, whatever their number: the products are sums in
/// floating point, so what cancels takes the digits of the result with it, stored exactly or not.
inline constexpr double cancellationLimit = 128;
/// The largest `Quality::error` that is still called preserving.
inline constexpr double errorLimit = 0.01;

/// How far the nearest number of a floating-point type is from any number, relative to it: 2^-24 for f32.
double unitRoundoff(Type type);

/// x' = P x. All axes of x but one are the same in both graphs; `map` is P on that one: the heads of [B, T, H, D], the
/// last axis otherwise (for tokens it says nothing).
struct Relation {
  AxisMap map;
  Quality quality;

  bool operator==(const Relation &) const = default;
};

/// The relation to one value of the base's graph.
struct Fact {
  Value base;
  Relation relation;
};

/// The relation of one of an operation's results to a value of the base's graph.
struct ResultFact {
  unsigned result;
  Value base;
  Relation relation;
};

/// All that is known of a value of the grown graph. Nothing known: *top*, finite and otherwise anything.
struct Knowledge {
  /// It is zero everywhere.
  std::optional<Quality> zero;
  SmallVector<Fact, 2> facts;

  bool isTop() const { return !zero && facts.empty(); }
  /// Zero, or related in every coordinate to something.
  bool isComplete() const;
  /// Keeps the better of two relations to one value; drops what says nothing.
  void add(Value base, Relation relation);
};

/// The size of the axis that a relation of `value` maps.
int64_t relatedAxisSize(Value value);

/// What the rules of operations see: the grown operation's operands, and what is known of them.
class RuleContext {
public:
  virtual ~RuleContext() = default;

  virtual const Knowledge &knowledge(Value grown) const = 0;
  /// The normal form of a parameter of the grown graph; null, with a reason, where `grown` is none or has none.
  virtual const Derivation *derivation(Value grown) = 0;
  /// Whether the term reads this parameter of the base's graph.
  virtual bool reads(const Term &term, Value baseParameter) const = 0;
  /// The name of the base.
  virtual StringAttr baseName() const = 0;
  /// Keeps `reason` for the diagnosis. `operandsFault` where it comes from what is unknown of an operand alone.
  virtual std::nullopt_t fail(const Twine &reason, bool operandsFault = false) = 0;

  /// How the grown value is made of the base's, if it is; zero is a relation to everything.
  std::optional<Relation> relation(Value grown, Value base) const;
  bool isZero(Value grown) const { return knowledge(grown).zero.has_value(); }
  /// Whether an optional parameter (null: there is none) is zero everywhere.
  bool isZeroParameter(Value grown);
};

/// The rows of a product W' P, in terms of those of W: `rows` has a copy row where a row of W' P is a multiple of a row
/// of W, zero rows, and unknown ones.
struct RowRelation {
  AxisMap rows;
  /// As `Quality::error`, of the rows that are known.
  double error = 0;
  /// W' is W as it stands.
  bool verbatim = false;
  /// Why rows are unknown, and whether unknown input coordinates alone are the reason.
  std::string reason;
  bool inputsFault = true;
};

/// Infers R with W' P = R W, as an identity in every tensor that W' is derived from. `rowAxis` is the axis of W and W'
/// that has their rows; `input` is P, over the other axis. For vectors `input` is null, and R is inferred with
/// w' = R w. `base` is the parameter W, or null where there is none: then all rows are zero, masked or unknown.
RowRelation relateRows(const Derivation &derivation, unsigned rowAxis, const AxisMap *input, Value base,
                       const RuleContext &context);

} // namespace mlir::growth

#include "lib/Proof/GrowableInterface.h.inc"

#endif // TRITTER_PROOF_RELATIONS_H
