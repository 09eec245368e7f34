#ifndef TRITTER_DERIVATION_SCHEMA_H
#define TRITTER_DERIVATION_SCHEMA_H

#include "runtime/schema/derivation_generated.h"
#include "tritter/Derivation/Derivation.h"

#include <memory>

namespace mlir::growth {

/// The normal form as the runtime evaluates it, for the parameter `path` (whole) of an instance with this origin (empty
/// at the level of the model). What the runtime has no run for, and values that nothing is said about, are errors.
FailureOr<std::unique_ptr<::tritter::schema::DerivationT>>
toSchema(const Derivation &derivation, StringRef path, StringRef origin, function_ref<InFlightDiagnostic()> emitError);

/// Tells the draws of a parameter from those of others with the same seed: the first 8 bytes, the first byte highest,
/// of the SHA-256 of its path, followed by `#` and the stream where that is not 0.
uint64_t drawStream(StringRef path, int64_t stream);

} // namespace mlir::growth

#endif // TRITTER_DERIVATION_SCHEMA_H
