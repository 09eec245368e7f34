#ifndef TRITTER_RUNTIME_TRAIN_MODEL_PROGRAM_H
#define TRITTER_RUNTIME_TRAIN_MODEL_PROGRAM_H

#include "runtime/base/status.h"
#include "runtime/device/device.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tritter {

/// A session addressed by the names of its bindings.
class ModelProgram {
public:
  explicit ModelProgram(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  Session &session() { return *session_; }
  const Executable &executable() const { return session_->executable(); }
  uint64_t batch() const { return executable()->batch(); }
  uint64_t sequence() const { return executable()->sequence_length(); }
  bool has(std::string_view binding) const { return executable().binding(binding) != nullptr; }
  bool hasEntry(std::string_view entry) const { return executable().entry(entry) != nullptr; }

  Status run(std::string_view entry) { return session_->run(entry); }

  /// A scalar of any floating-point type. Writing one that the executable has not (a step without clipping has no
  /// `clip`) does nothing.
  Status writeScalar(std::string_view binding, double value);
  Result<double> readScalar(std::string_view binding);

  /// A batch: `tokens` and, where the program has them, `targets`. Windows fewer than the program's batch are repeated
  /// in the rows that are left.
  Status writeBatch(std::span<const int32_t> tokens, std::span<const int32_t> targets);
  /// A whole binding as f32.
  Result<std::vector<float>> readFloats(std::string_view binding);

private:
  std::unique_ptr<Session> session_;
};

/// The losses of whole windows by the entry `evaluate`, a mean each, added up: of a batch, or of fewer windows than that.
Result<double> evaluateWindows(ModelProgram &program, std::span<const int32_t> tokens,
                               std::span<const int32_t> targets);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_MODEL_PROGRAM_H
