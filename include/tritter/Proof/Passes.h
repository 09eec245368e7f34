#ifndef TRITTER_PROOF_PASSES_H
#define TRITTER_PROOF_PASSES_H

#include "dialects/Growth/GrowthDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::growth {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Proof/Passes.h.inc"

} // namespace mlir::growth

#endif // TRITTER_PROOF_PASSES_H
