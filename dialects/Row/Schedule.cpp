#include "dialects/Row/Schedule.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::row;

BodyAnalysis::BodyAnalysis(Block &body, ArrayAttr views) {
  for (auto [argument, view] : llvm::zip_first(body.getArguments(), views.getAsRange<ViewAttr>()))
    facts[argument] = {view.isRowUniform(), 0};
  for (Operation &op : body.without_terminator()) {
    Fact fact{!isa<ColumnIndexOp>(op), 0};
    for (Value operand : op.getOperands()) {
      Fact other = facts.lookup(operand);
      fact.uniform &= other.uniform;
      fact.sweep = std::max(fact.sweep, other.sweep);
    }
    if (isa<ReduceOp>(op))
      fact = {true, fact.sweep + 1};
    for (Value result : op.getResults())
      facts[result] = fact;
  }
}

namespace {
/// The values that some results are computed from, and the operations in between.
class Scheduler {
public:
  Scheduler(Block &body, ArrayAttr views, Schedule &schedule)
      : body(body), views(views), analysis(body, views), schedule(schedule) {}

  void run() {
    auto yield = cast<YieldOp>(body.getTerminator());
    for (auto [number, value] : llvm::enumerate(yield.getValues())) {
      unsigned at = analysis.getSweep(value);
      bool uniform = cast<ViewAttr>(views[body.getNumArguments() + number]).isRowUniform();
      if (uniform)
        rowPart(at).rowStores.push_back(number);
      else
        sweep(at).columnStores.push_back(number);
      need(value, uniform ? std::nullopt : std::optional(at));
    }
    for (auto &[value, sweeps] : uses)
      place(value, sweeps);
    for (Sweep *sweep : parts())
      inOrder(*sweep);
  }

private:
  Sweep &sweep(unsigned number) {
    while (schedule.sweeps.size() <= number)
      schedule.sweeps.emplace_back();
    return schedule.sweeps[number];
  }
  /// Where a uniform value known from sweep `number` on is computed.
  Sweep &rowPart(unsigned number) { return number == 0 ? schedule.prologue : sweep(number - 1); }

  SmallVector<Sweep *> parts() {
    SmallVector<Sweep *> all{&schedule.prologue};
    for (Sweep &sweep : schedule.sweeps)
      all.push_back(&sweep);
    return all;
  }

  /// `value` is needed, in sweep `at` where it has columns.
  void need(Value first, std::optional<unsigned> firstAt) {
    SmallVector<std::pair<Value, std::optional<unsigned>>> waiting{{first, firstAt}};
    while (!waiting.empty()) {
      auto [value, at] = waiting.pop_back_val();
      auto reduce = value.getDefiningOp<ReduceOp>();
      if (analysis.isRowUniform(value) && !reduce)
        at = std::nullopt;
      if (reduce)
        at = analysis.getSweep(value) - 1;
      if (!uses[value].insert(at ? int(*at) : -1))
        continue;
      if (Operation *op = value.getDefiningOp())
        for (Value operand : op->getOperands())
          waiting.push_back({operand, at});
    }
  }

  void place(Value value, const llvm::SmallSetVector<int, 4> &sweeps) {
    auto add = [&](Sweep &sweep, bool row) {
      if (Operation *op = value.getDefiningOp())
        (row ? sweep.row : sweep.columns).push_back(op);
      else
        (row ? sweep.rowLoads : sweep.loads).push_back(cast<BlockArgument>(value));
    };
    for (int at : sweeps)
      if (at < 0)
        add(rowPart(analysis.getSweep(value)), true);
      else
        add(sweep(at), false);
  }

  static void inOrder(Sweep &sweep) {
    auto before = [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); };
    llvm::sort(sweep.columns, before);
    llvm::sort(sweep.row, before);
    auto first = [](BlockArgument a, BlockArgument b) { return a.getArgNumber() < b.getArgNumber(); };
    llvm::sort(sweep.loads, first);
    llvm::sort(sweep.rowLoads, first);
  }

  Block &body;
  ArrayAttr views;
  BodyAnalysis analysis;
  Schedule &schedule;
  /// For each value the sweeps whose columns need it; -1 where it is computed once a row.
  llvm::MapVector<Value, llvm::SmallSetVector<int, 4>> uses;
};
} // namespace

Schedule::Schedule(Block &body, ArrayAttr views) { Scheduler(body, views, *this).run(); }
