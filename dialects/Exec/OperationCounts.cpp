// How many floating-point operations commands do: CommandOpInterface::countOperations.

#include "dialects/Exec/ExecDialect.h"
#include "tritter/Support/CheckedMath.h"

using namespace mlir;
using namespace mlir::exec;
using mlir::tritter::saturatingProduct;

uint64_t GemmOp::countOperations() { return saturatingProduct({2, getM(), getN(), getK()}); }

/// Of the two products of attention, scores and their use of the values, below the diagonal.
template <typename Op> static uint64_t countCausalProducts(Op op) {
  return saturatingProduct({2, op.getBatch(), op.getHeads(), op.getSequence(), op.getSequence(), op.getHeadDim()});
}

uint64_t AttentionOp::countOperations() { return countCausalProducts(*this); }
/// Each of the two products has a gradient for each of its factors.
uint64_t AttentionBackwardOp::countOperations() { return saturatingProduct({2, countCausalProducts(*this)}); }

uint64_t LaunchOp::countOperations() { return 0; }
uint64_t ScatterAddOp::countOperations() { return 0; }
uint64_t CopyOp::countOperations() { return 0; }
uint64_t FillOp::countOperations() { return 0; }
uint64_t CallOp::countOperations() { return 0; }
