#ifndef TRITTER_RUNTIME_TRAIN_PARAMETERS_H
#define TRITTER_RUNTIME_TRAIN_PARAMETERS_H

#include "runtime/base/status.h"
#include "runtime/checkpoint/checkpoint.h"
#include "runtime/device/device.h"

#include <memory>
#include <string>

namespace tritter {

/// Copies every parameter of a checkpoint into the session (its master, and the value rounded from it), and with
/// `states` the optimizer's state of those that are trained; states that the checkpoint has not stay zero. Fails where
/// a tensor is missing, misshapen, or not known to the executable: the checkpoint is then of another architecture.
/// `statesFound` tells whether there was any.
Status loadParameters(Session &session, const CheckpointReader &checkpoint, bool states, bool *statesFound = nullptr);

/// Writes the session's parameters, and with `states` the optimizer's states, with `manifest` (its tensors are filled
/// in), to `path`. What the session does not train is copied from `source`, its states too. The new checkpoint's
/// identity.
Result<std::string> saveParameters(Session &session, const CheckpointReader &source, bool states,
                                   schema::ManifestT manifest, const std::string &path);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_PARAMETERS_H
