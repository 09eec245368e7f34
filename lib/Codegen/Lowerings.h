#ifndef TRITTER_LIB_CODEGEN_LOWERINGS_H
#define TRITTER_LIB_CODEGEN_LOWERINGS_H

#include "dialects/Tritter/TritterDialect.h"
#include "lib/Codegen/KernelBuilder.h"

/// Lowerings of single operations to row kernels. Each makes kernels where `builder` stands and returns one value for
/// each result of the operation.
namespace mlir::tritter {

using Values = SmallVector<Value, 4>;

// Pointwise and positions.
Values lowerPointwise(OpBuilder &builder, Operation *op);
Values lowerEmbedding(OpBuilder &builder, EmbeddingOp op);
Values lowerPositionEmbedding(OpBuilder &builder, PositionEmbeddingOp op);
Values lowerPositionEmbeddingGrad(OpBuilder &builder, PositionEmbeddingGradOp op);
Values lowerRope(OpBuilder &builder, RopeOp op);

// Norms.
Values lowerRmsNorm(OpBuilder &builder, RmsNormOp op);
Values lowerRmsNormGrad(OpBuilder &builder, RmsNormGradOp op);
Values lowerLayerNorm(OpBuilder &builder, LayerNormOp op);
Values lowerLayerNormGrad(OpBuilder &builder, LayerNormGradOp op);
Values lowerSumRows(OpBuilder &builder, SumRowsOp op);

// Loss and optimizer.
Values lowerCrossEntropy(OpBuilder &builder, CrossEntropyOp op);
Values lowerCrossEntropyGrad(OpBuilder &builder, CrossEntropyGradOp op);
Values lowerMean(OpBuilder &builder, MeanOp op);
Values lowerSumOfSquares(OpBuilder &builder, SumOfSquaresOp op);
Values lowerClip(OpBuilder &builder, ClipOp op);
Values lowerAdamW(OpBuilder &builder, AdamWOp op);

inline RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The sums of the columns of partial sums [blocks, columns], as a tensor of `type`.
Value sumPartials(OpBuilder &builder, Location loc, Value partials, Type type);

} // namespace mlir::tritter

#endif // TRITTER_LIB_CODEGEN_LOWERINGS_H
