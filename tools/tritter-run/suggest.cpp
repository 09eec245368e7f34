#include "suggest.h"

#include "runtime/base/text.h"

#include <algorithm>
#include <map>

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

std::string tritter::suggest(const std::string &unknown, const std::vector<std::string> &known) {
  std::string wanted = unknown;
  std::replace(wanted.begin(), wanted.end(), '_', '-');
  auto has = [&](const std::string &name) { return std::find(known.begin(), known.end(), name) != known.end(); };
  if (has(wanted))
    return wanted;
  if (auto other = otherNames.find(wanted); other != otherNames.end() && has(other->second))
    return other->second;
  return nearestName(wanted, known);
}
