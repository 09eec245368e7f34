// expand: grows a checkpoint's model into another checkpoint, and says what was proved of it.
#include "../checkpoint_text.h"
#include "../command.h"
#include "runtime/base/text.h"
#include "runtime/growth/lineage.h"
#include "runtime/jobs/facts.h"
#include "runtime/jobs/grow.h"
#include "runtime/jobs/memory.h"

#include <fmt/ranges.h>

using namespace tritter;

namespace {

struct ExpandArguments {
  std::string checkpoint, moments = "reset-new", output, executable;
  bool force = false;
  /// The base, and what tritter-compile is told of the growth: what is none of the options above.
  std::vector<std::string> others;
};

} // namespace

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

static void report(const GrowResult &result, const ExpandArguments &arguments, Output &out) {
  const CheckpointReader &base = *result.base;
  const GrowReport &grown = result.report;
  const schema::Growth &record = *(*result.growth)->growth();
  out.line("base", "{}  sha256 {}", base.path(), shortIdentity(base.identity()));
  if (record.notes())
    for (const schema::GrowthNote *note : *record.notes())
      out.line(text(note->label()).c_str(), "{}", text(note->text()));
  out.line("grow", "{}", describeLayers(record));
  if (auto axes = grownAxes(*std::unique_ptr<schema::GrowthT>(record.UnPack())); !axes.empty())
    out.line("axes", "{}", fmt::join(axes, ", "));
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
  if (!result.notFinite.empty())
    out.warn(fmt::format("{}: {}; the proof is of finite values", base.path(), describe(result.notFinite)));
  if (grown.verdict == "not-preserved")
    out.warn("the loss will jump; tritter-run verify shows how far");
  out.line("wrote", "{}  {}, {}, {} memory", arguments.output, shortBytes(static_cast<double>(grown.bytes)),
           shortTime(grown.seconds), shortBytes(static_cast<double>(peakMemory())));
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
  out.object["not_finite"] = namesOf(result.notFinite);
  out.object["identity"] = grown.identity;
}

/// Tells the base from options: each is `--name value` or `--name=value`.
static Status readOthers(const ExpandArguments &arguments, GrowRequest &request) {
  request.base = arguments.checkpoint;
  for (size_t i = 0; i < arguments.others.size(); ++i) {
    const std::string &word = arguments.others[i];
    if (!word.starts_with("--")) {
      if (!request.base.empty())
        return error("expand takes one base, found {} and {}", request.base, word);
      request.base = word;
      continue;
    }
    std::string name = word.substr(2);
    if (size_t equals = name.find('='); equals != std::string::npos)
      request.growth.set(name.substr(0, equals), name.substr(equals + 1));
    else if (i + 1 < arguments.others.size())
      request.growth.set(name, arguments.others[++i]);
    else
      return error("{} needs a value", word);
  }
  return {};
}

static Result<ExitCode> runExpand(const ExpandArguments &arguments, Invocation &invocation) {
  GrowRequest request;
  TRITTER_RETURN_IF_ERROR(readOthers(arguments, request));
  request.output = arguments.output;
  request.executable = arguments.executable;
  request.force = arguments.force;
  if (request.base.empty())
    return error("nothing to grow: name a checkpoint or a run");
  if (request.output.empty())
    return error("-o FILE is missing: the checkpoint to write");
  std::optional<MomentPolicy> moments = momentPolicyFromName(arguments.moments);
  if (!moments)
    return error("--moments {}: carry, reset or reset-new was expected", arguments.moments);
  request.moments = *moments;
  TRITTER_ASSIGN(GrowResult result, grow(request, *invocation.compiler));
  report(result, arguments, invocation.output);
  return 0;
}

/// What the compiler says that there is; without a compiler there is nothing to say.
static std::string describeGrowths(Compiler &compiler) {
  Result<std::string> methods = compiler.describeGrowths();
  return R"(
tritter-run expand BASE ... -o FILE: BASE is a checkpoint, or a run, meaning its last one. What to grow it into is said in
one of these ways:
  --method NAME [OPTIONS]     a method
  --pipeline PASSES           compiler passes, such as "tritter-depth-upscale{strategy=stack layers=8}"
  --growth FILE.mlir          a file with the base's model and one whose parameters derive from it
)" + (methods.ok() ? *methods : "");
}

void tritter::addExpand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("expand", "Grow a checkpoint into a larger model");
  auto arguments = std::make_shared<ExpandArguments>();
  command->add_option("--checkpoint", arguments->checkpoint, "the base, in another way to say it");
  command->add_option("--moments", arguments->moments, "carry, reset, or reset-new: carried, but for what is new");
  command->add_option("--executable", arguments->executable, "a growth compiled elsewhere (.texe)");
  command->add_option("-o,--output", arguments->output, "the checkpoint to write");
  command->add_flag("--force", arguments->force, "replace what is there under the name of the output");
  command->footer([&invocation] { return describeGrowths(*invocation.compiler); });
  // The methods and their options are the compiler's to know.
  command->allow_extras();
  command->callback([=, &invocation] {
    arguments->others = command->remaining();
    invocation.run = [=, &invocation] { return runExpand(*arguments, invocation); };
  });
}
