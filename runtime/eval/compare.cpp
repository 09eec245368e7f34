#include "runtime/eval/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace tritter;

Comparer::Comparer(ModelProgram &base, ModelProgram &grown, std::vector<StreamPair> pairs)
    : base_(base), grown_(grown), pairs_(std::move(pairs)), residualSquares_(pairs_.size()),
      residualNorms_(pairs_.size()) {}

Status Comparer::add(std::span<const int32_t> tokens, std::span<const int32_t> targets) {
  for (ModelProgram *program : {&base_, &grown_}) {
    TRITTER_RETURN_IF_ERROR(program->writeBatch(tokens, targets));
    TRITTER_RETURN_IF_ERROR(program->run("logits"));
  }
  TRITTER_ASSIGN(std::vector<float> base, base_.readFloats("logits"));
  TRITTER_ASSIGN(std::vector<float> grown, grown_.readFloats("logits"));
  size_t rows = base_.batch() * base_.sequence();
  if (base.size() > grown.size() || grown.size() % rows != 0)
    return error("the vocabularies cannot be compared: {} and {} logits a batch", base.size(), grown.size());
  addLogits(base, grown, targets, base.size() / rows, grown.size() / rows);
  for (size_t i = 0; i < pairs_.size(); ++i)
    TRITTER_RETURN_IF_ERROR(addStream(i, targets.size()));
  return {};
}

Status Comparer::addStream(size_t index, size_t positions) {
  const StreamPair &pair = pairs_[index];
  TRITTER_ASSIGN(std::vector<float> base, base_.readFloats(pair.base));
  TRITTER_ASSIGN(std::vector<float> grown, grown_.readFloats(pair.grown));
  size_t rows = base_.batch() * base_.sequence(), width = base.size() / rows, grownWidth = grown.size() / rows;
  AxisMap map = pair.map ? *pair.map : AxisMap::identityOf(width);
  if (map.length != grownWidth || map.extent > width)
    return error("the growth's record does not fit the models' residual streams, of {} and {} coordinates", width,
                 grownWidth);
  for (size_t row = 0; row < positions; ++row) {
    std::span<const float> from(base.data() + row * width, width), to(grown.data() + row * grownWidth, grownWidth);
    double mean = map.hasMean ? std::accumulate(from.begin(), from.end(), 0.0) / static_cast<double>(width) : 0;
    for (const MapRun &run : map.runs) {
      double factor = run.kind == MapRun::Kind::Zero ? 0 : map.factors[run.coefficient];
      for (uint64_t j = 0; j < run.length; ++j) {
        double read = run.kind == MapRun::Kind::Copy ? from[run.first + static_cast<int64_t>(j) * run.step] : mean;
        double expected = factor * read, difference = to[run.begin + j] - expected;
        residualSquares_[index] += difference * difference;
        residualNorms_[index] += expected * expected;
      }
    }
  }
  return {};
}

/// log of the sum of exp.
static double logSum(std::span<const float> row) {
  double largest = *std::max_element(row.begin(), row.end()), sum = 0;
  for (float value : row)
    sum += std::exp(value - largest);
  return largest + std::log(sum);
}

/// Whether a position's logits say something: minus infinity is a token that cannot be, and not all of them are that.
static bool areLogits(std::span<const float> row) {
  return std::none_of(row.begin(), row.end(), [](float x) { return std::isnan(x) || x == HUGE_VALF; }) &&
         std::any_of(row.begin(), row.end(), [](float x) { return x != -HUGE_VALF; });
}

void Comparer::addLogits(std::span<const float> base, std::span<const float> grown, std::span<const int32_t> targets,
                         size_t vocabulary, size_t grownVocabulary) {
  double squares = 0, largest = 0, divergence = 0, lossBase = 0, lossGrown = 0;
  uint64_t agreeing = 0, notFiniteBase = 0, notFiniteGrown = 0;
#pragma omp parallel for reduction(+ : squares, divergence, lossBase, lossGrown, agreeing, notFiniteBase,              \
                                       notFiniteGrown) reduction(max : largest)
  for (size_t position = 0; position < targets.size(); ++position) {
    std::span<const float> p = base.subspan(position * vocabulary, vocabulary);
    std::span<const float> q = grown.subspan(position * grownVocabulary, grownVocabulary);
    bool isBase = areLogits(p), isGrown = areLogits(q);
    notFiniteBase += !isBase;
    notFiniteGrown += !isGrown;
    if (!isBase || !isGrown)
      continue;
    double sumP = logSum(p), sumQ = logSum(q);
    for (size_t i = 0; i < vocabulary; ++i) {
      double difference = q[i] == p[i] ? 0 : static_cast<double>(q[i]) - p[i];
      squares += difference * difference;
      largest = std::max(largest, std::abs(difference));
      if (p[i] != -HUGE_VALF)
        divergence += std::exp(p[i] - sumP) * ((p[i] - sumP) - (q[i] - sumQ));
    }
    // A token that the base has not must be one that cannot be.
    for (float more : q.subspan(vocabulary))
      if (more != -HUGE_VALF)
        squares = largest = std::numeric_limits<double>::infinity();
    agreeing += std::max_element(p.begin(), p.end()) - p.begin() == std::max_element(q.begin(), q.end()) - q.begin();
    lossBase += sumP - p[targets[position]];
    lossGrown += sumQ - q[targets[position]];
  }
  positions_ += targets.size();
  elements_ += targets.size() * vocabulary;
  squares_ += squares;
  largest_ = std::max(largest_, largest);
  divergence_ += divergence;
  lossBase_ += lossBase;
  lossGrown_ += lossGrown;
  agreeing_ += agreeing;
  notFiniteBase_ += notFiniteBase;
  notFiniteGrown_ += notFiniteGrown;
}

Comparison Comparer::result() const {
  Comparison result;
  result.positions = positions_;
  result.notFiniteBase = notFiniteBase_;
  result.notFiniteGrown = notFiniteGrown_;
  // A mean over what is no number is none either, and neither is one over nothing.
  bool measured = positions_ > 0 && notFiniteBase_ + notFiniteGrown_ == 0;
  double nothing = std::numeric_limits<double>::quiet_NaN();
  auto mean = [&](double sum, uint64_t count) { return measured ? sum / static_cast<double>(count) : nothing; };
  result.meanSquaredError = mean(squares_, elements_);
  result.largestDifference = measured ? largest_ : nothing;
  result.divergence = mean(divergence_, positions_);
  result.agreement = mean(static_cast<double>(agreeing_), positions_);
  result.lossBase = mean(lossBase_, positions_);
  result.lossGrown = mean(lossGrown_, positions_);
  for (size_t i = 0; i < pairs_.size(); ++i)
    result.residualErrors.push_back(residualNorms_[i] > 0 ? std::sqrt(residualSquares_[i] / residualNorms_[i])
                                                          : residualSquares_[i]);
  return result;
}
