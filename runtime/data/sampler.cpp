#include "runtime/data/sampler.h"

#include "runtime/base/text.h"
#include "runtime/data/permutation.h"

#include <algorithm>
#include <cmath>

using namespace tritter;

/// Windows after which every weighted source has had exactly its share.
static constexpr uint64_t period = 1000;

static Result<uint64_t> countWindows(const TokenFile &file, uint64_t sequence) {
  if (file.size() < sequence + 1)
    return error("{}: {} tokens are less than one window of {} and its last target; take a smaller --seq or more text",
                 file.name(), grouped(file.size()), grouped(sequence));
  return (file.size() - 1) / sequence;
}

Result<Sampler> Sampler::create(std::vector<DataFile> files, const SamplerOptions &options) {
  if (files.empty())
    return error("no training data: --data FILE names a token file, or a folder with a train.bin");
  Sampler sampler;
  sampler.options_ = options;
  std::vector<double> weights;
  Source rest;
  rest.firstWindow.push_back(0);
  for (DataFile &file : files) {
    TRITTER_ASSIGN(uint64_t windows, countWindows(*file.tokens, options.sequence));
    sampler.epochWindows_ += windows;
    if (!file.weight) {
      rest.files.push_back(std::move(file.tokens));
      rest.windows += windows;
      rest.firstWindow.push_back(rest.windows);
      continue;
    }
    if (!(*file.weight > 0 && *file.weight <= 1))
      return error("--data {}={}: a weight is a share of what is read, above 0 and at most 1", file.tokens->path(),
                   *file.weight);
    weights.push_back(*file.weight);
    sampler.sources_.push_back({{std::move(file.tokens)}, {0, windows}, windows, 0, 0});
  }
  if (!rest.files.empty())
    sampler.sources_.push_back(std::move(rest));
  if (options.order == Order::Sequential) {
    if (!weights.empty())
      return error("--order sequential reads the files as they stand: leave the weights of --data out");
    // A batch never straddles the end: what is left after the last whole one is skipped.
    sampler.epochWindows_ -= sampler.epochWindows_ % options.batch;
  }
  if (sampler.epochWindows_ == 0)
    return error("the data has fewer windows of {} tokens than a batch of {}: take a smaller --batch or --seq",
                 grouped(options.sequence), options.batch);
  TRITTER_RETURN_IF_ERROR(sampler.share(weights));
  return sampler;
}

Status Sampler::share(const std::vector<double> &weights) {
  double sum = 0;
  uint64_t given = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    sum += weights[i];
    sources_[i].share = std::max<uint64_t>(1, std::llround(weights[i] * period));
    given += sources_[i].share;
  }
  bool hasRest = sources_.size() > weights.size();
  if (hasRest ? given >= period : !weights.empty() && given != period)
    return error("the weights of --data add up to {}; they are shares: {}", sum,
                 hasRest ? "leave something for the files without one" : "all files having one, they must add up to 1");
  if (hasRest)
    sources_.back().share = period - given;
  for (size_t i = 1; i < sources_.size(); ++i)
    sources_[i].firstShare = sources_[i - 1].firstShare + sources_[i - 1].share;
  return {};
}

Sampler::Window Sampler::window(uint64_t number) const {
  if (sources_.size() == 1)
    return windowOf(0, number);
  uint64_t round = number / period;
  uint64_t place = Permutation(period, mixWords(mixWords(options_.seed, 1), round))(number % period);
  size_t source = sources_.size() - 1;
  while (sources_[source].firstShare > place)
    --source;
  return windowOf(source, round * sources_[source].share + place - sources_[source].firstShare);
}

Sampler::Window Sampler::windowOf(size_t index, uint64_t number) const {
  const Source &source = sources_[index];
  uint64_t place;
  if (options_.order == Order::Sequential) {
    place = number % epochWindows_;
  } else {
    uint64_t key = mixWords(mixWords(options_.seed, 2 + index), number / source.windows);
    place = Permutation(source.windows, key)(number % source.windows);
  }
  size_t file =
      std::upper_bound(source.firstWindow.begin(), source.firstWindow.end(), place) - source.firstWindow.begin() - 1;
  return {source.files[file].get(), (place - source.firstWindow[file]) * options_.sequence};
}

void Sampler::next(std::span<int32_t> tokens, std::span<int32_t> targets) {
  last_.clear();
  std::vector<int32_t> row(options_.sequence + 1);
  for (uint64_t b = 0; b < options_.batch; ++b) {
    Window next = window(position_.epoch * epochWindows_ + position_.window);
    last_.push_back(next);
    next.file->read(next.begin, row);
    std::copy(row.begin(), row.end() - 1, tokens.begin() + b * options_.sequence);
    std::copy(row.begin() + 1, row.end(), targets.begin() + b * options_.sequence);
    if (++position_.window == epochWindows_)
      position_ = {position_.epoch + 1, 0};
  }
}

void Sampler::seek(DataPosition position) {
  // A position of other data may lie past the end of an epoch of this one.
  position_ = {position.epoch + position.window / epochWindows_, position.window % epochWindows_};
}

uint64_t Sampler::tokens() const {
  uint64_t sum = 0;
  for (const Source &source : sources_)
    for (const auto &file : source.files)
      sum += file->size();
  return sum;
}

std::vector<std::shared_ptr<const TokenFile>> Sampler::files() const {
  std::vector<std::shared_ptr<const TokenFile>> files;
  for (const Source &source : sources_)
    files.insert(files.end(), source.files.begin(), source.files.end());
  return files;
}

std::string Sampler::lastBatch() const {
  std::string text;
  for (size_t i = 0; i < last_.size();) {
    size_t end = i + 1;
    while (end < last_.size() && last_[end].file == last_[i].file &&
           last_[end].begin == last_[end - 1].begin + options_.sequence)
      ++end;
    text += i ? ", " : fmt::format("{}, tokens ", last_[i].file->name());
    if (i && last_[i].file != last_[i - 1].file)
      text += last_[i].file->name() + " ";
    text += fmt::format("{}-{}", grouped(last_[i].begin), grouped(last_[end - 1].begin + options_.sequence - 1));
    i = end;
    if (i < last_.size() && i >= 4) {
      text += fmt::format(" and {} more", last_.size() - i);
      break;
    }
  }
  return text;
}

Result<ValidationSet> ValidationSet::create(std::shared_ptr<const TokenFile> tokens, uint64_t batch, uint64_t sequence,
                                            uint64_t windows) {
  TRITTER_ASSIGN(uint64_t all, countWindows(*tokens, sequence));
  ValidationSet set;
  set.tokens_ = std::move(tokens);
  set.batch_ = batch;
  set.sequence_ = sequence;
  set.windows_ = windows ? std::min(windows, all) : all;
  return set;
}

void ValidationSet::read(uint64_t index, std::vector<int32_t> &tokens, std::vector<int32_t> &targets) const {
  uint64_t first = index * batch_, count = std::min(batch_, windows_ - first) * sequence_;
  tokens.resize(count);
  targets.resize(count);
  tokens_->read(first * sequence_, tokens);
  tokens_->read(first * sequence_ + 1, targets);
}
