#ifndef TRITTER_SUPPORT_IRVERSION_H
#define TRITTER_SUPPORT_IRVERSION_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/Support/LLVM.h"

#include <string>

/// The version of the language that models are written in: what a checkpoint's IR is spelled in, for as long as the
/// checkpoint lives. The first line of such a text says it (`// tritter-ir 1`); a text that says nothing was written by
/// hand and is of this version.
namespace mlir::tritter {

/// From the text of one version to that of the next. A step works on spellings and parses nothing: operations change,
/// and what an old text says must not change with them. Lines keep their numbers, for the sake of diagnostics.
using IrUpgrade = std::string (*)(StringRef text);

/// The steps from version 1 to 2, from 2 to 3, and so on. Whoever changes how a model is spelled adds one.
ArrayRef<IrUpgrade> irUpgrades();

/// The version that this program writes.
inline int64_t irVersion() { return 1 + int64_t(irUpgrades().size()); }
/// The first line of a text of this version.
std::string irVersionLine();

/// `text` in the newest version that `upgrades` lead to. Fails, by `emitError`, where it is newer still.
FailureOr<std::string> upgradeIr(StringRef text, function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<IrUpgrade> upgrades = irUpgrades());

} // namespace mlir::tritter

#endif // TRITTER_SUPPORT_IRVERSION_H
