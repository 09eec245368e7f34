#ifndef TRITTER_RUNTIME_DATA_SAMPLER_H
#define TRITTER_RUNTIME_DATA_SAMPLER_H

#include "runtime/base/status.h"
#include "runtime/data/token_file.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tritter {

enum class Order {
  /// A permutation of each epoch's windows, seeded.
  Shuffled,
  /// As the tokens stand: batch b of a step takes the next `sequence` tokens.
  Sequential
};

/// One of the files that training reads.
struct DataFile {
  std::shared_ptr<const TokenFile> tokens;
  /// Its share of the windows read, 0 < weight < 1. Files without one are read as one file, with what the others leave.
  std::optional<double> weight;
};

/// How much of the data is used up: `window` windows of epoch `epoch`. All that a resume needs beside the options.
struct DataPosition {
  uint64_t epoch = 0;
  uint64_t window = 0;
  bool operator==(const DataPosition &) const = default;
};

struct SamplerOptions {
  uint64_t batch = 1;
  uint64_t sequence = 1;
  Order order = Order::Shuffled;
  uint64_t seed = 0;
};

/// Hands out batches of windows of `sequence` + 1 tokens, neighbours sharing one. Every file has (tokens - 1) /
/// sequence windows; an epoch of several files is as many windows as they have together.
///
/// With weights, every run of 1,000 windows takes exactly its share (in thousandths) of each source, in a seeded
/// order; each source goes through its own epochs. Which window comes next is computed from the position alone, so any
/// position can be sought.
class Sampler {
public:
  /// Fails where a file is shorter than one window, the weights make no sense, or an epoch holds no whole batch.
  static Result<Sampler> create(std::vector<DataFile> files, const SamplerOptions &options);

  /// The next batch: `batch` rows of `sequence` tokens each, and the same rows one token later.
  void next(std::span<int32_t> tokens, std::span<int32_t> targets);

  DataPosition position() const { return position_; }
  void seek(DataPosition position);
  /// Windows that an epoch reads.
  uint64_t windows() const { return epochWindows_; }
  /// Tokens of all files.
  uint64_t tokens() const;
  /// All files, in the order in which they were given.
  std::vector<std::shared_ptr<const TokenFile>> files() const;
  /// Where the last batch came from, for messages: "train.bin, tokens 2,463,744-2,465,791".
  std::string lastBatch() const;

private:
  /// Files read as one, in their order.
  struct Source {
    std::vector<std::shared_ptr<const TokenFile>> files;
    /// The number of the first window of each file, and past the last.
    std::vector<uint64_t> firstWindow;
    uint64_t windows = 0;
    /// Thousandths of the windows, and the sum of those before it.
    uint64_t share = 0, firstShare = 0;
  };
  struct Window {
    const TokenFile *file;
    uint64_t begin;
  };

  Sampler() = default;
  Status share(const std::vector<double> &weights);
  Window window(uint64_t number) const;
  Window windowOf(size_t source, uint64_t number) const;

  SamplerOptions options_;
  std::vector<Source> sources_;
  uint64_t epochWindows_ = 0;
  DataPosition position_;
  std::vector<Window> last_;
};

/// The first `windows` windows (all of them where 0) of a file as they stand: what validation reads, always the same,
/// whatever the batch. They come in batches, of which the last may have fewer.
class ValidationSet {
public:
  static Result<ValidationSet> create(std::shared_ptr<const TokenFile> tokens, uint64_t batch, uint64_t sequence,
                                      uint64_t windows);
  /// Batches.
  uint64_t size() const { return (windows_ + batch_ - 1) / batch_; }
  /// The windows of a batch, and the same one token later; both are given the size of what there is.
  void read(uint64_t index, std::vector<int32_t> &tokens, std::vector<int32_t> &targets) const;
  const TokenFile &file() const { return *tokens_; }
  uint64_t windows() const { return windows_; }
  /// Tokens predicted by one pass.
  uint64_t tokens() const { return windows_ * sequence_; }
  /// Whether one pass reads every window that the file has.
  bool whole() const { return windows_ == (tokens_->size() - 1) / sequence_; }

private:
  ValidationSet() = default;
  std::shared_ptr<const TokenFile> tokens_;
  uint64_t batch_ = 0, sequence_ = 0, windows_ = 0;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_DATA_SAMPLER_H
