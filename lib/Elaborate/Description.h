#ifndef TRITTER_LIB_ELABORATE_DESCRIPTION_H
#define TRITTER_LIB_ELABORATE_DESCRIPTION_H

#include "dialects/Support/Nearest.h"

#include "mlir/IR/OperationSupport.h"

#include <optional>
#include <string>

/// A model as its spellings describe it, before there is IR.
namespace mlir::tritter {

struct Description {
  std::string name;
  /// Attributes of tritter.decoder.
  NamedAttrList attributes;
};

/// Emits `message` with no place in any IR, and returns failure.
LogicalResult spellingError(MLIRContext *context, const Twine &message);

/// The preset `name` (llama:125M). Unknown ones are an error that names the nearest.
FailureOr<Description> describePreset(MLIRContext *context, StringRef name);

/// A Hugging Face configuration: `text` is the contents of the file `path`.
FailureOr<Description> describeHuggingFace(MLIRContext *context, StringRef text, StringRef path);

/// A TOML file with a table [model].
FailureOr<Description> describeToml(MLIRContext *context, StringRef text, StringRef path);

} // namespace mlir::tritter

#endif // TRITTER_LIB_ELABORATE_DESCRIPTION_H
