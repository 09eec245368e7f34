#ifndef TRITTER_RUNTIME_EXECUTABLE_UPGRADE_H
#define TRITTER_RUNTIME_EXECUTABLE_UPGRADE_H

#include "runtime/base/status.h"
#include "runtime/schema/executable_generated.h"

namespace tritter {

/// The format of executables that this program writes and works on (schema/executable.fbs).
inline constexpr uint32_t executableVersion = 2;

/// Brings an executable of an older version to `executableVersion`, one version at a time. Nothing else in the program
/// knows older forms. Fails where an older form holds what the newest cannot say.
Status upgradeExecutable(schema::ExecutableT &executable);

/// The first line of version 1's IR, which did not say its version.
inline constexpr std::string_view irVersion1Line = "// tritter-ir 1\n";

/// How a kind of state grows in files of version 1, which do not say it.
schema::StateGrowth growthInVersion1(std::string_view kind);

} // namespace tritter

#endif // TRITTER_RUNTIME_EXECUTABLE_UPGRADE_H
