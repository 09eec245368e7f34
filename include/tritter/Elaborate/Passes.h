#ifndef TRITTER_ELABORATE_PASSES_H
#define TRITTER_ELABORATE_PASSES_H

#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::tritter {

#define GEN_PASS_DECL
#include "lib/Elaborate/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lib/Elaborate/Passes.h.inc"

/// Writes `decoder` out before itself, as a block and a model of its name, and erases it. `vocab` serves where the
/// decoder names no vocabulary (0: none is known). Fails with a diagnostic where none is known.
FailureOr<ModelOp> elaborate(DecoderOp decoder, int64_t vocab);

} // namespace mlir::tritter

#endif // TRITTER_ELABORATE_PASSES_H
