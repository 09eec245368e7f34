#ifndef TRITTER_LIB_PIPELINES_GROWTHRECORD_H
#define TRITTER_LIB_PIPELINES_GROWTHRECORD_H

#include "tritter/Derivation/Origins.h"
#include "tritter/Proof/Proof.h"
#include "tritter/Target/Executable.h"

namespace mlir::tritter {

/// Fills in which layers came from where, which axes are mapped, and which tensors are new. Derivations are in normal
/// form, over `base`; maps are added to `derivations`.
LogicalResult writeGrowthRecord(ModelOp base, ModelOp grown, const growth::ProofResult &proof,
                                growth::DerivationTables &derivations, schema::GrowthT &record);

} // namespace mlir::tritter

#endif // TRITTER_LIB_PIPELINES_GROWTHRECORD_H
