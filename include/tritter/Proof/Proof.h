#ifndef TRITTER_PROOF_PROOF_H
#define TRITTER_PROOF_PROOF_H

#include "dialects/Growth/GrowthDialect.h"
#include "tritter/Derivation/AxisMap.h"

#include <string>
#include <vector>

namespace mlir {
class DialectRegistry;
}

namespace mlir::growth {

/// A layer of the grown model whose output is made of a value of the base's residual stream, coordinate by coordinate.
struct RelatedStream {
  /// Paths of layers; that of the base is empty for what goes into its first layer.
  std::string layer, base;
  AxisMap map;
};

/// What was proved of a growth: see docs/proof.md.
struct ProofResult {
  Verdict verdict = Verdict::NotPreserved;
  /// The floating-point results are the same bits, up to the sign of zeros.
  bool bitwise = false;
  /// Rounding: the most of any operation's result, relative to it, that is lost by rounding stored numbers; see
  /// docs/proof.md. Rounded up to two digits. 0 for the other verdicts.
  double relativeError = 0;
  /// The proof uses 0 x = 0, which holds for finite x only: it says nothing of runs with Inf or NaN.
  bool assumesFinite = false;
  /// The first operation where the relation is lost, as `layers.4.mlp.down` or `layers.4 (old layers.2)`, and why.
  /// Empty unless the verdict is not-preserved.
  std::string firstBroken, reason;
  /// Where that is in the IR; the grown model where nothing is broken.
  Location location;
  double seconds = 0;
  /// Of the layers whose outputs are wholly known, in the order of the grown model; also where the proof broke later.
  std::vector<RelatedStream> streams;

  explicit ProofResult(Location location) : location(location) {}

  bool preserved() const { return verdict != Verdict::NotPreserved; }
  /// `exact, bitwise`, `rounding, within 6.0e-08 relative`, or `not-preserved: first broken at layers.4 (old layers.2):
  /// reads ...`.
  std::string str() const;
  ProofAttr toAttr(MLIRContext *context) const;
};

/// Proves that `grown` computes the same logits as `base` from the same tokens, whatever the base's weights, or says
/// where that fails. Both are elaborated models of one module; the derivations of `grown` read from `base` directly
/// (`--growth-normalise` folds a chain of growths first). Needs `registerGrowthRules` in the context's registry.
ProofResult proveGrowth(tritter::ModelOp base, tritter::ModelOp grown);

/// The name of the attribute that `--tritter-verify-growth` leaves on a grown model: a `#growth.proof`.
inline constexpr llvm::StringLiteral proofAttrName = "growth.proof";

/// Attaches the rules to the operations of the tritter dialect.
void registerGrowthRules(DialectRegistry &registry);

} // namespace mlir::growth

#endif // TRITTER_PROOF_PROOF_H
