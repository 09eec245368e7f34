#ifndef TRITTER_RUNTIME_EVAL_COMPARE_H
#define TRITTER_RUNTIME_EVAL_COMPARE_H

#include "runtime/base/status.h"
#include "runtime/growth/axis_map.h"
#include "runtime/train/model_program.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tritter {

/// A residual stream of the grown model, and what of the base's it should be.
struct StreamPair {
  /// Their bindings.
  std::string base, grown;
  /// The grown model's coordinates by the base's; nothing where the streams should be the same.
  std::optional<AxisMap> map;
};

/// How far the outputs of two models are apart, over all positions seen. Where some are no numbers, there is no distance:
/// all of it but the counts is NaN.
struct Comparison {
  uint64_t positions = 0;
  /// Positions at which some of the logits of the base, of the grown model, are NaN or infinite.
  uint64_t notFiniteBase = 0, notFiniteGrown = 0;
  /// Of the logits.
  double meanSquaredError = 0, largestDifference = 0;
  /// Mean over positions of KL(base || grown), in nats.
  double divergence = 0;
  /// The part of the positions where both have the same most likely token.
  double agreement = 0;
  double lossBase = 0, lossGrown = 0;

  /// For each pair of residual streams: |grown - P base| / |P base|, P being the pair's map.
  std::vector<double> residualErrors;
};

/// Runs the entry `logits` of two programs on the same batches and compares what comes out. Accumulates in f64.
class Comparer {
public:
  Comparer(ModelProgram &base, ModelProgram &grown, std::vector<StreamPair> pairs);

  /// One batch for both, or fewer windows; both programs have the same batch and sequence. The grown model's vocabulary may be longer:
  /// what follows the base's must be masked to minus infinity, or counts as infinitely far.
  Status add(std::span<const int32_t> tokens, std::span<const int32_t> targets);
  Comparison result() const;

private:
  Status addStream(size_t index, size_t positions);
  void addLogits(std::span<const float> base, std::span<const float> grown, std::span<const int32_t> targets,
                 size_t vocabulary, size_t grownVocabulary);

  ModelProgram &base_, &grown_;
  std::vector<StreamPair> pairs_;
  uint64_t positions_ = 0, elements_ = 0, agreeing_ = 0, notFiniteBase_ = 0, notFiniteGrown_ = 0;
  double squares_ = 0, largest_ = 0, divergence_ = 0, lossBase_ = 0, lossGrown_ = 0;
  std::vector<double> residualSquares_, residualNorms_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_EVAL_COMPARE_H
