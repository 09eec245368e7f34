#include "runtime/growth/lineage.h"

#include "runtime/executable/derivation_pool.h"
#include "runtime/executable/executable.h"

#include <ctime>
#include <fmt/format.h>

namespace tritter {

static std::string text(const flatbuffers::String *string) { return string ? string->str() : std::string(); }

std::string nameOf(schema::Verdict verdict) {
  switch (verdict) {
  case schema::Verdict::Exact:
    return "exact";
  case schema::Verdict::Rounding:
    return "rounding";
  case schema::Verdict::NotPreserved:
    return "not-preserved";
  case schema::Verdict::None:
    break;
  }
  return "";
}

std::vector<std::string> grownAxes(const schema::GrowthT &growth) {
  std::vector<std::string> axes;
  for (const std::unique_ptr<schema::GrowthAxisT> &axis : growth.axes)
    if (axis->before != axis->after)
      axes.push_back(fmt::format("{} {} -> {}", axis->name, axis->before, axis->after));
  return axes;
}

/// A new schedule, but the tokens, the operations and the place in the data go on. What updates the optimizer's states
/// have seen stands with them.
static void beginSchedule(schema::TrainingStateT &state) {
  state.step = 0;
  state.schedule_steps = 0;
  state.flops_before += state.flops;
  state.flops = 0;
  state.best_loss = 0;
  state.executable.clear();
  state.config.clear();
}

static std::unique_ptr<schema::RecordT> recordOf(const CheckpointReader &base, const schema::Executable &executable,
                                                 uint64_t parameters) {
  const schema::Growth &growth = *executable.growth();
  auto record = std::make_unique<schema::RecordT>();
  record->kind = schema::RecordKind::Grow;
  record->parent = base.identity();
  record->time = uint64_t(std::time(nullptr));
  record->method = text(growth.method());
  record->pipeline = text(growth.pipeline());
  record->source_config = unpacked(growth.source_config());
  record->target_config = unpacked(growth.target_config());
  if (const schema::Proof *proof = growth.proof()) {
    record->verdict = nameOf(proof->verdict());
    record->bitwise = proof->bitwise();
    record->first_broken = text(proof->first_broken());
    record->relative_error = proof->relative_error();
  }
  record->parameters = parameters;
  if (growth.layers())
    for (const schema::LayerOrigin *layer : *growth.layers())
      if (layer->added())
        record->added_layers.push_back(text(layer->name()));
  record->growth.reset(executable.UnPack());
  return record;
}

schema::ManifestT grownManifest(const CheckpointReader &base, const schema::Executable &growth, uint64_t parameters) {
  schema::ManifestT manifest;
  base.manifest().UnPackTo(&manifest);
  manifest.model_ir = text(growth.model_ir());
  manifest.ir_version = growth.ir_version();
  manifest.model_name = text(growth.model_name());
  manifest.config = unpacked(growth.config());
  manifest.tensors.clear();
  manifest.metrics.clear();
  if (manifest.base_model_hash.empty())
    manifest.base_model_hash = base.identity();
  if (manifest.state)
    beginSchedule(*manifest.state);
  manifest.history.push_back(recordOf(base, growth, parameters));
  DerivationPool pool = DerivationPool::from(manifest.derivations.get());
  pool.adopt(*manifest.history.back()->growth);
  manifest.derivations = pool.take();
  return manifest;
}

flatbuffers::DetachedBuffer growthOf(const schema::Manifest &manifest, const schema::Record &record) {
  if (!record.growth())
    return {};
  schema::ExecutableT growth;
  record.growth()->UnPackTo(&growth);
  if (manifest.derivations())
    growth.derivations.reset(manifest.derivations()->UnPack());
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishExecutableBuffer(builder, schema::Executable::Pack(builder, &growth));
  return builder.Release();
}

} // namespace tritter
