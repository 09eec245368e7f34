// expand: grows a checkpoint's model into another checkpoint, and says what was proved of it.
#include "../checkpoint_text.h"
#include "../command.h"
#include "runtime/base/text.h"
#include "runtime/jobs/facts.h"
#include "runtime/jobs/grow.h"
#include "runtime/jobs/sources.h"

#include <fmt/ranges.h>
#include <fstream>

using namespace tritter;

namespace {

struct ExpandArguments {
  std::string base, checkpoint, method, strategy, moments = "reset-new", output, targetParameters, executable;
  uint64_t layers = 0;
  int64_t removalLayers = -1;
};

/// What a depth growth is to make.
struct DepthPlan {
  std::string strategy;
  uint64_t layers = 0;
};

} // namespace

static constexpr const char *strategies[] = {"solar", "llama-pro", "stack", "interpolate"};

static bool isStrategy(const std::string &name) {
  return std::find(std::begin(strategies), std::end(strategies), name) != std::end(strategies);
}

/// "7B", "350M" or a plain number.
static Result<double> parseCount(const std::string &text) {
  char *end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  std::string unit = end;
  double factor = unit.empty() ? 1 : unit == "k" || unit == "K" ? 1e3 : unit == "M" ? 1e6 : unit == "B" ? 1e9 : 0;
  if (end == text.c_str() || factor == 0 || !(number > 0))
    return error("--target-params {}: a number such as 350M or 7B was expected", text);
  return number * factor;
}

/// Whether a strategy makes `to` layers of `from`.
static bool reaches(const std::string &strategy, uint64_t from, uint64_t to) {
  if (to <= from)
    return false;
  if (strategy == "llama-pro")
    return from % (to - from) == 0;
  if (strategy == "solar")
    return to % 2 == 0 && to < 2 * from;
  return to % from == 0;
}

/// The layers, of those that the strategies make, with which the model comes nearest to a size.
static Result<uint64_t> layersFor(const CheckpointReader &base, uint64_t layers, const std::string &target,
                                  const std::vector<std::string> &candidates, Output &out) {
  TRITTER_ASSIGN(double wanted, parseCount(target));
  double all = 0, inLayers = 0;
  for (const schema::Tensor *tensor : *base.manifest().tensors()) {
    if (tensor->kind()->string_view() != "value")
      continue;
    double count = 1;
    for (uint64_t size : *tensor->shape())
      count *= static_cast<double>(size);
    all += count;
    if (tensor->name()->string_view().starts_with("layers."))
      inLayers += count;
  }
  double each = inLayers / static_cast<double>(layers);
  double fitting = (wanted - (all - inLayers)) / each;
  if (fitting < static_cast<double>(layers) + 0.5)
    return error("--target-params {}: the model has {} parameters already, and a layer {}", target, shortNumber(all),
                 shortNumber(each));
  uint64_t best = 0;
  for (uint64_t to = layers + 1; to <= 2 * static_cast<uint64_t>(fitting + 1) + layers; ++to) {
    bool reached = std::any_of(candidates.begin(), candidates.end(),
                               [&](const std::string &strategy) { return reaches(strategy, layers, to); });
    auto away = [&](uint64_t count) { return std::abs(static_cast<double>(count) - fitting); };
    if (reached && (best == 0 || away(to) < away(best)))
      best = to;
  }
  if (best == 0)
    return error("--target-params {}: {} makes no deeper model of {} layers", target, candidates.front(), layers);
  out.line("size", "{} layers, {} parameters: the nearest to {} that {}", best,
           shortNumber(all + each * static_cast<double>(best - layers)), target,
           candidates.size() > 1 ? "a strategy makes" : candidates.front() + " makes");
  return best;
}

static Result<DepthPlan> planDepth(const CheckpointReader &base, const ExpandArguments &arguments, Output &out) {
  std::string method = arguments.method;
  if (method == "dus" && !arguments.strategy.empty())
    method = arguments.strategy;
  if (method.empty())
    return error("--method is missing: solar, llama-pro, stack, interpolate, or dus, which picks one");
  if (method != "dus" && !isStrategy(method))
    return error("--method {}: solar, llama-pro, stack, interpolate or dus was expected", method);
  uint64_t before = modelConfig(base).layers;
  uint64_t layers = arguments.layers;
  if (!arguments.targetParameters.empty()) {
    if (layers)
      return error("--layers {} and --target-params {}: give one of them", layers, arguments.targetParameters);
    TRITTER_ASSIGN(layers, layersFor(base, before, arguments.targetParameters,
                                     method == "dus" ? std::vector<std::string>{"solar", "llama-pro", "stack"}
                                                     : std::vector<std::string>{method},
                                     out));
  }
  if (method != "dus")
    return DepthPlan{method, layers};
  if (layers == 0)
    return error("--layers N or --target-params N is missing: the size to grow to");
  // Depth up-scaling as its authors do it where it reaches the size; else what does.
  method = reaches("solar", before, layers) ? "solar" : reaches("stack", before, layers) ? "stack" : "llama-pro";
  out.line("method", "{}, which reaches {} layers from {}", method, layers, before);
  return DepthPlan{method, layers};
}

/// "0 1 2 [2*] 3 4 5 [5*]    * new copy: o_proj = 0, down_proj = 0".
static std::string describeLayers(const schema::Growth &growth) {
  std::string text, zeroed;
  if (!growth.layers())
    return text;
  for (const schema::LayerOrigin *layer : *growth.layers()) {
    std::string origin = layer->origin() ? layer->origin()->str() : "";
    if (origin.starts_with("layers."))
      origin.erase(0, 7);
    text += (text.empty() ? "" : " ") + (layer->added() ? fmt::format("[{}*]", origin) : origin);
    if (zeroed.empty() && layer->zeroed())
      for (const flatbuffers::String *name : *layer->zeroed())
        zeroed += fmt::format("{}{} = 0", zeroed.empty() ? ": " : ", ", name->string_view());
  }
  if (text.find('*') != std::string::npos)
    text += "    * new copy" + zeroed;
  return text;
}

