#ifndef TRITTER_RUNTIME_TRAIN_PARAMETERS_H
#define TRITTER_RUNTIME_TRAIN_PARAMETERS_H

#include "runtime/base/status.h"
#include "runtime/checkpoint/checkpoint.h"
#include "runtime/device/device.h"

#include <cstdint>
#include <map>
#include <string>

namespace tritter {

/// How many updates the states of each group of parameters have seen, by the group's name (schema::Parameter.group).
using GroupUpdates = std::map<std::string, uint64_t>;

struct LoadedParameters {
  /// Whether there was any state.
  bool states = false;
  /// Of every group that the executable trains; 0 where there are no states.
  GroupUpdates updates;
};

/// Copies every parameter of a checkpoint into the session (its master, and the value rounded from it), and with
/// `states` the states of those that are trained; states that the checkpoint has not stay zero. Fails where a tensor is
/// missing, misshapen, or not known to the executable: the checkpoint is then of another architecture. Fails too where
/// the states of one group have seen different numbers of updates, which one bias correction cannot serve.
Result<LoadedParameters> loadParameters(Session &session, const CheckpointReader &checkpoint, bool states);

/// Bytes of what saveParameters writes once every group has seen updates, but for the states of what is not trained.
uint64_t checkpointBytes(const Executable &executable);

/// Writes the session's parameters with `manifest` (its tensors are filled in) to `path`, and the states of the groups
/// that have seen updates; of the others they are zero. What the session does not train is copied from `source`, its
/// states too. The new checkpoint's identity.
Result<std::string> saveParameters(Session &session, const CheckpointReader &source, const GroupUpdates &updates,
                                   schema::ManifestT manifest, const std::string &path);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_PARAMETERS_H
