#ifndef TRITTER_LIB_PROOF_RULES_H
#define TRITTER_LIB_PROOF_RULES_H

#include "tritter/Proof/Relations.h"

namespace mlir::growth {

/// Attach the rules of a family of operations.
void attachLinearRules(MLIRContext *context);
void attachNormRules(MLIRContext *context);
void attachPointwiseRules(MLIRContext *context);
void attachAttentionRules(MLIRContext *context);

/// A result that is zero because of `operand`, which is.
inline Knowledge zeroBecause(const Quality &quality) {
  Knowledge result;
  result.zero = quality;
  return result;
}

/// Rows that both maps give alike; the others are unknown. The maps are of the same axes.
AxisMap commonRows(const AxisMap &a, const AxisMap &b);

} // namespace mlir::growth

#endif // TRITTER_LIB_PROOF_RULES_H
