#ifndef TRITTER_TARGET_PASSES_H
#define TRITTER_TARGET_PASSES_H

#include "dialects/Exec/ExecDialect.h"
#include "dialects/Row/RowDialect.h"
#include "dialects/Tritter/TritterDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Pass/Pass.h"

namespace mlir::tritter {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Target/Passes.h.inc"

} // namespace mlir::tritter

#endif // TRITTER_TARGET_PASSES_H
