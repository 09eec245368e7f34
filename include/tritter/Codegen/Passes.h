#ifndef TRITTER_CODEGEN_PASSES_H
#define TRITTER_CODEGEN_PASSES_H

#include "dialects/Row/RowDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::tritter {

#define GEN_PASS_DECL
#include "lib/Codegen/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lib/Codegen/Passes.h.inc"

} // namespace mlir::tritter

#endif // TRITTER_CODEGEN_PASSES_H
