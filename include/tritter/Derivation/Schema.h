#ifndef TRITTER_DERIVATION_SCHEMA_H
#define TRITTER_DERIVATION_SCHEMA_H

#include "runtime/schema/derivation_generated.h"
#include "tritter/Derivation/Derivation.h"

#include "llvm/ADT/StringMap.h"

#include <memory>
#include <optional>
#include <vector>

namespace mlir::growth {

/// The normal forms of a program's parameters as the runtime evaluates them: each axis map and each derivation once,
/// whatever the number of layers that have it.
class DerivationTables {
public:
  /// The number of the derivation. `seed`, where there is one, takes the place of the draws' own. Values that nothing
  /// is said about are an error.
  FailureOr<uint32_t> add(const Derivation &derivation, std::optional<int64_t> seed,
                          function_ref<InFlightDiagnostic()> emitError);

  /// The number of the map; nothing where the runtime has no run for one of its coordinates.
  std::optional<uint32_t> addMap(const AxisMap &map);

  std::unique_ptr<::tritter::schema::DerivationsT> take() {
    return std::make_unique<::tritter::schema::DerivationsT>(std::move(tables));
  }

private:
  ::tritter::schema::DerivationsT tables;
  /// Numbers by content.
  llvm::StringMap<uint32_t> maps, derivations;
};

/// One stream for each term of draws, for the parameter `path` (whole).
std::vector<uint64_t> drawStreams(const Derivation &derivation, StringRef path);

/// Tells the draws of a parameter from those of others with the same seed: the first 8 bytes, the first byte highest,
/// of the SHA-256 of its path, followed by `#` and the stream where that is not 0.
uint64_t drawStream(StringRef path, int64_t stream);

} // namespace mlir::growth

#endif // TRITTER_DERIVATION_SCHEMA_H
