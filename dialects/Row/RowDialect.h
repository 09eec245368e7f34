#ifndef TRITTER_DIALECTS_ROW_ROWDIALECT_H
#define TRITTER_DIALECTS_ROW_ROWDIALECT_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::row {
class YieldOp;
} // namespace mlir::row

#include "dialects/Row/RowOpsDialect.h.inc"
#include "dialects/Row/RowOpsEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Row/RowOpsAttributes.h.inc"

#define GET_OP_CLASSES
#include "dialects/Row/RowOps.h.inc"

#include "llvm/ADT/DenseMap.h"

namespace mlir::row {

/// What is known of every value of a body.
class BodyAnalysis {
public:
  /// `views` has the view of each argument of `body` (more are ignored).
  BodyAnalysis(Block &body, ArrayAttr views);

  /// Has one value for a row, the same at every column.
  bool isRowUniform(Value value) const { return facts.lookup(value).uniform; }

  /// The sweep over the row's columns in which the value can be known at the earliest: 0 where it depends on no
  /// reduction, and for the result of a reduction the sweep after that which it is made in.
  unsigned getSweep(Value value) const { return facts.lookup(value).sweep; }

  /// How many sweeps the body needs, at least 1.
  unsigned getSweepCount() const { return sweepCount; }

private:
  struct Fact {
    bool uniform = false;
    unsigned sweep = 0;
  };
  DenseMap<Value, Fact> facts;
  unsigned sweepCount = 1;
};

} // namespace mlir::row

#endif // TRITTER_DIALECTS_ROW_ROWDIALECT_H
