#ifndef TRITTER_LIB_CODEGEN_LOWERINGS_H
#define TRITTER_LIB_CODEGEN_LOWERINGS_H

#include "dialects/Tritter/Shapes.h"
#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Codegen/KernelBuilder.h"
#include "tritter/Codegen/RowLowering.h"

/// Lowerings of single operations to row kernels, a family a file.
namespace mlir::tritter {

using Values = SmallVector<Value>;

/// Attach the lowerings of a family of operations.
void attachPointwiseLowerings(MLIRContext &context);
void attachPositionLowerings(MLIRContext &context);
void attachNormLowerings(MLIRContext &context);
void attachTrainingLowerings(MLIRContext &context);

} // namespace mlir::tritter

#endif // TRITTER_LIB_CODEGEN_LOWERINGS_H
