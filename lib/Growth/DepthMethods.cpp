// From a number of layers, or a number of parameters, to --tritter-depth-upscale.

#include "DepthMethods.h"
#include "dialects/Tritter/Shapes.h"
#include "tritter/Elaborate/Summary.h"
#include "tritter/Growth/DepthPlan.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace mlir::tritter;

namespace {

/// A model as far as depth goes: the elements that each layer has, and all others.
struct Depth {
  SmallVector<int64_t> layers;
  int64_t parameters = 0;

  explicit Depth(ModelOp model);
  int64_t count() const { return layers.size(); }
  /// Of the model that a plan makes.
  int64_t parametersOf(ArrayRef<PlannedLayer> plan) const;
};

struct Options {
  int64_t layers = 0, removal = 0;
  std::string target;
};

struct Candidate {
  DepthStrategy strategy = DepthStrategy::Solar;
  int64_t layers = 0, parameters = 0;
};

} // namespace

Depth::Depth(ModelOp model) {
  parameters = int64_t(summarise(model).parameters);
  for (LayerOp layer : model.getBody().getOps<LayerOp>()) {
    int64_t elements = 0;
    if (auto block = SymbolTable::lookupNearestSymbolFrom<BlockOp>(layer, layer.getBlockAttr()))
      block.walk([&](ParamOp param) { elements += cast<ShapedType>(param.getType()).getNumElements(); });
    layers.push_back(elements);
  }
}

int64_t Depth::parametersOf(ArrayRef<PlannedLayer> plan) const {
  int64_t result = parameters;
  for (int64_t elements : layers)
    result -= elements;
  for (const PlannedLayer &layer : plan)
    result += layers[layer.origin];
  return result;
}

/// 36.1 k, 6.74 B: three digits.
static std::string shortCount(double number) {
  for (auto [unit, name] : {std::pair(1e9, " B"), std::pair(1e6, " M"), std::pair(1e3, " k")})
    if (number >= unit) {
      double value = number / unit;
      return llvm::formatv(value >= 100 ? "{0:F0}{1}" : value >= 10 ? "{0:F1}{1}" : "{0:F2}{1}", value, name).str();
    }
  return llvm::formatv("{0:F0}", number).str();
}

/// "7B", "350M" or a plain number; nothing where the text is none.
static std::optional<double> parseCount(StringRef text) {
  double factor = 1;
  if (text.consume_back("k") || text.consume_back("K"))
    factor = 1e3;
  else if (text.consume_back("M"))
    factor = 1e6;
  else if (text.consume_back("B"))
    factor = 1e9;
  double number = 0;
  if (text.getAsDouble(number) || !(number > 0) || !std::isfinite(number))
    return std::nullopt;
  return number * factor;
}

static bool readNumber(const MethodOptions &options, StringRef name, int64_t &result, std::string &error) {
  auto found = options.find(name);
  if (found == options.end() || (!StringRef(found->second).getAsInteger(10, result) && result >= 1))
    return true;
  error = llvm::formatv("--{0} needs a whole number of at least 1, found '{1}'", name, found->second);
  return false;
}

static bool readOptions(const MethodOptions &options, Options &result, std::string &error) {
  result.target = options.lookup("target-params");
  if (!readNumber(options, "layers", result.layers, error) ||
      !readNumber(options, "removal-layers", result.removal, error))
    return false;
  if (result.layers && !result.target.empty())
    error = llvm::formatv("--layers {0} and --target-params {1}: give one of them", result.layers, result.target);
  return error.empty();
}

/// The depth, of those that the strategies make, with which the model comes nearest to a size.
static std::optional<Candidate> findSize(const Depth &depth, ArrayRef<DepthStrategy> strategies, const Options &options,
                                         std::string &error) {
  std::optional<double> wanted = parseCount(options.target);
  if (!wanted) {
    error = llvm::formatv("--target-params {0}: a number such as 350M or 7B was expected", options.target);
    return std::nullopt;
  }
  auto removal = options.removal ? std::optional(options.removal) : std::nullopt;
  std::optional<Candidate> best;
  auto away = [&](int64_t parameters) { return std::abs(double(parameters) - *wanted); };
  // Beyond this many layers the model is larger than asked for, whatever layers they are.
  int64_t smallest = std::max<int64_t>(1, *llvm::min_element(depth.layers));
  int64_t most = std::min<double>(depth.count() + 2 * *wanted / double(smallest) + 2, maximumLayers);
  for (int64_t layers = depth.count() + 1; layers <= most; ++layers)
    for (DepthStrategy strategy : strategies) {
      std::string ignored;
      auto plan = planDepth(strategy, depth.count(), layers, removal, ignored);
      if (!plan)
        continue;
      int64_t parameters = depth.parametersOf(*plan);
      if (!best || away(parameters) < away(best->parameters))
        best = Candidate{strategy, layers, parameters};
    }
  if (best && away(best->parameters) < away(depth.parameters)) {
    if (2 * double(best->parameters) >= *wanted)
      return best;
    error = llvm::formatv("--target-params {0}: depth alone gives {1} parameters at most, with {2} layers", options.target,
                          shortCount(best->parameters), best->layers);
    return std::nullopt;
  }
  if (*wanted < double(depth.parameters))
    error = llvm::formatv("--target-params {0}: the model has {1} parameters already", options.target,
                          shortCount(depth.parameters));
  else if (best)
    error =
        llvm::formatv("--target-params {0}: the model has {1} parameters already, and the next size, of {2} layers, "
                      "has {3}",
                      options.target, shortCount(depth.parameters), best->layers, shortCount(best->parameters));
  else
    error = llvm::formatv("--target-params {0}: {1} makes no deeper model of {2} layers", options.target,
                          stringifyDepthStrategy(strategies.front()), depth.count());
  return std::nullopt;
}

