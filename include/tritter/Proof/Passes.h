#ifndef TRITTER_PROOF_PASSES_H
#define TRITTER_PROOF_PASSES_H

#include "dialects/Growth/GrowthDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

#include <functional>

namespace mlir::growth {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "lib/Proof/Passes.h.inc"

struct ProofResult;

/// --tritter-verify-growth that also hands every result on, with what an attribute of the IR does not hold.
std::unique_ptr<Pass> createVerifyGrowthPass(std::function<void(const ProofResult &)> observer);

} // namespace mlir::growth

#endif // TRITTER_PROOF_PASSES_H
