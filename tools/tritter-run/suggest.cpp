#include "suggest.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

using namespace tritter;

/// What other trainers call our options.
static const std::map<std::string, std::string> otherNames = {{"learning-rate", "lr"},
                                                              {"max-lr", "lr"},
                                                              {"batch-size", "batch"},
                                                              {"micro-batch-size", "batch"},
                                                              {"seq-len", "seq"},
                                                              {"seq-length", "seq"},
                                                              {"sequence-length", "seq"},
                                                              {"context", "seq"},
                                                              {"block-size", "seq"},
                                                              {"max-steps", "steps"},
                                                              {"iterations", "steps"},
                                                              {"max-iters", "steps"},
                                                              {"num-steps", "steps"},
                                                              {"gradient-accumulation-steps", "accumulate"},
                                                              {"grad-accum", "accumulate"},
                                                              {"accumulation-steps", "accumulate"},
                                                              {"dtype", "precision"},
                                                              {"wd", "weight-decay"},
                                                              {"max-grad-norm", "clip"},
                                                              {"grad-clip", "clip"},
                                                              {"lr-scheduler-type", "schedule"},
                                                              {"lr-schedule", "schedule"},
                                                              {"warmup-steps", "warmup"},
                                                              {"warmup-iters", "warmup"},
                                                              {"eval-interval", "eval-every"},
                                                              {"eval-steps", "eval-every"},
                                                              {"save-steps", "save-every"},
                                                              {"save-total-limit", "keep"},
                                                              {"out", "output"},
                                                              {"output-dir", "output"},
                                                              {"out-dir", "output"},
                                                              {"validation", "val"},
                                                              {"val-data", "val"},
                                                              {"num-layers", "layers"},
                                                              {"n-layer", "layers"},
                                                              {"target-layers", "layers"},
                                                              {"top_k", "top-k"},
                                                              {"max-new-tokens", "tokens"},
                                                              {"max-tokens", "tokens"}};

static size_t distance(const std::string &a, const std::string &b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t next = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = std::exchange(row[j], next);
    }
  }
  return row.back();
}

std::string tritter::suggest(const std::string &unknown, const std::vector<std::string> &known) {
  std::string wanted = unknown;
  std::replace(wanted.begin(), wanted.end(), '_', '-');
  auto has = [&](const std::string &name) { return std::find(known.begin(), known.end(), name) != known.end(); };
  if (has(wanted))
    return wanted;
  if (auto other = otherNames.find(wanted); other != otherNames.end() && has(other->second))
    return other->second;
  std::string best;
  size_t nearest = std::max<size_t>(1, wanted.size() / 3) + 1;
  for (const std::string &name : known)
    if (size_t d = distance(wanted, name); d < nearest) {
      nearest = d;
      best = name;
    }
  return best;
}
