#include "SavedValues.h"

#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tritter;

/// Whether computing it again costs nothing, so that its operand is saved in its place.
static bool isFree(Operation *op) {
  auto recomputable = dyn_cast<RecomputableOpInterface>(op);
  return recomputable && recomputable.isFree();
}

namespace {

class SavedValues {
public:
  SavedValues(Block &forward, Recompute recompute) : forward(forward), recompute(recompute) {}

  /// Notes that the backward reads `value`, `inMemory` or in a row kernel.
  void demand(Value value, bool inMemory);
  /// Decides, once all is demanded.
  void choose();
  /// The chosen values, in the order of the forward block.
  SmallVector<Value> ordered() const;

private:
  bool isAvailable(Value value) const;

  Block &forward;
  Recompute recompute;
  llvm::MapVector<Value, bool> demanded;
  DenseSet<Value> saved;
};

} // namespace

void SavedValues::demand(Value value, bool inMemory) {
  Operation *op = value.getDefiningOp();
  if (op && isFree(op))
    return demand(op->getOperand(0), inMemory);
  if (!op || !isa<ParamOp>(op))
    demanded[value] |= inMemory;
}

bool SavedValues::isAvailable(Value value) const {
  Operation *op = value.getDefiningOp();
  if (saved.contains(value) || (op && isa<ParamOp>(op)))
    return true;
  return op && isa<RecomputableOpInterface>(op) &&
         llvm::all_of(op->getOperands(), [&](Value operand) { return isAvailable(operand); });
}

void SavedValues::choose() {
  auto mayRecompute = [&](Value value, bool inMemory) {
    Operation *op = value.getDefiningOp();
    return op && isa<RecomputableOpInterface>(op) && (!inMemory || recompute == Recompute::Pointwise);
  };
  for (auto [value, inMemory] : demanded)
    if (!mayRecompute(value, inMemory))
      saved.insert(value);
  // In forward order, so that what cannot be computed again is there for what follows from it.
  for (Operation &op : forward)
    for (Value result : op.getResults())
      if (demanded.contains(result) && !isAvailable(result))
        saved.insert(result);
}

SmallVector<Value> SavedValues::ordered() const {
  SmallVector<Value> result;
  for (Value argument : forward.getArguments())
    if (saved.contains(argument))
      result.push_back(argument);
  for (Operation &op : forward)
    for (Value value : op.getResults())
      if (saved.contains(value))
        result.push_back(value);
  return result;
}

/// The value in the backward block that stands for one of the forward block.
static Value materialise(Value value, OpBuilder &builder, IRMapping &mapping) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    materialise(operand, builder, mapping);
  builder.clone(*op, mapping);
  return mapping.lookup(value);
}

SmallVector<Value> tritter::saveOrRecompute(Block &forward, Block &backward, Recompute recompute) {
  auto isForward = [&](Value value) { return value.getParentBlock() == &forward; };
  SavedValues values(forward, recompute);
  for (Operation &op : backward)
    for (Value operand : op.getOperands())
      if (isForward(operand))
        values.demand(operand, op.hasTrait<OpTrait::ReadsWholeOperands>());
  values.choose();

  IRMapping mapping;
  SmallVector<Value> saved = values.ordered();
  for (Value value : saved)
    mapping.map(value, backward.addArgument(value.getType(), value.getLoc()));
  for (Operation &op : llvm::make_early_inc_range(backward)) {
    OpBuilder builder(&op);
    for (OpOperand &operand : op.getOpOperands())
      if (isForward(operand.get()))
        operand.set(materialise(operand.get(), builder, mapping));
  }
  return saved;
}
