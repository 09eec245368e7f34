#ifndef TRITTER_DIALECTS_ROW_SCHEDULE_H
#define TRITTER_DIALECTS_ROW_SCHEDULE_H

#include "dialects/Row/RowDialect.h"

namespace mlir::row {

/// What is known of the values of a body.
class BodyAnalysis {
public:
  /// `views` has the view of each argument of `body` (more are ignored).
  BodyAnalysis(Block &body, ArrayAttr views);

  /// Has one value for a row, the same at every column.
  bool isRowUniform(Value value) const { return facts.lookup(value).uniform; }

  /// The sweep over the row's columns in which the value can be known at the earliest: 0 where it depends on no
  /// reduction, and for the result of a reduction the sweep after that which it is made in.
  unsigned getSweep(Value value) const { return facts.lookup(value).sweep; }

private:
  struct Fact {
    bool uniform = false;
    unsigned sweep = 0;
  };
  DenseMap<Value, Fact> facts;
};

/// One pass over the columns of a row, then work once for that row.
struct Sweep {
  /// Arguments to load and operations, in the order of the body. What several sweeps need is in each of them.
  SmallVector<BlockArgument> loads;
  SmallVector<Operation *> columns;
  /// Numbers of yielded values that are stored, or summed along rows, after `columns`.
  SmallVector<unsigned> columnStores;

  SmallVector<BlockArgument> rowLoads;
  SmallVector<Operation *> row;
  /// Numbers of yielded values that are stored once a row.
  SmallVector<unsigned> rowStores;

  bool hasColumns() const { return !columns.empty() || !columnStores.empty(); }
  bool empty() const { return !hasColumns() && rowLoads.empty() && row.empty() && rowStores.empty(); }
};

/// How a body runs over a row.
struct Schedule {
  /// Before the first sweep: what is the same for every column and needs no reduction. Has no columns.
  Sweep prologue;
  SmallVector<Sweep, 0> sweeps;

  /// Works for a `GenericOp` as for a `KernelOp`.
  Schedule(Block &body, ArrayAttr views);
};

} // namespace mlir::row

#endif // TRITTER_DIALECTS_ROW_SCHEDULE_H
