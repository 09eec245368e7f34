#ifndef TRITTER_PROOF_ADJOINT_H
#define TRITTER_PROOF_ADJOINT_H

#include "tritter/Proof/Relations.h"

#include <memory>

namespace mlir::growth {

/// What is known of the gradient of a value or a parameter of a grown model.
struct GradientRelation {
  enum class Kind : uint8_t {
    /// It is zero.
    Zero,
    /// It is made of the gradient of `base` by `maps`: one for each axis of a parameter, the related one of a value.
    /// Rows may be unknown.
    Related,
    Unknown
  };
  Kind kind = Kind::Zero;
  Value base;
  SmallVector<AxisMap, 2> maps;
};

/// What the rules of operations see: values as the proof relates them, derivations without their draws (see Adjoints),
/// and the relation of the result's gradient.
class AdjointContext : public RuleContext {
public:
  /// Q, where the result's gradient is Q times that of the base's result.
  virtual const AxisMap &gradient() const = 0;
  /// The gradient that the operation gives operand number `operand` is made by `maps` of the one that the base's
  /// operation gives its operand number `baseOperand`.
  virtual void pass(unsigned operand, unsigned baseOperand, ArrayRef<AxisMap> maps) = 0;
  /// It is the result's gradient.
  virtual void passResult(unsigned operand) = 0;
  virtual void passZero(unsigned operand) = 0;
  /// The rows R with W'^T Q = R W^T: how a product with W' passes gradients on to its input, draws counting as their
  /// mean, but for rows that are draws alone, which are unknown.
  virtual std::optional<AxisMap> transposedRows(Value grownWeight, Value baseWeight) = 0;
};

/// How the gradients of a grown model's parameters are made of those of its base's, for the same tokens and targets.
/// With `x' = P x` of values goes `g' = Q g` of their gradients, found backwards from the logits: where a coordinate is
/// copied, Q has the shares with which its copies are read. The gradient of a weight is `Q G P'`.
///
/// Exact, but where draws are added to weights: there it is the mean over the draws.
class Adjoints {
public:
  Adjoints(tritter::ModelOp base, tritter::ModelOp grown);
  ~Adjoints();

  /// What makes the gradient of a parameter, its sources being gradients of the base's parameters, named as the
  /// derivation of the parameter names these. `layer` is the instance that it is in, null for the model's own. Null
  /// where its gradient is not made of the base's alone.
  const Derivation *find(tritter::ParamOp param, tritter::LayerOp layer) const;

private:
  class Walk;
  std::unique_ptr<Walk> walk;
};

} // namespace mlir::growth

#include "lib/Proof/AdjointInterface.h.inc"

#endif // TRITTER_PROOF_ADJOINT_H
