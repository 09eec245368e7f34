#ifndef TRITTER_RUNTIME_CHECKPOINT_UPGRADE_H
#define TRITTER_RUNTIME_CHECKPOINT_UPGRADE_H

#include "runtime/base/status.h"
#include "runtime/schema/checkpoint_generated.h"

namespace tritter {

/// Brings the manifest of an older checkpoint to `formatVersion` (checkpoint/format.h), one version at a time. Nothing
/// else in the program knows older forms. Fails where an older form holds what the newest cannot say.
Status upgradeManifest(schema::ManifestT &manifest);

} // namespace tritter

#endif // TRITTER_RUNTIME_CHECKPOINT_UPGRADE_H
