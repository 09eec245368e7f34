#include "runtime/jobs/verify.h"

#include "runtime/base/text.h"
#include "runtime/data/permutation.h"
#include "runtime/jobs/facts.h"
#include "runtime/jobs/sources.h"
#include "runtime/schema/executable_generated.h"

#include <chrono>
#include <cmath>
#include <filesystem>

using namespace tritter;

namespace {

/// Residual streams to compare, and the layer of the grown model behind each.
struct Matching {
  std::vector<StreamPair> pairs;
  std::vector<uint64_t> layers;
};

} // namespace

/// The map of an axis of the last growth.
static Result<std::optional<AxisMap>> mapOf(const CheckpointReader &grown, const schema::GrowthAxis &axis) {
  const schema::Derivations *derivations = grown.manifest().derivations();
  if (!derivations || !derivations->maps() || axis.map() >= derivations->maps()->size())
    return error("the record of {}'s growth names a map that there is not; expand the base again", grown.path());
  TRITTER_ASSIGN(AxisMap map, AxisMap::read(*derivations->maps()->Get(axis.map())));
  return map.runs.empty() ? std::nullopt : std::optional(std::move(map));
}

/// Which stream of the base each layer of the grown model should reproduce, and by which map: what the growth's record
/// says. Models with no such growth between them are matched layer by layer where they are equally deep.
static Result<Matching> match(const CheckpointReader &base, const CheckpointReader &grown) {
  Matching matching;
  uint64_t before = modelConfig(base).layers, after = modelConfig(grown).layers;
  const schema::Record *record = lastGrowth(grown);
  if (record && record->growth() && text(record->parent()) == base.identity()) {
    const schema::Growth *growth = record->growth()->growth();
    uint32_t layers = growth && growth->layers() ? growth->layers()->size() : 0;
    for (uint32_t i = 0; i < layers; ++i) {
      const schema::LayerOrigin *layer = growth->layers()->Get(i);
      uint32_t axis = static_cast<uint32_t>(layer->stream_axis());
      if (layer->stream() < 0 || !growth->axes() || axis >= growth->axes()->size())
        continue;
      TRITTER_ASSIGN(std::optional<AxisMap> map, mapOf(grown, *growth->axes()->Get(axis)));
      matching.pairs.push_back(
          {fmt::format("residual.{}", layer->stream()), fmt::format("residual.{}", i + 1), std::move(map)});
      matching.layers.push_back(i);
    }
  } else if (before == after) {
    for (uint64_t layer = 0; layer < after; ++layer) {
      std::string stream = fmt::format("residual.{}", layer + 1);
      matching.pairs.push_back({stream, stream, {}});
      matching.layers.push_back(layer);
    }
  }
  return matching;
}

static std::optional<GrowthProof> proofOf(const CheckpointReader &base, const CheckpointReader &grown) {
  const schema::Record *record = lastGrowth(grown);
  if (!record)
    return std::nullopt;
  return GrowthProof{text(record->method()),   text(record->verdict()),      record->bitwise(),
                     record->relative_error(), text(record->first_broken()), text(record->parent()) == base.identity(),
                     stepsSinceGrowth(grown)};
}

Result<VerifyResult> tritter::verify(const VerifyRequest &request, Compiler &compiler) {
  auto start = std::chrono::steady_clock::now();
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> base, openCheckpoint(request.base));
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> grown, openCheckpoint(request.grown));
  VerifyResult result;
  result.base = base->path();
  result.grown = grown->path();
  result.proof = proofOf(*base, *grown);

  // The tokens: --data's validation file, else its training file, else random ones.
  TRITTER_ASSIGN(DataArguments data, openData(request.data, "", request.tokenBytes));
  ProgramRequest program = request.program;
  program.executable = request.baseExecutable;
  TRITTER_ASSIGN(std::unique_ptr<LoadedModel> first, LoadedModel::load(base, program, "logits", compiler));
  program.executable = request.grownExecutable;
  TRITTER_ASSIGN(std::unique_ptr<LoadedModel> second, LoadedModel::load(grown, program, "logits", compiler));
  uint64_t batch = first->program().batch(), sequence = first->program().sequence();
  uint64_t vocabulary = first->vocabulary();
  if (second->program().batch() != batch || second->program().sequence() != sequence)
    return error("{} is compiled for {} windows of {} tokens, {} for {} of {}: compile both alike", request.base, batch,
                 sequence, request.grown, second->program().batch(), second->program().sequence());
  if (vocabulary > second->vocabulary())
    return error("{} has {} tokens in its vocabulary, {} only {}: their logits cannot be compared", request.base,
                 grouped(vocabulary), request.grown, grouped(second->vocabulary()));

  TRITTER_RETURN_IF_ERROR(data.readFor(static_cast<uint32_t>(vocabulary)));
  result.layouts = data.layouts();
  std::shared_ptr<const TokenFile> file = data.validation;
  if (!file && !data.files.empty())
    file = data.files[0].tokens;
  std::optional<ValidationSet> set;
  uint64_t windows = request.windows;
  if (file) {
    TRITTER_ASSIGN(std::string hash, file->check(static_cast<uint32_t>(vocabulary)));
    TRITTER_ASSIGN(set, ValidationSet::create(file, batch, sequence, windows));
    windows = set->windows();
    result.tokens = file->name();
  }
  if (windows == 0)
    return error("--windows 0 means all windows of a file: name one with --data, or say how many random ones");
  TRITTER_ASSIGN(Matching matching, match(*base, *grown));
  Comparer comparer(first->program(), second->program(), matching.pairs);
  std::vector<int32_t> tokens, targets;
  for (uint64_t first = 0; first < windows; first += batch) {
    if (set) {
      set->read(first / batch, tokens, targets);
    } else {
      tokens.resize(std::min(batch, windows - first) * sequence);
      targets.resize(tokens.size());
      for (size_t at = 0; at < tokens.size(); ++at) {
        tokens[at] = static_cast<int32_t>(mixWords(request.seed, 2 * (first * sequence + at)) % vocabulary);
        targets[at] = static_cast<int32_t>(mixWords(request.seed, 2 * (first * sequence + at) + 1) % vocabulary);
      }
    }
    TRITTER_RETURN_IF_ERROR(comparer.add(tokens, targets));
  }
  result.comparison = comparer.result();
  result.notFiniteBase = findNotFinite(*base);
  result.notFiniteGrown = findNotFinite(*grown);
  if (std::string misfit = describeLongSequence(sequence, modelConfig(*base)); !misfit.empty())
    result.warnings.push_back(std::move(misfit));
  result.layers = matching.layers;
  result.precision = request.program.precision;
  result.parameters = countParameters(*grown);
  std::error_code ignored;
  result.bytes = std::filesystem::file_size(grown->path(), ignored);
  // A NaN is below nothing.
  result.passed = result.comparison.meanSquaredError < request.gate;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}
