#ifndef TRITTER_RUNTIME_EXECUTABLE_UPGRADE_H
#define TRITTER_RUNTIME_EXECUTABLE_UPGRADE_H

#include "runtime/base/status.h"
#include "runtime/schema/executable_generated.h"

namespace tritter {

/// The format of executables that this program writes and works on (schema/executable.fbs).
inline constexpr uint32_t executableVersion = 3;

/// Brings an executable of an older version to `executableVersion`, one version at a time. Nothing else in the program
/// knows older forms. Fails where an older form holds what the newest cannot say.
Status upgradeExecutable(schema::ExecutableT &executable);

} // namespace tritter

#endif // TRITTER_RUNTIME_EXECUTABLE_UPGRADE_H
