#ifndef TRITTER_DERIVATION_DERIVATION_H
#define TRITTER_DERIVATION_DERIVATION_H

#include "dialects/Growth/GrowthDialect.h"
#include "tritter/Derivation/AxisMap.h"

namespace mlir::growth {

/// A tensor S whose axes are mapped one by one: A S B' for a matrix.
struct Term {
  enum class Kind : uint8_t {
    /// A tensor of another model.
    Source,
    /// One value everywhere.
    Constant,
    /// Independent normal draws.
    Normal,
    /// Values that the IR says nothing about: a parameter with neither a derivation nor an initialiser.
    Free
  };

  Kind kind = Kind::Source;
  /// Source: the model and the parameter's path in it, which is relative to the instance's origin inside a block.
  /// Free, and Normal of an initialiser: the path of the parameter itself.
  StringAttr model, path;
  /// The constant, or the standard deviation of the draws.
  double value = 0;
  int64_t seed = 0, stream = 0;
  /// The type of S.
  RankedTensorType type;
  /// One for each axis of S; what scales the whole term is in the first.
  llvm::SmallVector<AxisMap, 2> axes;

  /// Whether both read the same S.
  bool sameTensor(const Term &other) const;
  /// Whether it is S, as it stands.
  bool isVerbatim() const;
};

/// The normal form: a sum of terms, none of them zero, no two of them multiples of each other. No terms: zero.
struct Derivation {
  llvm::SmallVector<Term, 2> terms;
  RankedTensorType type;

  bool isZero() const { return terms.empty(); }
};

/// What a parameter's derivation, or its initialiser, computes. `emitError` says what is wrong where it has no normal
/// form (a coefficient beyond 63 bits, or a mean of something other than a source's axis).
FailureOr<Derivation> normalise(tritter::ParamOp param, function_ref<InFlightDiagnostic()> emitError);

/// `outer` with `inner` in the place of its source number `term`. Empty where a coefficient would overflow.
std::optional<Derivation> substitute(const Derivation &outer,
                                     llvm::function_ref<const Derivation *(const Term &)> inner);

/// Writes the normal form as operations that yield its value.
void build(OpBuilder &builder, Location loc, const Derivation &derivation);

/// The model that the derivations of `model`, and of the blocks that it uses, read from; null where they read none or
/// several.
StringAttr findBase(tritter::ModelOp model);

} // namespace mlir::growth

#endif // TRITTER_DERIVATION_DERIVATION_H