static std::optional<MethodPlan> planStrategy(DepthStrategy strategy, const Depth &depth, int64_t layers,
                                              int64_t removal, MethodPlan plan, std::string &error) {
  if (!planDepth(strategy, depth.count(), layers, removal ? std::optional(removal) : std::nullopt, error))
    return std::nullopt;
  plan.method = stringifyDepthStrategy(strategy).str();
  plan.pipeline = "tritter-depth-upscale{strategy=" + plan.method;
  if (layers)
    plan.pipeline += " layers=" + std::to_string(layers);
  if (removal)
    plan.pipeline += " removal-layers=" + std::to_string(removal);
  plan.pipeline += "}";
  return plan;
}

/// A note of the size that was chosen.
static void noteSize(const Candidate &size, const Options &options, StringRef who, MethodPlan &plan) {
  plan.notes.push_back({"size", llvm::formatv("{0} layers, {1} parameters: the nearest to {2} that {3} makes",
                                              size.layers, shortCount(size.parameters), options.target, who)});
}

static std::optional<MethodPlan> planNamed(const GrowthMethod &method, ModelOp base, const MethodOptions &given,
                                           std::string &error) {
  DepthStrategy strategy = *symbolizeDepthStrategy(method.name);
  Options options;
  if (!readOptions(given, options, error))
    return std::nullopt;
  Depth depth(base);
  MethodPlan plan;
  if (!options.target.empty() && depth.count() > 0) {
    std::optional<Candidate> size = findSize(depth, strategy, options, error);
    if (!size)
      return std::nullopt;
    options.layers = size->layers;
    noteSize(*size, options, method.name, plan);
  }
  return planStrategy(strategy, depth, options.layers, options.removal, std::move(plan), error);
}

/// Depth up-scaling as its authors do it where that reaches the size; else what does.
static std::optional<MethodPlan> planAny(const GrowthMethod &, ModelOp base, const MethodOptions &given,
                                         std::string &error) {
  if (auto named = given.find("strategy"); named != given.end()) {
    if (!symbolizeDepthStrategy(named->second)) {
      SmallVector<StringRef> names;
      for (DepthStrategy strategy : depthStrategies())
        names.push_back(stringifyDepthStrategy(strategy));
      error = llvm::formatv("--strategy {0}: {1} was expected", named->second, llvm::join(names, ", "));
      return std::nullopt;
    }
    MethodOptions rest = given;
    rest.erase("strategy");
    return planMethod(named->second, base, rest, error);
  }
  Options options;
  if (!readOptions(given, options, error))
    return std::nullopt;
  Depth depth(base);
  const DepthStrategy preferred[] = {DepthStrategy::Solar, DepthStrategy::Stack, DepthStrategy::LlamaPro};
  MethodPlan plan;
  if (!options.target.empty() && depth.count() > 0) {
    std::optional<Candidate> size = findSize(depth, preferred, options, error);
    if (!size)
      return std::nullopt;
    options.layers = size->layers;
    noteSize(*size, options, "a strategy", plan);
  }
  if (options.layers == 0) {
    error = "--layers N or --target-params SIZE is missing: the size to grow to";
    return std::nullopt;
  }
  std::string ignored;
  const auto *picked = llvm::find_if(preferred, [&](DepthStrategy strategy) {
    return planDepth(strategy, depth.count(), options.layers, std::nullopt, ignored).has_value();
  });
  // None does: the last one says what there is.
  DepthStrategy strategy = picked == std::end(preferred) ? DepthStrategy::LlamaPro : *picked;
  plan.notes.push_back({"method", llvm::formatv("{0}, which reaches {1} layers from {2}",
                                                stringifyDepthStrategy(strategy), options.layers, depth.count())});
  return planStrategy(strategy, depth, options.layers, options.removal, std::move(plan), error);
}

std::vector<GrowthMethod> mlir::tritter::depthMethods() {
  return {
      {"solar",
       "the first and the last n - m layers (Kim et al., 2023)",
       {"layers", "removal-layers", "target-params"},
       planNamed},
      {"llama-pro",
       "new copies that change nothing, one after each group of layers (Wu et al., 2024)",
       {"layers", "target-params"},
       planNamed},
      {"stack", "all layers, over and over (Du et al., 2024)", {"layers", "target-params"}, planNamed},
      {"interpolate", "each layer, some times in a row", {"layers", "target-params"}, planNamed},
      {"dus",
       "depth up-scaling by whichever of solar, stack and llama-pro reaches the size",
       {"layers", "target-params", "strategy", "removal-layers"},
       planAny},
  };
}
