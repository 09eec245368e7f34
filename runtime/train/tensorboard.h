#ifndef TRITTER_RUNTIME_TRAIN_TENSORBOARD_H
#define TRITTER_RUNTIME_TRAIN_TENSORBOARD_H

#include "runtime/checkpoint/append_file.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tritter {

/// Writes scalars as TensorBoard reads them: TFRecords (length, masked CRC-32C, payload, masked CRC-32C) of Event
/// messages.
class TensorBoardWriter {
public:
  /// Makes a new events file in `folder`, after those that are there. What they hold of `firstStep` and later steps is
  /// of a run that was cut off: readers are told to forget it.
  static Result<std::unique_ptr<TensorBoardWriter>> create(const std::string &folder, uint64_t firstStep);

  /// Errors as AppendFile's.
  Status scalar(std::string_view tag, uint64_t step, double value);
  AppendFile &file() { return *file_; }

private:
  explicit TensorBoardWriter(std::unique_ptr<AppendFile> file) : file_(std::move(file)) {}
  Status record(std::string_view payload);
  std::unique_ptr<AppendFile> file_;
};

/// CRC-32C (Castagnoli), as TFRecords use it.
uint32_t crc32c(std::string_view bytes);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_TENSORBOARD_H
