#include "runtime/eval/generate.h"

#include "runtime/data/permutation.h"
#include "runtime/train/convert.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace tritter;

double TokenSampler::uniform() {
  return static_cast<double>(mixWords(state_, draws_++) >> 11) / static_cast<double>(uint64_t(1) << 53);
}

int32_t TokenSampler::next(std::span<const float> logits) {
  auto most = std::max_element(logits.begin(), logits.end());
  if (options_.temperature <= 0)
    return static_cast<int32_t>(most - logits.begin());
  std::vector<int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return logits[a] > logits[b]; });
  if (options_.topK && options_.topK < order.size())
    order.resize(options_.topK);
  std::vector<double> weights;
  double sum = 0;
  for (int32_t id : order) {
    weights.push_back(std::exp((logits[id] - *most) / options_.temperature));
    sum += weights.back();
  }
  double kept = 0;
  size_t count = 0;
  while (count < weights.size() && (count == 0 || kept < options_.topP * sum))
    kept += weights[count++];
  double draw = uniform() * kept;
  for (size_t i = 0; i < count; ++i)
    if ((draw -= weights[i]) < 0)
      return order[i];
  return order[count - 1];
}

Status tritter::generate(ModelProgram &program, std::vector<int32_t> tokens, uint64_t count, TokenSampler &sampler,
                         const std::function<bool(int32_t)> &emit) {
  const schema::Binding *logits = program.executable().binding("logits");
  if (!logits || program.batch() != 1)
    return error("generating needs a program of batch 1 with the entry `logits`");
  uint64_t window = program.sequence();
  size_t vocabulary = logits->shape()->Get(logits->shape()->size() - 1);
  schema::DType type = logits->location()->dtype();
  std::vector<std::byte> raw(vocabulary * sizeOf(type));
  std::vector<float> row(vocabulary);
  for (uint64_t i = 0; i < count; ++i) {
    if (tokens.size() > window)
      tokens.erase(tokens.begin(), tokens.end() - static_cast<int64_t>(std::max<uint64_t>(1, window / 2)));
    // What stands behind the last token does not reach it: attention is causal.
    std::vector<int32_t> input = tokens;
    input.resize(window, 0);
    TRITTER_RETURN_IF_ERROR(program.writeBatch(input, {}));
    TRITTER_RETURN_IF_ERROR(program.run("logits"));
    TRITTER_RETURN_IF_ERROR(program.session().read(*logits->location(), raw, (tokens.size() - 1) * raw.size()));
    convert(raw, type, std::as_writable_bytes(std::span(row)), schema::DType::F32);
    if (std::none_of(row.begin(), row.end(), [](float x) { return std::isfinite(x); }) ||
        std::any_of(row.begin(), row.end(), [](float x) { return std::isnan(x); }))
      return error("what the model says of token {} is no number: there is nothing to choose from", i + 1);
    tokens.push_back(sampler.next(row));
    if (!emit(tokens.back()))
      return {};
  }
  return {};
}
