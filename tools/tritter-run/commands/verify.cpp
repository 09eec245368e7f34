// verify: measures, on real weights, how far a grown model is from its base, and where it parted from it.
#include "../checkpoint_text.h"
#include "../command.h"
#include "../program_options.h"
#include "../sources.h"
#include "runtime/base/text.h"
#include "runtime/data/permutation.h"
#include "runtime/eval/compare.h"
#include "runtime/schema/executable_generated.h"

#include <map>

using namespace tritter;

namespace {

struct VerifyArguments {
  std::string base, grown, baseExecutable, grownExecutable;
  std::vector<std::string> data;
  int tokenBytes = 0;
  uint64_t windows = 64, seed = 1;
  double gate = 1e-6;
  ProgramRequest request{.batch = 1, .sequence = 256, .precision = "f32", .entry = "logits"};
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The name of each layer of the grown model, as "0-3", and the stream behind it.
struct Matching {
  Pairs pairs;
  std::vector<uint64_t> layers;
};

} // namespace

static uint64_t layerNumber(const flatbuffers::String *name) {
  std::string_view text = name ? name->string_view() : std::string_view();
  return text.starts_with("layers.") ? std::strtoull(std::string(text.substr(7)).c_str(), nullptr, 10) : 0;
}

/// Which stream of the base each layer of the grown model should reproduce: that behind the layer it came from. A layer
/// that an exact growth adds does nothing, and leaves its origin's. Models of equal depth are matched layer by layer.
static Matching match(const CheckpointReader &base, const CheckpointReader &grown) {
  Matching matching;
  auto add = [&](uint64_t from, uint64_t to) {
    matching.pairs.emplace_back(fmt::format("residual.{}", from + 1), fmt::format("residual.{}", to + 1));
    matching.layers.push_back(to);
  };
  uint64_t before = configNumber(base, "layers"), after = configNumber(grown, "layers");
  const schema::Record *record = lastGrowth(grown);
  if (record && record->growth() && before != after && text(record->parent()) == base.identity()) {
    flatbuffers::Verifier verifier(record->growth()->data(), record->growth()->size(), 128, 1u << 30);
    if (!schema::VerifyExecutableBuffer(verifier))
      return matching;
    const schema::Executable *growth = schema::GetExecutable(record->growth()->data());
    if (growth->growth() && growth->growth()->layers())
      for (const schema::LayerOrigin *layer : *growth->growth()->layers())
        add(layerNumber(layer->origin()), layerNumber(layer->name()));
  } else if (before == after) {
    for (uint64_t layer = 0; layer < after; ++layer)
      add(layer, layer);
  }
  return matching;
}

/// "0-3: 0 | 4: 0.38": equal neighbours in one.
static std::string describeLayers(const Matching &matching, const std::vector<double> &errors) {
  std::string line;
  for (size_t i = 0; i < errors.size();) {
    std::string value = fmt::format("{:.2g}", errors[i]);
    size_t end = i + 1;
    while (end < errors.size() && fmt::format("{:.2g}", errors[end]) == value)
      ++end;
    line += fmt::format("{}{}{}: {}", i ? " | " : "", matching.layers[i],
                        end - i > 1 ? fmt::format("-{}", matching.layers[end - 1]) : "", value);
    i = end;
  }
  return line;
}

static Result<ExitCode> runVerify(VerifyArguments arguments, Output &out) {
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> base, openCheckpoint(arguments.base));
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> grown, openCheckpoint(arguments.grown));
  const schema::Record *record = lastGrowth(*grown);
  std::string verdict = record ? text(record->verdict()) : "", broken = record ? text(record->first_broken()) : "";
  bool bitwise = record && record->bitwise();
  bool direct = record && text(record->parent()) == base->identity();
  out.line("proof", "{}{}", describeProof(verdict, bitwise, broken),
           record && !direct ? " (of the last growth, which did not start from this base)" : "");

  // The tokens: --data's validation file, else its training file, else random ones.
  TRITTER_ASSIGN(DataArguments data, openData(arguments.data, "", arguments.tokenBytes));
  std::shared_ptr<const TokenFile> file = data.validation;
  if (!file && !data.files.empty())
    file = data.files[0].tokens;
  ProgramRequest &request = arguments.request;
  request.executable = arguments.baseExecutable;
  TRITTER_ASSIGN(std::unique_ptr<LoadedModel> first, LoadedModel::load(base, request));
  request.executable = arguments.grownExecutable;
  TRITTER_ASSIGN(std::unique_ptr<LoadedModel> second, LoadedModel::load(grown, request));
  request.batch = first->program().batch();
  request.sequence = first->program().sequence();
  uint64_t vocabulary = first->vocabulary();
  if (vocabulary != second->vocabulary())
    return error("{} has {} tokens in its vocabulary, {} has {}: their logits cannot be compared", arguments.base,
                 grouped(vocabulary), arguments.grown, grouped(second->vocabulary()));

  std::optional<ValidationSet> set;
  uint64_t batches = std::max<uint64_t>(1, arguments.windows / request.batch);
  if (file) {
    TRITTER_ASSIGN(std::string hash, file->check(static_cast<uint32_t>(vocabulary)));
    TRITTER_ASSIGN(set, ValidationSet::create(file, request.batch, request.sequence, batches));
    batches = set->size();
  }
  Matching matching = match(*base, *grown);
  Comparer comparer(first->program(), second->program(), matching.pairs);
  std::vector<int32_t> tokens(request.batch * request.sequence), targets(tokens.size());
  for (uint64_t i = 0; i < batches; ++i) {
    if (set) {
      set->read(i, tokens, targets);
    } else {
      for (size_t at = 0; at < tokens.size(); ++at) {
        tokens[at] = static_cast<int32_t>(mixWords(arguments.seed, 2 * (i * tokens.size() + at)) % vocabulary);
        targets[at] = static_cast<int32_t>(mixWords(arguments.seed, 2 * (i * tokens.size() + at) + 1) % vocabulary);
      }
    }
    TRITTER_RETURN_IF_ERROR(comparer.add(tokens, targets));
  }
  Comparison result = comparer.result();
  // A NaN meets no gate.
  bool met = result.meanSquaredError < arguments.gate;

  out.line("logits", "mse {:.3g}  max {:.3g}  kl {:.3g}  top-1 agree {:.4g}%   ({}, {} positions of {})",
           result.meanSquaredError, result.largestDifference, result.divergence, 100 * result.agreement,
           request.precision, grouped(result.positions), file ? file->name() : "random tokens");
  out.line("loss", "{:.4f} -> {:.4f}", result.lossBase, result.lossGrown);
  if (!matching.pairs.empty() && result.largestDifference > 0)
    out.line("layer", "{}   (relative error of the residual stream)", describeLayers(matching, result.residualErrors));
  std::string method = record ? text(record->method()) : "";
  out.line("gate", "mse < {:g}   {}", arguments.gate,
           met                          ? "pass"
           : verdict == "not-preserved" ? fmt::format("NOT MET; {} does not promise it", method)
                                        : "NOT MET");
  out.object["base"] = base->path();
  out.object["grown"] = grown->path();
  out.object["method"] = method;
  out.object["verdict"] = verdict;
  out.object["bitwise"] = bitwise;
  out.object["first_broken"] = broken;
  out.object["mse"] = jsonNumber(result.meanSquaredError);
  out.object["max_abs"] = jsonNumber(result.largestDifference);
  out.object["kl"] = jsonNumber(result.divergence);
  out.object["top1_agreement"] = result.agreement;
  out.object["loss_base"] = jsonNumber(result.lossBase);
  out.object["loss_grown"] = jsonNumber(result.lossGrown);
  out.object["positions"] = result.positions;
  out.object["gate"] = arguments.gate;
  out.object["passed"] = met;
  out.object["parameters"] = countParameters(*grown);
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (size_t i = 0; i < result.residualErrors.size(); ++i)
    layers.push_back({{"layer", matching.layers[i]}, {"relative_error", jsonNumber(result.residualErrors[i])}});
  out.object["layers"] = layers;
  return met ? 0 : 2;
}

