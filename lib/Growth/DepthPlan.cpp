// Which layers a deeper model has, and what is said where there is none such.

#include "tritter/Growth/DepthPlan.h"

#include "dialects/Tritter/Shapes.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::tritter;

using Plan = SmallVector<PlannedLayer>;

ArrayRef<DepthStrategy> tritter::depthStrategies() {
  static const DepthStrategy strategies[] = {DepthStrategy::LlamaPro, DepthStrategy::Solar, DepthStrategy::Stack,
                                             DepthStrategy::Interpolate};
  return strategies;
}

StringRef tritter::stringifyDepthStrategy(DepthStrategy strategy) {
  switch (strategy) {
  case DepthStrategy::LlamaPro:
    return "llama-pro";
  case DepthStrategy::Solar:
    return "solar";
  case DepthStrategy::Stack:
    return "stack";
  case DepthStrategy::Interpolate:
    return "interpolate";
  }
  llvm_unreachable("not a strategy");
}

std::optional<DepthStrategy> tritter::symbolizeDepthStrategy(StringRef name) {
  for (DepthStrategy strategy : depthStrategies())
    if (stringifyDepthStrategy(strategy) == name)
      return strategy;
  return std::nullopt;
}

/// Whether the strategy, left to choose what else it takes, makes `to` layers of `from`.
static bool reaches(DepthStrategy strategy, int64_t from, int64_t to) {
  if (to <= from)
    return false;
  switch (strategy) {
  case DepthStrategy::LlamaPro:
    return from % (to - from) == 0;
  case DepthStrategy::Solar:
    return to % 2 == 0 && to < 2 * from;
  case DepthStrategy::Stack:
  case DepthStrategy::Interpolate:
    return to % from == 0;
  }
  llvm_unreachable("not a strategy");
}

/// "; for 7 use --method llama-pro", or nothing where no strategy makes that many.
static std::string alternatives(int64_t from, int64_t to) {
  SmallVector<StringRef> others;
  for (DepthStrategy strategy : depthStrategies())
    if (reaches(strategy, from, to))
      others.push_back(stringifyDepthStrategy(strategy));
  if (others.empty())
    return "";
  return llvm::formatv("; for {0} use --method {1}", to, llvm::join(others, " or ")).str();
}

/// The two sizes nearest to `to` that solar makes of `from`, with the removals that do.
static std::string solarNeighbours(int64_t from, int64_t to) {
  int64_t most = (from - 1) / 2; // removing more would make no deeper model
  if (most < 1)
    return "nothing deeper";
  int64_t removal = std::clamp<int64_t>(from - to / 2, 1, most);
  SmallVector<int64_t> removals = {removal};
  if (removal > 1)
    removals.push_back(removal - 1);
  else if (removal < most)
    removals.insert(removals.begin(), removal + 1);
  std::string text = llvm::formatv("{0} (--removal-layers {1})", 2 * (from - removals[0]), removals[0]).str();
  if (removals.size() > 1)
    text += llvm::formatv(" or {0} ({1})", 2 * (from - removals[1]), removals[1]).str();
  return text;
}

/// The multiples of `from` around `to`.
static std::string multiples(int64_t from, int64_t to) {
  int64_t below = std::max<int64_t>(2, to / from) * from;
  return llvm::formatv("{0} or {1}", below, below + from).str();
}

/// The sizes around `to` that llama-pro makes of `from`: an identity after every group of layers.
static std::string expansions(int64_t from, int64_t to) {
  int64_t below = 0, above = 0;
  for (int64_t groups = 1; groups <= from; ++groups) {
    if (from % groups)
      continue;
    if (from + groups < to)
      below = from + groups;
    else if (!above)
      above = from + groups;
  }
  if (below && above)
    return llvm::formatv("{0} or {1}", below, above).str();
  return std::to_string(below ? below : above);
}

static std::optional<Plan> planLlamaPro(int64_t from, int64_t to) {
  int64_t group = from / (to - from);
  Plan plan;
  for (int64_t layer = 0; layer < from; ++layer) {
    plan.push_back({layer, false, false});
    if ((layer + 1) % group == 0)
      plan.push_back({layer, true, true});
  }
  return plan;
}

std::optional<Plan> tritter::planDepth(DepthStrategy strategy, int64_t from, int64_t to, std::optional<int64_t> removal,
                                       std::string &error) {
  StringRef name = stringifyDepthStrategy(strategy);
  auto refuse = [&](std::string text) -> std::optional<Plan> {
    error = std::move(text);
    return std::nullopt;
  };
  if (from < 1)
    return refuse("the model has no layers to grow");
  if (removal && strategy != DepthStrategy::Solar)
    return refuse(llvm::formatv("{0} removes no layers: --removal-layers is for solar", name));
  if (removal && (*removal < 1 || *removal >= from))
    return refuse(llvm::formatv("solar removes at least 1 and fewer than all {0} layers, found --removal-layers {1}",
                                from, *removal));
  if (removal && to == 0)
    to = 2 * (from - *removal);
  if (to <= 0)
    return refuse(llvm::formatv("{0} needs to know how many layers to make: --layers N", name));
  if (to > maximumLayers)
    return refuse(llvm::formatv("{0} is asked for {1} layers, and a model has {2} at most", name, to, maximumLayers));
  if (to <= from)
    return refuse(
        llvm::formatv("{0} makes a deeper model: found --layers {1} for a model of {2} layers", name, to, from));

  if (!reaches(strategy, from, to)) {
    std::string others = alternatives(from, to);
    switch (strategy) {
    case DepthStrategy::LlamaPro:
      return refuse(llvm::formatv("llama-pro cannot make {0} layers of {1}: one new layer after every group of equal "
                                  "size gives {2}{3}",
                                  to, from, expansions(from, to), others));
    case DepthStrategy::Solar:
      return refuse(llvm::formatv("solar cannot make {0} layers of {1}: 2 x ({1} - removed) gives {2}{3}", to, from,
                                  solarNeighbours(from, to), others));
    case DepthStrategy::Stack:
    case DepthStrategy::Interpolate:
      return refuse(llvm::formatv("{0} cannot make {1} layers of {2}: whole copies give {3}{4}", name, to, from,
                                  multiples(from, to), others));
    }
  }
  if (removal && 2 * (from - *removal) != to)
    return refuse(
        llvm::formatv("solar makes {0} layers of {1} with --removal-layers {2}, not {3}: for {3} it takes {4}",
                      2 * (from - *removal), from, *removal, to, from - to / 2));
  if (strategy == DepthStrategy::LlamaPro)
    return planLlamaPro(from, to);

  Plan plan;
  std::vector<bool> used(from);
  for (int64_t layer = 0; layer < to; ++layer) {
    int64_t origin = 0;
    if (strategy == DepthStrategy::Solar)
      origin = layer < to / 2 ? layer : layer - to / 2 + (from - to / 2);
    else
      origin = strategy == DepthStrategy::Stack ? layer % from : layer / (to / from);
    plan.push_back({origin, used[origin], false});
    used[origin] = true;
  }
  return plan;
}
