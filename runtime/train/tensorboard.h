#ifndef TRITTER_RUNTIME_TRAIN_TENSORBOARD_H
#define TRITTER_RUNTIME_TRAIN_TENSORBOARD_H

#include "runtime/base/status.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace tritter {

/// Writes scalars as TensorBoard reads them: TFRecords (length, masked CRC-32C, payload, masked CRC-32C) of Event
/// messages.
class TensorBoardWriter {
public:
  /// Makes a new events file in `folder`.
  static Result<std::unique_ptr<TensorBoardWriter>> create(const std::string &folder);
  ~TensorBoardWriter();

  void scalar(std::string_view tag, uint64_t step, double value);
  void flush() { std::fflush(file_); }

private:
  TensorBoardWriter() = default;
  void record(std::string_view payload);
  std::FILE *file_ = nullptr;
};

/// CRC-32C (Castagnoli), as TFRecords use it.
uint32_t crc32c(std::string_view bytes);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_TENSORBOARD_H
