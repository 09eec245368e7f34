// How many floating-point operations an entry does: its commands', with what they call.

#include "dialects/Exec/ExecDialect.h"
#include "tritter/Target/Executable.h"

#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::tritter;

static double countOperations(exec::SequenceOp sequence, llvm::DenseMap<Operation *, double> &known) {
  if (auto found = known.find(sequence); found != known.end())
    return found->second;
  double operations = 0;
  for (auto command : sequence.getBody().getOps<exec::CommandOpInterface>()) {
    operations += double(command.countOperations());
    if (auto call = dyn_cast<exec::CallOp>(command.getOperation()))
      operations +=
          countOperations(SymbolTable::lookupNearestSymbolFrom<exec::SequenceOp>(call, call.getSequenceAttr()), known);
  }
  return known[sequence] = operations;
}

double mlir::tritter::countOperations(exec::EntryOp entry) {
  llvm::DenseMap<Operation *, double> known;
  return ::countOperations(SymbolTable::lookupNearestSymbolFrom<exec::SequenceOp>(entry, entry.getSequenceAttr()),
                           known);
}
