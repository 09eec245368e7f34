#ifndef TRITTER_LIB_PIPELINES_WRITTENGROWTH_H
#define TRITTER_LIB_PIPELINES_WRITTENGROWTH_H

#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::tritter {

/// Puts a growth that somebody wrote in the place of the model in `module`: the file holds that model, and one whose
/// parameters derive from it. Fails, with one sentence, where the file's model is another than `base` (which then says
/// where they differ), or where nothing derives from it. `base` is gone afterwards.
LogicalResult takeWrittenGrowth(ModuleOp module, ModelOp base, StringRef file);

} // namespace mlir::tritter

#endif // TRITTER_LIB_PIPELINES_WRITTENGROWTH_H
