#ifndef TRITTER_LIB_PROOF_RULES_H
#define TRITTER_LIB_PROOF_RULES_H

#include "tritter/Proof/Relations.h"

namespace mlir::growth {

/// Attach the rules of a family of operations.
void attachLinearRules(MLIRContext *context);
void attachNormRules(MLIRContext *context);
void attachPointwiseRules(MLIRContext *context);
void attachAttentionRules(MLIRContext *context);
/// And what they say of gradients.
void attachAdjointRules(MLIRContext *context);

/// A result that is zero because of `operand`, which is.
inline Knowledge zeroBecause(const Quality &quality) {
  Knowledge result;
  result.zero = quality;
  return result;
}

/// Why a bias is not grown as the weight beside it is.
inline std::string biasReason(const RowRelation &bias) {
  if (!bias.reason.empty())
    return "its bias " + bias.reason;
  return bias.rows.all(Run::Kind::Zero) ? "leaves out the base's bias" : "its bias is not grown as its weight";
}

/// Rows that both maps give alike; the others are unknown. The maps are of the same axes.
AxisMap commonRows(const AxisMap &a, const AxisMap &b);

/// Whether logits that are made so are the base's: as they are, then those that no token of the base's vocabulary has,
/// masked.
bool isPreserved(const AxisMap &logits);

/// The factor that growth put on the mean of squares, and the square root that gamma makes up for.
struct NormScale {
  Coefficient square = 1, root = 1;
};
/// s = q n / N, where every old coordinate is there with squares that sum to q.
std::optional<NormScale> meanSquareScale(const Coefficient &q, const AxisMap &map);

/// The coordinates of a head of [B, T, H, D].
int64_t headDim(Value heads);
/// Rows over H * D as rows over H, where every head is a whole head of the base, or zero, or nothing is known of it.
AxisMap headsOf(const AxisMap &channels, int64_t size);
/// The other way round.
AxisMap channelsOf(const AxisMap &heads, int64_t size);
/// The run of one head.
Run headAt(const AxisMap &heads, int64_t head);

} // namespace mlir::growth

#endif // TRITTER_LIB_PROOF_RULES_H