/// The largest resident size that this process had, in bytes.
static double peakMemory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:"))
      return 1024 * std::strtod(line.c_str() + 6, nullptr);
  return 0;
}

static void report(const GrowResult &result, const ExpandArguments &arguments, Output &out) {
  const CheckpointReader &base = *result.base;
  const GrowReport &grown = result.report;
  const schema::Growth &record = *(*result.growth)->growth();
  out.line("base", "{}  sha256 {}", base.path(), shortIdentity(base.identity()));
  out.line("grow", "{}", describeLayers(record));
  double more = 100.0 * (static_cast<double>(grown.parameters) / static_cast<double>(grown.parametersBefore) - 1);
  out.line("params", "{} -> {} ({:+.1f}%)", grouped(grown.parametersBefore), grouped(grown.parameters), more);
  if (arguments.moments == "reset")
    out.line("moments", "reset");
  else if (grown.momentsCarried + grown.momentsReset == 0)
    out.line("moments", "none in the base");
  else
    out.line("moments", "carried for {} tensors; reset for {} {}", grown.momentsCarried, grown.momentsReset,
             grown.resets.empty() ? "new ones" : "others");
  if (!grown.resets.empty())
    out.warn(fmt::format("{} begin anew, such as {}", grown.resets.size(), grown.resets.front()));
  double proofSeconds = record.proof() ? record.proof()->seconds() : 0;
  out.line("proof", "{}",
           describeProof(grown.verdict, grown.bitwise, grown.relativeError, grown.firstBroken, grown.reason) +
               (grown.verdict.empty() ? "" : fmt::format(" ({:.0f} ms)", 1e3 * proofSeconds)));
  if (grown.verdict == "not-preserved")
    out.warn("the loss will jump; tritter-run verify shows how far");
  out.line("wrote", "{}  {}, {}, {} memory", arguments.output, shortBytes(static_cast<double>(grown.bytes)),
           shortTime(grown.seconds), shortBytes(peakMemory()));
  out.object["base"] = base.path();
  out.object["output"] = arguments.output;
  out.object["method"] = record.method() ? record.method()->str() : "";
  out.object["verdict"] = grown.verdict;
  out.object["bitwise"] = grown.bitwise;
  out.object["relative_error"] = grown.relativeError;
  out.object["first_broken"] = grown.firstBroken;
  out.object["reason"] = grown.reason;
  out.object["parameters_before"] = grown.parametersBefore;
  out.object["parameters"] = grown.parameters;
  out.object["bytes"] = grown.bytes;
  out.object["seconds"] = grown.seconds;
  out.object["proof_seconds"] = proofSeconds;
  out.object["peak_memory"] = peakMemory();
  out.object["identity"] = grown.identity;
}

static Result<ExitCode> runExpand(const ExpandArguments &arguments, Invocation &invocation) {
  GrowRequest request;
  request.base = arguments.checkpoint.empty() ? arguments.base : arguments.checkpoint;
  request.output = arguments.output;
  request.executable = arguments.executable;
  if (request.base.empty())
    return error("nothing to grow: name a checkpoint or a run");
  if (request.output.empty())
    return error("-o FILE is missing: the checkpoint to write");
  std::optional<MomentPolicy> moments = momentPolicyFromName(arguments.moments);
  if (!moments)
    return error("--moments {}: carry, reset or reset-new was expected", arguments.moments);
  request.moments = *moments;
  if (request.executable.empty()) {
    TRITTER_RETURN_IF_ERROR(refuseHuggingFace(request.base));
    TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> base, openCheckpoint(request.base));
    TRITTER_ASSIGN(DepthPlan plan, planDepth(*base, arguments, invocation.output));
    request.growth.set("method", plan.strategy);
    if (plan.layers)
      request.growth.set("layers", std::to_string(plan.layers));
    if (arguments.removalLayers >= 0)
      request.growth.set("removal-layers", std::to_string(arguments.removalLayers));
  }
  TRITTER_ASSIGN(GrowResult result, grow(request, *invocation.compiler));
  report(result, arguments, invocation.output);
  return 0;
}

void tritter::addExpand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("expand", "Grow a checkpoint into a larger model");
  auto arguments = std::make_shared<ExpandArguments>();
  command->add_option("base", arguments->base, "a checkpoint, or a run, meaning its last one");
  command->add_option("--checkpoint", arguments->checkpoint, "the same");
  command->add_option("--method", arguments->method, "solar, llama-pro, stack, interpolate; dus picks one");
  command->add_option("--strategy", arguments->strategy, "with --method dus: the strategy");
  command->add_option("--layers", arguments->layers, "layers of the grown model");
  command->add_option("--target-params", arguments->targetParameters, "in the place of --layers: a size, such as 7B");
  command->add_option("--removal-layers", arguments->removalLayers, "solar: layers taken off each copy at the seam")
      ->check(CLI::PositiveNumber);
  command->add_option("--moments", arguments->moments, "carry, reset, or reset-new: carried, but for new layers");
  command->add_option("--executable", arguments->executable, "a growth compiled elsewhere (.texe)");
  command->add_option("-o,--output", arguments->output, "the checkpoint to write");
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runExpand(*arguments, invocation); }; });
}
