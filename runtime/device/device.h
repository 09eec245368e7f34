#ifndef TRITTER_RUNTIME_DEVICE_DEVICE_H
#define TRITTER_RUNTIME_DEVICE_DEVICE_H

#include "runtime/base/status.h"
#include "runtime/executable/executable.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tritter {

/// Where a session's time went: all commands of one kind ("gemm", "kernel rms_norm", "attention" ...) and label.
struct ProfileEntry {
  std::string kind;
  /// The step's label in the executable, layer numbers taken out so that equal layers add up.
  std::string label;
  uint64_t calls = 0;
  double seconds = 0;
  /// Floating point operations, of products only (a multiply and add counts two; attention causal, halved).
  double operations = 0;
};

/// An executable loaded on a device: its arenas, its kernels made ready. The host copies in and out by Location and
/// runs entries by name; nothing else is known of the device.
class Session {
public:
  virtual ~Session() = default;

  /// Runs an entry to its end (on an asynchronous device: queues it; read() waits).
  virtual Status run(std::string_view entry) = 0;
  /// Copies `bytes` to `offset` bytes behind `place`.
  virtual Status write(const schema::Location &place, std::span<const std::byte> bytes, size_t offset = 0) = 0;
  virtual Status read(const schema::Location &place, std::span<std::byte> bytes, size_t offset = 0) = 0;

  virtual const Executable &executable() const = 0;

  /// The time since the last call of this, longest first; empty unless DeviceOptions::profile.
  virtual std::vector<ProfileEntry> takeProfile() = 0;
};

/// Bytes that a device has; 0 where it does not know.
struct DeviceMemory {
  uint64_t total = 0;
  /// What could be allocated now.
  uint64_t available = 0;
};

class Device {
public:
  virtual ~Device() = default;

  /// Under which it is registered.
  virtual std::string_view name() const = 0;
  /// The memory that executables loaded on it take.
  virtual DeviceMemory memory() const = 0;
  /// Bytes of the host's memory, beyond arenas, that running a program takes: what products pack into.
  virtual uint64_t scratchBytes() const { return 0; }
  /// Operations a second of the fastest matrix product that it does in this type, measured in a moment; 0 where that
  /// says nothing.
  virtual double productPeak(schema::DType) { return 0; }
  /// Allocates the arenas, zeroed, makes the kernels ready, and runs the entry `setup` if there is one.
  virtual Result<std::unique_ptr<Session>> load(std::shared_ptr<const Executable> executable) = 0;
};

struct DeviceOptions {
  /// 0: as many as the machine has.
  int threads = 0;
  /// Run the executable's native kernels where this processor can; false: the interpreter serves for all.
  bool native = true;
  /// Measure every command (Session::takeProfile); costs two readings of the clock for each.
  bool profile = false;
};

/// A profile as a table for people.
std::string formatProfile(std::span<const ProfileEntry> profile);

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_DEVICE_H