void tritter::addVerify(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("verify", "Measure what a growth preserved");
  auto arguments = std::make_shared<VerifyArguments>();
  command->add_option("base", arguments->base, "the checkpoint or run that was grown")->required();
  command->add_option("grown", arguments->grown, "what it was grown into")->required();
  command->add_option("--data", arguments->data, "token file, or a folder (its val.bin); random tokens without");
  command->add_option("--token-bytes", arguments->tokenBytes, "2 or 4 bytes a token in files without llm.c's header")
      ->check(CLI::IsMember({2, 4}));
  command->add_option("--windows", arguments->windows, "windows that are compared")->check(CLI::PositiveNumber);
  command->add_option("--seed", arguments->seed, "of the random tokens");
  command->add_option("--gate", arguments->gate, "largest mean squared error of the logits that passes")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--base-executable", arguments->baseExecutable, "a .texe with the entry logits, for the base");
  command->add_option("--grown-executable", arguments->grownExecutable, "the same for the grown model");
  addProgramOptions(*command, arguments->request);
  command->callback([=, &invocation] {
    invocation.run = [=, &invocation]() -> Result<ExitCode> {
      auto start = std::chrono::steady_clock::now();
      Result<ExitCode> code = runVerify(*arguments, invocation.output);
      if (code.ok()) {
        invocation.output.object["bytes"] =
            std::filesystem::file_size(invocation.output.object["grown"].get<std::string>());
        invocation.output.object["seconds"] =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      }
      return code;
    };
  });
}
