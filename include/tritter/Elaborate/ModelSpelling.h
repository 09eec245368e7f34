#ifndef TRITTER_ELABORATE_MODELSPELLING_H
#define TRITTER_ELABORATE_MODELSPELLING_H

#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

/// The four spellings of a model.
namespace mlir::tritter {

/// Reads a model, elaborated, from one of
///   llama:NAME              a preset (see presetNames)
///   DIR or config.json      a Hugging Face folder or its configuration, of a family of Llama's shape
///   FILE.toml               its table [model]: the attributes of tritter.decoder, and `name` or `preset`
///   FILE.mlir               a module with decoders or elaborated models
/// `vocab` serves where the model names no vocabulary (0: none is known). On failure emits one sentence as a diagnostic
/// and returns null. Loads the dialects that it needs into `context`.
OwningOpRef<ModuleOp> loadModel(MLIRContext *context, StringRef spelling, int64_t vocab = 0);

/// The module that `text` holds, elaborated: what loadModel does with a FILE.mlir. `name` is used in diagnostics.
OwningOpRef<ModuleOp> parseModel(MLIRContext *context, StringRef text, StringRef name, int64_t vocab = 0);

/// The model of a module that holds one; else a diagnostic says what it holds.
FailureOr<ModelOp> soleModel(ModuleOp module);

/// The presets as they are spelled: llama:15M ... llama:70B.
SmallVector<std::string> presetNames();

} // namespace mlir::tritter

#endif // TRITTER_ELABORATE_MODELSPELLING_H
