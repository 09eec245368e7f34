#ifndef TRITTER_RUNTIME_GROWTH_GROW_H
#define TRITTER_RUNTIME_GROWTH_GROW_H

#include "runtime/base/status.h"
#include "runtime/checkpoint/checkpoint.h"
#include "runtime/schema/executable_generated.h"

#include <functional>
#include <optional>
#include <string>

namespace tritter {

/// What becomes of the state of parameters, such as the optimizer's moments. Each kind grows by its rule (StateGrowth);
/// what it cannot make of the base's state is reset to zeros, and all that averages a parameter's gradients with it.
enum class MomentPolicy {
  /// Copies in added layers get their origin's.
  Carry,
  /// No moments are stored; the optimizer begins anew.
  Reset,
  /// As Carry, but added layers begin with zeros.
  ResetNew
};

/// carry, reset, reset-new.
std::optional<MomentPolicy> momentPolicyFromName(std::string_view name);

struct GrowOptions {
  MomentPolicy moments = MomentPolicy::ResetNew;
  /// Compares every tensor of the base that is read with its hash, on its way.
  bool verifyBase = true;
  /// Called now and then, from any thread but never from two at once, with bytes done and bytes in all.
  std::function<void(uint64_t done, uint64_t total)> progress;
};

struct GrowReport {
  /// Elements of the parameters, before and after.
  uint64_t parametersBefore = 0, parameters = 0;
  /// Of the file.
  uint64_t bytes = 0;
  double seconds = 0;
  /// Tensors, moments included: copied verbatim, zero, and computed.
  size_t copied = 0, zeroed = 0, derived = 0;
  size_t momentsCarried = 0, momentsReset = 0;
  /// What was reset outside of added layers, and why.
  std::vector<std::string> resets;
  /// exact, rounding, not-preserved; empty where nothing was proved.
  std::string verdict;
  bool bitwise = false;
  /// As schema::Proof::relative_error.
  double relativeError = 0;
  std::string firstBroken, reason;
  std::string identity;
};

/// Executes a growth (an executable whose parameters derive from the base's tensors) into a new checkpoint, streaming:
/// memory is bounded by a few chunks a thread, whatever the tensors' sizes. A derived tensor is stored in the type of
/// its first source. The training state starts a new schedule and keeps tokens, operations and the data's position;
/// A state that is carried has seen the updates of the base's, one that is reset none. The history gets a record.
Result<GrowReport> growCheckpoint(const CheckpointReader &base, const schema::Executable &growth,
                                  const std::string &output, const GrowOptions &options = {});

/// The values that training from scratch begins with: a parameter of the executable whose derivation reads no source,
/// in its dtype, on all threads. `out` holds all of it.
Status initialise(const schema::Executable &executable, const schema::Parameter &parameter, std::span<std::byte> out);

} // namespace tritter

#endif // TRITTER_RUNTIME_GROWTH_GROW_H
