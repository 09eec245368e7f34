// diff: what a growth changed: the IR's diff, and which tensors were kept, copied, zeroed or made.
#include "../checkpoint_text.h"
#include "../command.h"
#include "../number_option.h"
#include "../line_diff.h"
#include "../model_text.h"
#include "runtime/base/text.h"
#include "runtime/jobs/facts.h"
#include "runtime/jobs/sources.h"
#include "runtime/schema/executable_generated.h"

#include <algorithm>
#include <map>
#include <set>

using namespace tritter;

namespace {

struct TensorChanges {
  uint64_t kept = 0, renamed = 0, copied = 0, zero = 0, changed = 0, gone = 0;
};

} // namespace

static std::string hashOf(const schema::Tensor &tensor) { return {tensor.hash()->begin(), tensor.hash()->end()}; }

static bool isZero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte(0); });
}

/// Tensors are recognised by their bytes, whatever they are called.
static TensorChanges compareTensors(const CheckpointReader &before, const CheckpointReader &after) {
  std::map<std::string, std::string> known;
  std::set<std::string> names, used;
  for (const schema::Tensor *tensor : *before.manifest().tensors())
    if (tensor->kind()->string_view() == "value") {
      known.emplace(hashOf(*tensor), tensor->name()->str());
      names.insert(tensor->name()->str());
    }
  TensorChanges changes;
  for (const schema::Tensor *tensor : *after.manifest().tensors()) {
    if (tensor->kind()->string_view() != "value")
      continue;
    std::string hash = hashOf(*tensor);
    const schema::Tensor *same = before.find(tensor->name()->string_view());
    auto found = known.find(hash);
    if (same && hashOf(*same) == hash) {
      ++(used.insert(hash).second ? changes.kept : changes.copied);
    } else if (found != known.end()) {
      bool first = used.insert(hash).second;
      ++(first ? changes.kept : changes.copied);
      changes.renamed += first;
    } else if (isZero(after.bytes(*tensor))) {
      ++changes.zero;
    } else {
      ++changes.changed;
    }
  }
  for (auto &[hash, name] : known)
    changes.gone += !used.contains(hash);
  return changes;
}

/// "depth 6 -> 8; hidden, heads, intermediate, vocab unchanged".
static std::string compareConfigs(const CheckpointReader &before, const CheckpointReader &after) {
  std::string changed, same;
  std::vector<ModelSize> a = modelSizes(modelConfig(before)), b = modelSizes(modelConfig(after));
  for (size_t i = 0; i < a.size(); ++i) {
    std::string name = a[i].name == "layers" ? "depth" : a[i].name == "kv_heads" ? "kv heads" : a[i].name;
    if (a[i].value == b[i].value)
      same += (same.empty() ? "" : ", ") + name;
    else
      changed += fmt::format("{}{} {} -> {}", changed.empty() ? "" : ", ", name, a[i].value, b[i].value);
  }
  return changed + (changed.empty() ? "" : "; ") + same + " unchanged";
}

static size_t countGrowths(const CheckpointReader &checkpoint) {
  const auto *history = checkpoint.manifest().history();
  return history
             ? std::count_if(history->begin(), history->end(),
                             [](const schema::Record *record) { return record->kind() == schema::RecordKind::Grow; })
             : 0;
}

/// What the last growth did to each layer.
static void describeLayers(const CheckpointReader &after, Output &out) {
  const schema::Record *record = lastGrowth(after);
  if (!record || !record->growth())
    return;
  const schema::Growth *growth = record->growth()->growth();
  if (!growth || !growth->layers())
    return;
  if (growth->axes())
    for (const schema::GrowthAxis *axis : *growth->axes())
      if (axis->before() != axis->after())
        out.print(fmt::format("~ {:<22} {} -> {}\n", text(axis->name()), axis->before(), axis->after()));
  if (growth->new_tensors())
    for (const flatbuffers::String *tensor : *growth->new_tensors())
      out.print(fmt::format("+ tritter.param \"{}\"   of nothing of the base's\n", tensor->string_view()));
  for (const schema::LayerOrigin *layer : *growth->layers()) {
    std::string name = text(layer->name()), origin = text(layer->origin()), zeroed;
    if (layer->zeroed())
      for (const flatbuffers::String *tensor : *layer->zeroed())
        zeroed += (zeroed.empty() ? "   " : ", ") + tensor->str();
    if (layer->added())
      out.print(fmt::format("+ tritter.layer \"{}\"   derives \"{}\"{}\n", name, origin,
                            zeroed.empty() ? "" : zeroed + " = zero"));
    else if (name != origin)
      out.print(fmt::format("= {:<22} was {}\n", name, origin));
  }
}

static Result<ExitCode> runDiff(const std::string &first, const std::string &second, size_t context, Output &out) {
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> before, openCheckpoint(first));
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> after, openCheckpoint(second));
  TensorChanges changes = compareTensors(*before, *after);
  out.line("config", "{}", compareConfigs(*before, *after));
  out.line("params", "{} -> {}", grouped(countParameters(*before)), grouped(countParameters(*after)));
  std::string tensors = fmt::format("{} kept ({} renamed), {} copied, {} zero", changes.kept, changes.renamed,
                                    changes.copied, changes.zero);
  if (changes.changed)
    tensors += fmt::format(", {} with other values", changes.changed);
  if (changes.gone)
    tensors += fmt::format(", {} of the first are gone", changes.gone);
  out.line("tensors", "{}", tensors);
  // A growth that both have behind them made none of the difference.
  if (countGrowths(*after) > countGrowths(*before))
    describeLayers(*after, out);
  std::vector<EditedLine> lines =
      diffLines(before->manifest().model_ir() ? before->manifest().model_ir()->string_view() : "",
                after->manifest().model_ir() ? after->manifest().model_ir()->string_view() : "");
  std::string diff = unifiedDiff(lines, context);
  out.print(diff.empty() ? "the IR is the same\n" : "\n" + diff);
  out.object["parameters_before"] = countParameters(*before);
  out.object["parameters"] = countParameters(*after);
  out.object["tensors"] = {{"kept", changes.kept}, {"renamed", changes.renamed}, {"copied", changes.copied},
                           {"zero", changes.zero}, {"changed", changes.changed}, {"gone", changes.gone}};
  out.object["ir_diff"] = diff;
  return 0;
}

void tritter::addDiff(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("diff", "Show what differs between two checkpoints' models");
  auto first = std::make_shared<std::string>(), second = std::make_shared<std::string>();
  auto context = std::make_shared<size_t>(2);
  command->add_option("before", *first, "a checkpoint or run")->required();
  command->add_option("after", *second, "another")->required();
  addNumber(*command, "--context", *context, "lines of the IR shown around each change");
  command->callback([=, &invocation] {
    invocation.run = [=, &invocation] { return runDiff(*first, *second, *context, invocation.output); };
  });
}
